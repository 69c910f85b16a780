"""A consumer's headers: which may travel on, and what they ask of the routing.

Only listed headers reach an operator. One that occurs twice, or holds anything but printable ASCII, is
refused: two readers of one request must not find two meanings in it.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from harness.protocol.addresses import Address, to_address
from harness.protocol.json_text import parse_json
from harness.services.relay.versions import Version, parse_version

MAX_VALUE = 16 * 1024  # bytes of one header
MAX_BLOCK = 32 * 1024
ROUTINGS = ("balanced", "cheapest", "fastest", "random")

PAYMENTS = ("payment-signature", "x-payment")
FORWARDED = frozenset(
    {
        *PAYMENTS,
        "x-halo-operator", "x-halo-payment-mode", "x-halo-vault-consumer", "x-halo-vault-proof", "x-halo-receipt",
        "x-halo-probe",
        "x-halo-tee", "x-halo-privacy", "x-halo-cli-version", "x-client-pub-key", "x-signing-algo",
        "x-encryption-version", "x-model-pub-key", "x-encrypt-all-fields", "idempotency-key",
    }
)  # fmt: skip
_READ = FORWARDED | {"x-halo-routing", "x-halo-max-price", "x-halo-confidential"}
_SINGLE = _READ | {"content-type", "content-length", "host", "authorization"}

_PRINTABLE = re.compile(r"[\x20-\x7e]*")
_YES, _NO = ("true", "1", "yes", "required"), ("false", "0", "no", "")


class BadHeader(Exception):
    """A header that is refused; the message names it and the fix."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Hints:
    """What a request's headers say. `max_price` is USD for a million tokens."""

    forwarded: dict[str, str] = field(default_factory=dict, repr=False)
    pin: Address | None = None
    routing: str = "balanced"
    max_price: Decimal | None = None
    privacy: bool = False
    tee: bool = False
    version: Version | None = None
    paid: bool = False

    @property
    def movable(self) -> bool:
        """Whether another operator may be asked instead: nothing in it is meant for one of them."""
        return self.pin is None and not self.paid


def read_hints(raw: Iterable[tuple[bytes, bytes]]) -> Hints:
    """The hints in a request's headers. Raises BadHeader."""
    found = _known(raw)
    if all(name in found for name in PAYMENTS):
        raise BadHeader("ambiguous_payment", "two payment headers; send PAYMENT-SIGNATURE only")
    mode = found.get("x-halo-payment-mode", "").strip().lower()
    if mode:
        found["x-halo-payment-mode"] = mode
    pin = _address(found, "x-halo-operator")
    payment = next((found[name] for name in PAYMENTS if name in found), None)
    if pin is None and payment is not None:
        pin = _payee(payment)
    if pin is not None:
        found["x-halo-operator"] = pin
    confidential = _flag(found, "x-halo-confidential")
    tee = _flag(found, "x-halo-tee") or confidential
    if tee:
        found["x-halo-tee"] = "true"
    return Hints(
        forwarded={name: value for name, value in found.items() if name in FORWARDED},
        pin=pin,
        routing=_routing(found),
        max_price=_price(found),
        privacy=_flag(found, "x-halo-privacy"),
        tee=tee,
        version=_version(found),
        paid=mode == "vault"
        or any(name in found for name in (*PAYMENTS, "x-halo-vault-consumer", "x-halo-receipt")),
    )


def _known(raw: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    found: dict[str, str] = {}
    seen: set[str] = set()
    block = 0
    for raw_name, raw_value in raw:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        block += len(raw_name) + len(raw_value)
        if name in _SINGLE and name in seen:
            raise BadHeader("duplicate_header", f"the header {name} occurs twice; send it once")
        seen.add(name)
        if len(value) > MAX_VALUE or block > MAX_BLOCK:
            raise BadHeader("header_too_large", f"headers exceed {MAX_VALUE} bytes; send less")
        if not _PRINTABLE.fullmatch(value.replace("\t", " ")):
            raise BadHeader("bad_header", f"the header {name[:60]} holds more than printable ASCII")
        if name in _READ:
            found[name] = value
    return found


def _address(found: dict[str, str], name: str) -> Address | None:
    if name not in found:
        return None
    try:
        return to_address(found[name].strip())
    except ValueError as bad:
        raise BadHeader("bad_header", f"{name}: {bad}") from None


def _payee(payment: str) -> Address | None:
    """Whom a payment pays: clients that know x402 and not this relay send no pin of their own."""
    try:
        text = payment if payment.startswith("{") else base64.b64decode(payment, validate=True)
        paid = parse_json(text)
        if paid.get("x402Version") == 1:  # repeats no terms: its payee is in what was signed
            return to_address(paid["payload"]["authorization"]["to"])
        return to_address(paid["accepted"]["payTo"])
    except (ValueError, KeyError, TypeError, AttributeError, binascii.Error):
        return None


def _routing(found: dict[str, str]) -> str:
    asked = found.get("x-halo-routing", "balanced").strip().lower()
    if asked not in ROUTINGS:
        raise BadHeader("bad_header", f"x-halo-routing must be one of {', '.join(ROUTINGS)}")
    return asked


def _price(found: dict[str, str]) -> Decimal | None:
    if "x-halo-max-price" not in found:
        return None
    try:
        price = Decimal(found["x-halo-max-price"].strip())
    except InvalidOperation:
        price = Decimal("NaN")
    if not price.is_finite() or price < 0:
        raise BadHeader("bad_header", "x-halo-max-price must be USD for a million tokens, as 2.50")
    return price


def _flag(found: dict[str, str], name: str) -> bool:
    value = found.get(name, "").strip().lower()
    if value not in _YES + _NO:  # never guess about privacy
        raise BadHeader("bad_header", f"{name} must be true or false")
    return value in _YES


def _version(found: dict[str, str]) -> Version | None:
    if "x-halo-cli-version" not in found:
        return None
    try:
        return parse_version(found["x-halo-cli-version"])
    except ValueError as bad:
        raise BadHeader("bad_header", f"x-halo-cli-version: {bad}") from None
