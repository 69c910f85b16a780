"""The wire request -> a checked value, or the reason code why not.

Everything that can be judged without the chain is judged here: version, shape, network, scheme, that
the payer accepted exactly what the server requires, and payees that would burn the money.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from x402.schemas import PaymentPayload, PaymentRequirements

from harness.protocol import reasons
from harness.protocol.addresses import ZERO_ADDRESS, Address, to_address
from harness.protocol.authorization import (
    PAYMENT,
    TRANSFER,
    SignedAuthorization,
    authorization_id,
)
from harness.protocol.permit2 import PERMIT2, SPENDERS, SignedPermit
from harness.protocol.typed_data import Domain

VERSION = 2
FACET_METHOD = "x402facet"
EIP3009_METHOD = "eip3009"
PERMIT2_METHOD = "permit2"

_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")
_IDENTIFIER = re.compile(r"[A-Za-z0-9_-]{16,128}")
_AMOUNT = re.compile(r"0|[1-9][0-9]{0,77}")
_COMPARED_EXTRAS = ("assetTransferMethod", "name", "version", "verifyingContract", "paymentFlow")


class Refused(Exception):
    """A payment that is not acceptable: a reason code of the wire and a message for people."""

    def __init__(self, reason: str, message: str, payer: Address | None = None) -> None:
        self.reason = reason
        self.message = message
        self.payer = payer
        super().__init__(f"{reason}: {message}")


class Malformed(Exception):
    """Not a request at all; answered with 400."""


@dataclass(frozen=True)
class Terms:
    """What a facilitator serves. `assets` empty = any; minimum in base units. Both are for the money of others:
    EIP-3009 and Permit2, which is served where the chain has its contracts."""

    chain_id: int
    assets: frozenset[Address] = frozenset()
    diamond: Address | None = None
    minimum: int = 0
    permit2: frozenset[str] = frozenset()  # schemes whose spender is on the chain

    @property
    def network(self) -> str:
        return f"eip155:{self.chain_id}"


@dataclass(frozen=True)
class PaymentRequest:
    """A payment as asked for. `amount` is what the server requires (for `upto`, what it measured)."""

    payload: PaymentPayload
    requirements: PaymentRequirements
    scheme: str
    method: str
    asset: Address
    payee: Address
    amount: int
    signed: SignedAuthorization
    identity: bytes
    identifier: str | None

    @property
    def extra(self) -> Mapping[str, Any]:
        return self.requirements.extra or {}

    @property
    def payer(self) -> Address:
        return self.signed.authorization.payer

    @property
    def network(self) -> str:
        return str(self.requirements.network)

    def digest(self, facet_separator: bytes | None) -> bytes:
        """What the payer signed."""
        if self.method == FACET_METHOD:
            assert facet_separator is not None
            return self.signed.authorization.digest(PAYMENT, facet_separator)
        chain_id = int(self.network.partition(":")[2])
        if isinstance(self.signed, SignedPermit):
            return self.signed.permit_digest(chain_id)
        domain = Domain(str(self.extra["name"]), str(self.extra["version"]), chain_id, self.asset)
        return self.signed.authorization.digest(TRANSFER, domain.separator)


def parse(body: Mapping[str, Any], terms: Terms, *, settling: bool) -> PaymentRequest:
    """A request body -> PaymentRequest. Raises Malformed, Refused.

    When settling `upto`, the required amount is the measured one and may be below the accepted one.
    """
    wire_payload, wire_required = body.get("paymentPayload"), body.get("paymentRequirements")
    if not isinstance(wire_payload, dict) or not isinstance(wire_required, dict):
        raise Malformed("paymentPayload and paymentRequirements must be objects")
    versions = (body.get("x402Version", VERSION), wire_payload.get("x402Version"))
    if any(type(version) is not int or version != VERSION for version in versions):
        raise Refused(reasons.INVALID_VERSION, "only version 2 is served")
    payload, requirements = models_of(wire_payload, wire_required)
    check_network(payload, requirements, terms)
    scheme, method = _scheme(requirements, terms)
    asset, payee, amount = required_of(requirements)
    check_accepted(payload.accepted, requirements, upto=scheme == "upto" and settling)
    signed = signed_of(payload.payload, scheme, method)
    payer = signed.authorization.payer
    _check_terms(terms, method, asset, payee, int(payload.accepted.amount), payer)
    if method == EIP3009_METHOD and not {"name", "version"} <= set(requirements.extra or {}):
        raise Refused(reasons.MISSING_DOMAIN, "extra.name and extra.version are needed", payer)
    authority = {EIP3009_METHOD: asset, PERMIT2_METHOD: PERMIT2}.get(method, terms.diamond)
    assert authority is not None
    return PaymentRequest(
        payload,
        requirements,
        scheme,
        method,
        asset,
        payee,
        amount,
        signed,
        authorization_id(terms.chain_id, authority, payer, signed.authorization.nonce),
        identifier_of(payload),
    )


def models_of(
    payload: dict[str, Any], requirements: dict[str, Any]
) -> tuple[PaymentPayload, PaymentRequirements]:
    """The SDK's own models; Refused says what is wrong with them."""
    try:
        required = PaymentRequirements.model_validate(requirements)
    except (ValidationError, TypeError) as bad:
        raise Refused(reasons.INVALID_REQUIREMENTS, _first_problem(bad)) from None
    try:
        return PaymentPayload.model_validate(payload), required
    except (ValidationError, TypeError) as bad:
        raise Refused(reasons.INVALID_PAYLOAD, _first_problem(bad)) from None


