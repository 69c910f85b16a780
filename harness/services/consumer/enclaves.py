"""Confidential requests: encrypted to an attested enclave, believed only when the enclave signed the reply.

Nothing here ever falls back: whatever fails before sending is confidential_setup_failed, whatever fails
after is tee_verification_failed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

from harness.errors import HarnessError
from harness.protocol.json_text import parse_json
from harness.services.consumer.refusals import Refusal
from harness.services.consumer.relay import header_object, wire_bytes

SIGNATURE_HEADER = "x-halo-tee-signature"
Json = dict[str, Any]


class Session(Protocol):
    """One exchange with an enclave."""

    def decrypt(self, completion: Json) -> Json: ...

    def verify(
        self, signature_payload: Any, request_bytes: bytes, response_bytes: bytes
    ) -> None: ...


class Enclave(Protocol):
    """An enclave whose evidence was checked."""

    def encrypt_messages(self, body: Json) -> tuple[Json, dict[str, str], Any]: ...


class Attestor(Protocol):
    """Who checks evidence; raises an error of the harness for evidence that does not hold."""

    async def enclave(self, model: str) -> Any: ...

    def forget(self, model: str) -> None: ...


@dataclass
class Sealed:
    """A body that only the enclave reads. `verified` is set when its reply was opened."""

    body: Json
    headers: dict[str, str]
    session: Session
    model: str
    attestor: Attestor
    lenient: bool = False
    verified: bool | None = field(default=None)

    def open(self, content: bytes, signature: str | None) -> Json:
        """The readable completion. Raises Refusal(tee_verification_failed).

        `lenient`: a reply that is readable but not proven is given out, marked as not verified.
        """
        request = wire_bytes(self.body)
        completion = _object(content)
        try:
            self.session.verify(header_object(signature), request, content)
            self.verified = True
        except (HarnessError, ValueError) as failure:
            self.verified = False
            self.attestor.forget(self.model)
            if not self.lenient:
                raise Refusal(
                    "tee_verification_failed", f"The enclave did not sign this reply: {failure}."
                ) from None
        try:
            return self.session.decrypt(completion)
        except (HarnessError, ValueError) as failure:
            self.verified = False
            raise Refusal(
                "tee_verification_failed", f"The reply is not encrypted to this request: {failure}."
            ) from None


async def seal_for_enclave(attestor: Attestor, body: Json, model: str, *, lenient: bool) -> Sealed:
    """Attest the model's enclave and encrypt to it. Raises Refusal(confidential_setup_failed)."""
    try:
        enclave = await attestor.enclave(model)
        sealed, headers, session = enclave.encrypt_messages({**body, "stream": False})
    except (HarnessError, ValueError, OSError) as failure:
        raise Refusal(
            "confidential_setup_failed", f"The enclave of {model} could not be verified: {failure}."
        ) from None
    return Sealed(
        sealed, {**headers, "X-Halo-Tee": "true"}, session, model, attestor, lenient=lenient
    )


def _object(content: bytes) -> Json:
    try:
        found = parse_json(content)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise Refusal("tee_verification_failed", "The reply is no JSON object.")
    return found
