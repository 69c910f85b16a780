"""What the params of a JSON-RPC request say, read strictly and refused in words for whoever sent them.

Everything that reads as a number, as bytes or as an address is read here, once: what gets past is of the
right type and size, so that the node below meets no value that an EVM does not have.
"""

from __future__ import annotations

import re
from typing import Any

from harness.chain.embedded import BLOCK_GAS_LIMIT
from harness.chain.records import Call
from harness.protocol.addresses import Address, to_address

WORD = 2**256 - 1
MOST_TIME = 2**53 - 1  # the latest second that every client reads as the number it is
MOST_WEI = 2**192 - 1  # no sum of such balances is more than a word holds
SHOWN = 60  # characters of a bad value that are said back

_HEX_NUMBER = re.compile(r"0x[0-9a-fA-F]{1,64}")
_HEX_BYTES = re.compile(r"0x(?:[0-9a-fA-F]{2})*")


class BadParams(Exception):
    """The params do not fit the method; the message says which and why."""


def number(value: Any, what: str, most: int = WORD) -> int:
    """Hex text or a JSON integer, from 0 to `most`."""
    if isinstance(value, str) and _HEX_NUMBER.fullmatch(value):
        found = int(value, 16)
    elif type(value) is int:
        found = value
    else:
        raise BadParams(f"{what} must be a number in hex, got {shown(value)}")
    if not 0 <= found <= most:
        raise BadParams(f"{what} must be from 0 to {hex(most)}, got {shown(value)}")
    return found


def octets(value: Any, what: str) -> bytes:
    """0x and two digits a byte."""
    if not isinstance(value, str) or _HEX_BYTES.fullmatch(value) is None:
        raise BadParams(f"{what} must be bytes in hex, got {shown(value)}")
    return bytes.fromhex(value[2:])


def word(value: Any, what: str) -> bytes:
    """The 32 bytes of a hash or topic."""
    found = octets(value, what)
    if len(found) != 32:
        raise BadParams(f"{what} must be 32 bytes, got {len(found)}")
    return found


def address(value: Any, what: str) -> Address:
    """20 bytes, in any spelling whose checksum is right."""
    if isinstance(value, str) and value.isascii():
        try:
            return to_address(value)
        except ValueError:
            pass
    raise BadParams(f"{what} must be an address, got {shown(value)}")


def flag(value: Any, what: str) -> bool:
    if not isinstance(value, bool):
        raise BadParams(f"{what} must be true or false, got {shown(value)}")
    return value


def members(value: Any, what: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise BadParams(f"{what} must be an object, got {shown(value)}")
    return value


def items(value: Any, what: str, most: int) -> list[Any]:
    if not isinstance(value, list) or len(value) > most:
        raise BadParams(f"{what} must be a list of at most {most:,}, got {shown(value)}")
    return value


def call(value: Any) -> Call:
    """The message of eth_call. More gas than a block has is none: who gives too much means enough."""
    message = members(value, "the call")
    data = message.get("input")
    data = message.get("data") if data is None else data
    gas = message.get("gas")
    return Call(
        None if message.get("to") is None else address(message["to"], "to"),
        b"" if data is None else octets(data, "data"),
        0 if message.get("value") is None else number(message["value"], "value"),
        None if message.get("from") is None else address(message["from"], "from"),
        None if gas is None else min(number(gas, "gas"), BLOCK_GAS_LIMIT),
    )


def topics(value: Any) -> list[frozenset[bytes] | None]:
    """For each place the words it may be; None for any."""
    return [_choice(topic) for topic in items(value, "topics", 4)]


def _choice(topic: Any) -> frozenset[bytes] | None:
    if topic is None or topic == []:
        return None
    choices = topic if isinstance(topic, list) else [topic]
    if None in choices:
        return None
    return frozenset(word(one, "a topic") for one in items(choices, "a topic", 1_000))


def shown(value: Any) -> str:
    """A value as it is said back: short, and without what no text holds."""
    if isinstance(value, str):
        return ascii(value[:SHOWN])
    if isinstance(value, list):
        return f"a list of {len(value):,}"
    if isinstance(value, dict):
        return "an object"
    return "null" if value is None else str(value).lower()[:SHOWN]
