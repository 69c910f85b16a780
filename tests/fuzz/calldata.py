"""What a generated contract is sent: well-formed calls, values at the edges of their types, and calldata
that is bent in several places. The same kinds as `tests/differential/messages.py`, drawn without hypothesis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from eth_abi.abi import encode
from hypothesis import strategies as st

from tests.differential.explore import FIRST
from tests.differential.messages import ADDRESSES, SENDERS, canonical, selector_of
from tests.differential.twins import Message
from tests.fuzz import counterpart
from tests.fuzz.choices import Choices

Abi = Sequence[dict[str, Any]]
Step = Message | bytes

_NEAR = (0, 1, 7, 8, 16, 31, 32, 63, 64, 127, 128, 159, 160, 255)
_EDGES = sorted({v % 2**256 for k in _NEAR for v in (2**k, 2**k - 1, 2**k + 1, -(2**k))})
_WORDS = (0, 1, 31, 32, 33, 64, 96, 128, 2**64 - 1, 2**64, 2**255, 2**256 - 1, 2**256 - 32, 2**32,
          0xBAD0, 2**8, 2**16, 2**128, 2**256 - 2**128)  # fmt: skip
_TEXTS = ("", "a", "\0", "é", "exactly thirty-one bytes long..", "exactly thirty-two bytes long...",
          "a text of more than thirty-two bytes", "\U0001f600" * 9)  # fmt: skip


def integer(c: Choices, bits: int, signed: bool) -> int:
    """Small numbers, the ends of the range, powers of two and their neighbours."""
    low, high = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else (0, 2**bits - 1)
    kind = c.below(3)
    if kind == 0:
        return c.below(min(20, high) + 1)
    if kind == 1:
        edges = [v - 2**256 if signed and v >> 255 else v for v in _EDGES]
        return c.pick([v for v in edges if low <= v <= high] + [low, high, high - 1])
    return low + c.below(2**bits)


def value(c: Choices, type_: str, components: Abi, functions: Sequence[bytes]) -> Any:
    """Of one ABI parameter; `functions` are the pointers worth naming."""
    if type_.endswith("]"):
        inner, _, length = type_[:-1].rpartition("[")
        count = int(length) if length else c.below(5)
        return [value(c, inner, components, functions) for _ in range(count)]
    if type_ == "tuple":
        return tuple(value(c, p["type"], p.get("components", ()), functions) for p in components)
    if type_.startswith(("uint", "int")):
        return integer(c, int(type_.lstrip("uint")), type_.startswith("int"))
    if type_ == "address":
        return "0x" + c.pick(ADDRESSES).hex()
    if type_ == "bool":
        return c.chance(2)
    if type_ == "bytes":
        return c.bytes(c.below(41) if c.chance(2) else c.between(28, 70))
    if type_ == "string":
        return c.pick(_TEXTS)
    if type_ == "function":
        known = [*functions, *functions, b"\0" * 24, ADDRESSES[0] + b"\x12\x34\x56\x78"]
        return c.bytes(24) if c.chance(3) else c.pick(known)
    size = int(type_.removeprefix("bytes"))
    return c.bytes(size) if c.chance(2) else b"\0" * size


def encoded(c: Choices, entries: Abi, functions: Sequence[bytes] = ()) -> bytes:
    """ABI-encoded arguments."""
    values = [value(c, e["type"], e.get("components", ()), functions) for e in entries]
    return encode([canonical(e) for e in entries], values)


def bent(c: Choices, data: bytes) -> bytes:
    """Cut short, with stray bits, a wrong word, or more than it should have."""
    kind = c.pick(("cut", "dirty", "word", "longer"))
    if kind == "cut" and data:
        return data[: c.below(len(data))]
    if kind == "dirty" and data:
        at = c.below(len(data))
        return data[:at] + bytes([data[at] ^ c.between(1, 255)]) + data[at + 1 :]
    if kind == "word" and len(data) >= 32:
        at = 32 * c.below(len(data) // 32)
        return data[:at] + c.pick(_EDGES).to_bytes(32, "big") + data[at + 32 :]
    return data + c.bytes(c.between(1, 33))


def message(c: Choices, abi: Abi) -> Message:
    """Mostly well-formed, sometimes not."""
    functions = [e for e in abi if e["type"] == "function"]
    sender, seconds = c.pick(SENDERS), c.pick((0, 0, 0, 1, 3600))
    if not functions or c.chance(30):
        return Message(c.bytes(c.below(41)), sender, c.below(2), seconds)
    entry = c.pick(functions)
    body = encoded(c, entry["inputs"], [FIRST + selector_of(e) for e in functions])
    if c.chance(6):
        body = bent(c, body)
    payable = entry["stateMutability"] == "payable"
    wei = c.pick((0, 0, 1, 10**18)) if payable else int(c.chance(41))
    return Message(selector_of(entry) + body, sender, wei, seconds)


def twisted(c: Choices, made: Message) -> Message:
    """A few words of the arguments are replaced, then perhaps the end is cut off."""
    data = bytearray(made.data)
    places = (len(data) - 4) // 32
    for _ in range(c.between(1, 2) if places > 0 else 0):
        at = 4 + 32 * c.below(places)
        data[at : at + 32] = c.pick(_WORDS).to_bytes(32, "big")
    if len(data) > 4 and c.chance(4):
        del data[c.between(4, len(data)) :]
    return made._replace(data=bytes(data))


def sequence(c: Choices, abi: Abi, most: int) -> list[Step]:
    """Messages to the contract, and scripts (plain bytes) for its counterpart between them."""
    steps: list[Step] = []
    for _ in range(c.between(most // 2, most)):
        kind = c.below(4)
        if kind == 3:
            steps.append(counterpart.script(c, lambda: message(c, abi).data))
        else:
            made = message(c, abi)
            steps.append(twisted(c, made) if kind == 2 else made)
    return steps


def constructor_data(c: Choices, abi: Abi) -> bytes:
    """Arguments of the constructor."""
    constructor = next((e for e in abi if e["type"] == "constructor"), {"inputs": []})
    return encoded(c, constructor["inputs"])


# -- the same for hypothesis, which makes a sequence smaller -------------------------------------------------


def _drawn(draw: st.DrawFn) -> Choices:
    return Choices(lambda count: draw(st.integers(0, count - 1)))


@st.composite
def sequences(draw: st.DrawFn, abi: Abi, most: int) -> list[Step]:
    """As `sequence`."""
    return sequence(_drawn(draw), abi, most)


@st.composite
def arguments(draw: st.DrawFn, abi: Abi) -> bytes:
    """As `constructor_data`."""
    return constructor_data(_drawn(draw), abi)
