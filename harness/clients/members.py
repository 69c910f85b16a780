"""Members of JSON answers, each of exactly the type that is documented; ValueError otherwise."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from harness.protocol.addresses import Address, to_address

_DECIMAL = re.compile(r"0|[1-9][0-9]{0,77}")
_HASH = re.compile(r"0x[0-9a-fA-F]{64}")
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")


def decimal(wire: Mapping[str, Any], name: str) -> int:
    """A whole number as a string."""
    value = wire.get(name)
    if not isinstance(value, str) or _DECIMAL.fullmatch(value) is None:
        raise ValueError(f"{name} is not a decimal string")
    return int(value)


def natural(wire: Mapping[str, Any], name: str) -> int:
    value = wire.get(name)
    if type(value) is not int or value < 0:
        raise ValueError(f"{name} is not a whole number")
    return value


def text(wire: Mapping[str, Any], name: str, otherwise: str | None = None) -> str:
    value = wire.get(name, otherwise)
    if not isinstance(value, str):
        raise ValueError(f"{name} is not text")
    return value


def flag(wire: Mapping[str, Any], name: str) -> bool:
    value = wire.get(name)
    if not isinstance(value, bool):
        raise ValueError(f"{name} is neither true nor false")
    return value


def address(wire: Mapping[str, Any], name: str) -> Address:
    value = wire.get(name)
    if not isinstance(value, str) or _ADDRESS.fullmatch(value) is None:
        raise ValueError(f"{name} is not an address")
    return to_address(value.lower())


def transaction(wire: Mapping[str, Any], name: str) -> str:
    """0x and 64 hex digits, lower-case."""
    value = wire.get(name)
    if not isinstance(value, str) or _HASH.fullmatch(value) is None:
        raise ValueError(f"{name} is not a transaction hash")
    return value.lower()


def nested(wire: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = wire.get(name)
    if not isinstance(value, dict):
        raise ValueError(f"{name} is not an object")
    return value
