"""Bodies and query strings -> checked values, or the status and code why not."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from harness.protocol.addresses import Address, to_address
from harness.protocol.personal import recover_personal

CODE = re.compile(r"[0-9]{3}-[0-9]{3}-[0-9]{3}")

_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")
_NONCE = re.compile(r"[A-Za-z0-9_-]{8,128}")
_LINK_NONCE = re.compile(r"0x[0-9a-fA-F]{64}")
_SIGNATURE = re.compile(r"0x[0-9a-fA-F]{130}")
_LABEL = re.compile(r"[^\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]{1,64}")
_MODEL = re.compile(r"[^\x00-\x20\x7f-\xa0\u2028\u2029\ud800-\udfff]{1,256}")
MAX_MODELS = 200
LATEST_SECONDS = 4_102_444_800  # the year 2100


class Refused(Exception):
    """A request that is not done: HTTP status, code, and a message that ends with what to do."""

    def __init__(self, status: int, code: str, message: str) -> None:
        self.status = status
        self.code = code
        self.message = message
        super().__init__(f"{code}: {message}")


@dataclass(frozen=True)
class Heartbeat:
    """`ts` in milliseconds since the epoch."""

    address: Address
    ts: int
    nonce: str
    signature: str
    label: str | None
    models: tuple[str, ...]


def heartbeat(body: Mapping[str, Any]) -> Heartbeat:
    """`{address, ts, nonce, signature, label?, models?}`. Raises Refused, as all here."""
    label, models = body.get("label"), body.get("models", [])
    if label is not None and (not isinstance(label, str) or _LABEL.fullmatch(label) is None):
        raise invalid("label must be 1 to 64 characters, none of them control characters")
    if not isinstance(models, list) or len(models) > MAX_MODELS:
        raise invalid(f"models must be a list of at most {MAX_MODELS}")
    if not all(isinstance(m, str) and _MODEL.fullmatch(m) for m in models):
        raise invalid("each of models must be a name of at most 256 characters without blanks")
    return Heartbeat(
        address(body, "address"),
        number(body, "ts", LATEST_SECONDS * 1_000),
        text(body, "nonce", _NONCE),
        text(body, "signature", _SIGNATURE),
        label,
        tuple(models),
    )


def code(body: Mapping[str, Any]) -> str:
    return text(body, "code", CODE)


def link_nonce(body: Mapping[str, Any]) -> str:
    return text(body, "nonce", _LINK_NONCE).lower()


def address(body: Mapping[str, Any], name: str) -> Address:
    return to_address(text(body, name, _ADDRESS).lower())


def signature(body: Mapping[str, Any], name: str) -> str:
    return text(body, name, _SIGNATURE)


def number(body: Mapping[str, Any], name: str, most: int) -> int:
    value = body.get(name)
    if type(value) is not int or not 0 <= value <= most:
        raise invalid(f"{name} must be a whole number up to {most}")
    return value


def text(body: Mapping[str, Any], name: str, pattern: re.Pattern[str]) -> str:
    value = body.get(name)
    if not isinstance(value, str) or pattern.fullmatch(value) is None:
        raise invalid(f"{name} is missing or malformed; see /openapi.json")
    return value


def path_address(value: str) -> Address:
    """An address in a URL."""
    return address({"address": value}, "address")


def signed_by(message: str, found: str, *allowed: Address) -> None:
    """401 unless one of these wallets signed the text."""
    try:
        signer = recover_personal(message, found)
    except ValueError as bad:
        raise Refused(401, "invalid_signature", f"{bad}; sign the documented text") from None
    if signer not in allowed:
        raise Refused(
            401, "invalid_signature", "the signature is another wallet's; sign the documented text"
        )


def invalid(message: str) -> Refused:
    return Refused(400, "invalid_request", message)
