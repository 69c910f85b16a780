"""The enclave's signature on a reply: over the exact bytes of the request and of the response.

text = [MODEL:]sha256(request):sha256(response)        hashes as 64 hex digits, signed as ERC-191
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Any

from harness.confidential import errors
from harness.confidential.errors import VerificationError
from harness.protocol.addresses import Address, to_address
from harness.protocol.authorization import DigestSigner
from harness.protocol.personal import personal_sign, recover_personal

_TEXT = re.compile(r"(?:(?P<model>.+):)?(?P<request>[0-9a-f]{64}):(?P<response>[0-9a-f]{64})", re.S)
_MAX_TEXT = 1024


@dataclass(frozen=True)
class SignedText:
    """A signature as a provider returns it, taken apart."""

    model: str | None
    request_hash: str
    response_hash: str
    signer: Address  # recovered, not claimed


def sign_reply(signer: DigestSigner, model: str, request: bytes, response: bytes) -> dict[str, str]:
    """What an enclave publishes for a reply."""
    text = f"{model}:{digest(request)}:{digest(response)}"
    return {
        "text": text,
        "signature": personal_sign(signer, text),
        "signing_address": signer.address,
        "signing_algo": "ecdsa",
    }


def read_signature(payload: Any) -> SignedText:
    """A provider's signature object; VerificationError when it is not one that recovers."""
    if not isinstance(payload, dict):
        raise VerificationError(errors.SIGNATURE_MALFORMED, "the signature is not an object")
    text, signature = payload.get("text"), payload.get("signature")
    if not isinstance(text, str) or not isinstance(signature, str) or len(text) > _MAX_TEXT:
        raise VerificationError(errors.SIGNATURE_MALFORMED, "the signature lacks text or signature")
    if payload.get("signing_algo", "ecdsa") != "ecdsa":
        raise VerificationError(errors.SIGNATURE_MALFORMED, "the signature is not ECDSA")
    found = _TEXT.fullmatch(text)
    if found is None:
        raise VerificationError(
            errors.SIGNATURE_MALFORMED,
            "the signed text is not two hashes, or a model and two hashes",
        )
    try:
        signer = recover_personal(text, signature)
        claimed = to_address(str(payload.get("signing_address", signer)))
    except ValueError as bad:
        raise VerificationError(errors.SIGNATURE_MALFORMED, str(bad)) from None
    if claimed != signer:
        raise VerificationError(errors.WRONG_SIGNER, f"{signer} signed, not {claimed}")
    return SignedText(found["model"], found["request"], found["response"], signer)


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
