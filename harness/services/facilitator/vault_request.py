"""The bodies of the vault routes -> checked values. Decimal strings, addresses, 65-byte signatures."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from harness.protocol.addresses import ZERO_ADDRESS, Address, to_address
from harness.protocol.vault import Reservation
from harness.services.facilitator.request import Malformed

_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")
_SIGNATURE = re.compile(r"0x[0-9a-fA-F]{130}")
_DECIMAL = re.compile(r"0|[1-9][0-9]{0,19}")

_HALF_ORDER = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0
MOST = 2**64 - 1  # every amount and time of the vault fits


@dataclass(frozen=True)
class ReserveRequest:
    """`reservation.key_epoch` is the chain's and not part of a request: 0 until it is looked up."""

    reservation: Reservation
    signature: bytes


@dataclass(frozen=True)
class RedeemRequest:
    consumer: Address
    operator: Address
    cumulative: int
    cycle: int
    signature: bytes


def consumer_of(body: Mapping[str, Any]) -> Address:
    """`{consumer}`. Raises Malformed, as all here."""
    _only(body, "consumer")
    return address(body, "consumer")


def pair_of(body: Mapping[str, Any]) -> tuple[Address, Address]:
    """`{consumer, operator}`."""
    _only(body, "consumer", "operator")
    return address(body, "consumer"), address(body, "operator")


def reserve_of(body: Mapping[str, Any]) -> ReserveRequest:
    """`{consumer, operator, amount, expiry, nonce, signature}`."""
    _only(body, "consumer", "operator", "amount", "expiry", "nonce", "signature")
    reservation = Reservation(
        address(body, "consumer"),
        address(body, "operator"),
        number(body, "amount", least=1),
        number(body, "expiry"),
        number(body, "nonce"),
        0,
    )
    return ReserveRequest(reservation, signature(body))


def redeem_of(body: Mapping[str, Any]) -> RedeemRequest:
    """`{consumer, operator, cumulative, cycle, signature}`."""
    _only(body, "consumer", "operator", "cumulative", "cycle", "signature")
    return RedeemRequest(
        address(body, "consumer"),
        address(body, "operator"),
        number(body, "cumulative", least=1),
        number(body, "cycle", least=1, most=2**32),
        signature(body),
    )


def address(body: Mapping[str, Any], name: str) -> Address:
    value = body.get(name)
    if not isinstance(value, str) or _ADDRESS.fullmatch(value) is None:
        raise Malformed(f"{name} must be 0x and 40 hex digits")
    found = to_address(value.lower())
    if found == ZERO_ADDRESS:
        raise Malformed(f"{name} is the zero address")
    return found


def number(body: Mapping[str, Any], name: str, least: int = 0, most: int = MOST) -> int:
    value = body.get(name)
    if not isinstance(value, str) or _DECIMAL.fullmatch(value) is None:
        raise Malformed(f"{name} must be a decimal string")
    if not least <= int(value) <= most:
        raise Malformed(f"{name} must be from {least} to {most}")
    return int(value)


def signature(body: Mapping[str, Any], name: str = "signature") -> bytes:
    """65 bytes whose s is in the lower half and whose v is 27 or 28: the one form a contract takes."""
    value = body.get(name)
    if not isinstance(value, str) or _SIGNATURE.fullmatch(value) is None:
        raise Malformed(f"{name} must be 0x and 130 hex digits")
    raw = bytes.fromhex(value[2:])
    if int.from_bytes(raw[32:64], "big") > _HALF_ORDER or raw[64] not in (27, 28):
        raise Malformed(f"{name} is not in its one accepted form: low s, v of 27 or 28")
    return raw


def _only(body: Mapping[str, Any], *names: str) -> None:
    if set(body) != set(names):
        raise Malformed(f"the body must have exactly {', '.join(names)}")