def check_network(payload: PaymentPayload, requirements: PaymentRequirements, terms: Terms) -> None:
    """Refused for another network than ours, or two that differ."""
    if requirements.network != terms.network:
        raise Refused(
            reasons.INVALID_NETWORK, f"{requirements.network} is not served, {terms.network} is"
        )
    if payload.accepted.network != requirements.network:
        raise Refused(
            reasons.NETWORK_MISMATCH,
            f"accepted for {payload.accepted.network}, required on {requirements.network}",
        )


def _scheme(requirements: PaymentRequirements, terms: Terms) -> tuple[str, str]:
    usual = PERMIT2_METHOD if requirements.scheme == "upto" else EIP3009_METHOD
    method = (requirements.extra or {}).get("assetTransferMethod", usual)
    served = {("exact", EIP3009_METHOD), *((scheme, PERMIT2_METHOD) for scheme in terms.permit2)}
    if terms.diamond is not None:
        served |= {("exact", FACET_METHOD), ("upto", FACET_METHOD)}
    if not isinstance(method, str) or (requirements.scheme, method) not in served:
        raise Refused(
            reasons.UNSUPPORTED_SCHEME, f"{requirements.scheme} by {method} is not served"
        )
    return requirements.scheme, method


def required_of(requirements: PaymentRequirements) -> tuple[Address, Address, int]:
    """Asset, payee and amount (base units)."""
    for name, value in (("asset", requirements.asset), ("payTo", requirements.pay_to)):
        if _ADDRESS.fullmatch(value) is None:
            raise Refused(reasons.INVALID_REQUIREMENTS, f"{name} is not an address")
    if _AMOUNT.fullmatch(requirements.amount) is None:
        raise Refused(reasons.INVALID_REQUIREMENTS, "amount is not a whole number of base units")
    return (
        to_address(requirements.asset.lower()),
        to_address(requirements.pay_to.lower()),
        int(requirements.amount),
    )


def check_accepted(
    accepted: PaymentRequirements,
    required: PaymentRequirements,
    *,
    upto: bool,
    extras: tuple[str, ...] = _COMPARED_EXTRAS,
) -> None:
    """The payer must have accepted what the server requires, field by field."""
    pairs: list[tuple[str, Any, Any]] = [
        ("scheme", accepted.scheme, required.scheme),
        ("asset", accepted.asset.lower(), required.asset.lower()),
        ("payTo", accepted.pay_to.lower(), required.pay_to.lower()),
        ("maxTimeoutSeconds", accepted.max_timeout_seconds, required.max_timeout_seconds),
    ]
    for name in extras:
        mine, theirs = (accepted.extra or {}).get(name), (required.extra or {}).get(name)
        pairs.append((f"extra.{name}", mine, theirs))
    if upto:
        if _AMOUNT.fullmatch(accepted.amount) is None:
            raise Refused(reasons.INVALID_PAYLOAD, "the accepted amount is not a whole number")
        if int(required.amount) > int(accepted.amount):
            raise Refused(reasons.AMOUNT_EXCEEDED, "measured more than was accepted")
    else:
        pairs.append(("amount", accepted.amount, required.amount))
    for name, mine, theirs in pairs:
        if mine != theirs:
            raise Refused(
                reasons.INVALID_REQUIREMENTS, f"accepted {name} {mine!r}, required {theirs!r}"
            )


def signed_of(wire: Mapping[str, Any], scheme: str, method: str) -> SignedAuthorization:
    """What the payer signed for a scheme by a transfer method, and for no other. Raises Refused."""
    kind = SignedPermit if method == PERMIT2_METHOD else SignedAuthorization
    other = "authorization" if method == PERMIT2_METHOD else "permit2Authorization"
    if other in wire:
        raise Refused(reasons.INVALID_PAYLOAD, f"{other} is not what pays by {method}")
    try:
        signed = kind.from_wire(wire)
    except ValueError as bad:
        raise Refused(reasons.INVALID_PAYLOAD, str(bad)) from None
    if isinstance(signed, SignedPermit) and (signed.facilitator is None) == (scheme == "upto"):
        raise Refused(
            reasons.INVALID_PAYLOAD, "a witness names the facilitator for upto, and only for it"
        )
    return signed


def _check_terms(
    terms: Terms,
    method: str,
    asset: Address,
    payee: Address,
    accepted: int,
    payer: Address,
) -> None:
    if method != FACET_METHOD and terms.assets and asset not in terms.assets:
        raise Refused(reasons.INVALID_REQUIREMENTS, f"asset {asset} is not served", payer)
    if payee in (ZERO_ADDRESS, asset, terms.diamond, PERMIT2, *SPENDERS.values()):
        raise Refused(reasons.INVALID_REQUIREMENTS, f"{payee} cannot be paid", payer)
    if method != FACET_METHOD and accepted < terms.minimum:
        raise Refused(
            reasons.BELOW_MINIMUM, f"{accepted} is below the minimum of {terms.minimum}", payer
        )


def identifier_of(payload: PaymentPayload) -> str | None:
    """The client's idempotency key, when it sent the `payment-identifier` extension with one."""
    node: Any = payload.extensions
    for name in ("payment-identifier", "info", "id"):
        if not isinstance(node, Mapping) or node.get(name) is None:
            return None
        node = node[name]
    if not isinstance(node, str) or _IDENTIFIER.fullmatch(node) is None:
        raise Refused(reasons.INVALID_PAYLOAD, "payment-identifier is not an identifier")
    return node


def _first_problem(bad: Exception) -> str:
    if isinstance(bad, ValidationError):
        first = bad.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        return f"{place}: {first['msg']}"
    return str(bad)
