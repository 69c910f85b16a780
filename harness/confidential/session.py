"""An attested enclave, and one exchange with it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from harness.confidential import ecies, errors
from harness.confidential.claims import Claims
from harness.confidential.errors import EncryptionRefused, VerificationError
from harness.confidential.fields import decrypt_reply, encrypt_request
from harness.confidential.reply import digest, read_signature
from harness.protocol.addresses import Address
from harness.protocol.json_text import parse_json

Json = dict[str, Any]

ALGORITHM, VERSION = "ecdsa", "2"


@dataclass(frozen=True)
class Enclave:
    """A key that lives in an attested enclave, and what was checked about it."""

    model: str  # as it was asked for
    signing_address: Address
    public_key: bytes  # 65 bytes, uncompressed
    claims: Claims
    reported_model: str = ""  # the provider's own name for it, which its signatures carry

    def encrypt_messages(self, body: Json) -> tuple[Json, dict[str, str], Session]:
        """The body to send, the headers beside it, and the session that reads the answer.

        All that carries words is encrypted, or EncryptionRefused is raised and nothing may be sent. The
        body asks for a buffered reply, whatever `stream` said.
        """
        key = ecies.generate_key()
        changed, extended = encrypt_request(body, lambda text: ecies.encrypt(text, self.public_key))
        session = Session(self, key, changed)
        headers = {
            "X-Signing-Algo": ALGORITHM,
            "X-Client-Pub-Key": ecies.public_bytes(key)[1:].hex(),
            "X-Encryption-Version": VERSION,
            "X-Model-Pub-Key": self.public_key[
                1:
            ].hex(),  # gateways route to the enclave that holds it
        }
        if extended:
            headers["X-Encrypt-All-Fields"] = "true"
        return changed, headers, session


class Session:
    """One request, encrypted, and its reply: the signature first, then the words."""

    def __init__(self, enclave: Enclave, key: ecies.PrivateKey, body: Json) -> None:
        self.enclave = enclave
        self._key = key
        self._body = body
        self.request_bytes = wire_bytes(body)

    def open(
        self, signature: Any, response_bytes: bytes, request_bytes: bytes | None = None
    ) -> Json:
        """Verify, then decrypt exactly what was verified. VerificationError when either fails."""
        sent = self.request_bytes if request_bytes is None else request_bytes
        self.verify(signature, sent, response_bytes)
        completion = _object(response_bytes)
        if completion is None:
            raise VerificationError(errors.RESPONSE_CHANGED, "the signed reply is not an object")
        return self.decrypt(completion)

    def verify(self, signature_payload: Any, request_bytes: bytes, response_bytes: bytes) -> None:
        """The attested enclave signed these bytes as its answer to this request; VerificationError if not.

        `request_bytes` are those the enclave received and `response_bytes` those it sent. The first must
        say what this session encrypted, so that an answer to another request is never taken for ours.
        """
        signed = read_signature(signature_payload)
        if signed.signer != self.enclave.signing_address:
            raise VerificationError(
                errors.WRONG_SIGNER,
                f"{signed.signer} signed, the attested enclave is {self.enclave.signing_address}",
            )
        if _object(request_bytes) != self._body:
            raise VerificationError(
                errors.REQUEST_CHANGED, "these are not the bytes of this request"
            )
        if signed.request_hash != digest(request_bytes):
            raise VerificationError(errors.REQUEST_CHANGED, "the enclave signed for other bytes")
        if signed.response_hash != digest(response_bytes):
            raise VerificationError(errors.RESPONSE_CHANGED, "the enclave signed other bytes")
        names = {self.enclave.model, self.enclave.reported_model}
        if signed.model is not None and signed.model not in names:
            raise VerificationError(
                errors.WRONG_MODEL, f"{signed.model!r} answered for {self.enclave.model!r}"
            )

    def decrypt(self, completion: Json) -> Json:
        """A copy of a reply with its words readable; VerificationError when any was not encrypted to us.

        Decrypting proves nothing: anybody who saw the request can encrypt to its key. See `verify`.
        """
        try:
            return decrypt_reply(completion, lambda text: ecies.decrypt(text, self._key))
        except ValueError:
            raise VerificationError(
                errors.NOT_ENCRYPTED, "a part of the reply is not encrypted to this request"
            ) from None


def wire_bytes(body: Json) -> bytes:
    """A JSON body as it has to reach the enclave: compact, in its own order, UTF-8.

    These are the bytes that httpx makes of `json=body`. EncryptionRefused for numbers JSON has not.
    """
    try:
        text = json.dumps(body, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
        return text.encode()
    except ValueError:
        raise EncryptionRefused("body", "holds what JSON cannot say") from None


def _object(data: bytes) -> Json | None:
    try:
        document = parse_json(data)
    except ValueError:
        return None
    return document if isinstance(document, dict) else None
