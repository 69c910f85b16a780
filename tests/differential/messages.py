"""Hypothesis strategies for messages: values at the edges of their types, then bent calldata."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from eth_abi import encode
from hypothesis import strategies as st

from harness.chain.evm import DEFAULT_SENDER
from tests.differential.twins import Message

SENDERS = (DEFAULT_SENDER, b"\x00" * 18 + b"\xbe\xef", b"\x11" * 20)
ADDRESSES = (*SENDERS, b"\0" * 20)
_EDGES = sorted(
    {v % 2**256 for k in (0, 1, 7, 8, 16, 31, 32, 63, 64, 127, 128, 159, 160, 255) for v in (2**k, 2**k - 1, 2**k + 1, -(2**k))}
)  # fmt: skip


def integers(bits: int, signed: bool) -> st.SearchStrategy[int]:
    """Small numbers, the ends of the range, powers of two and their neighbours."""
    low, high = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else (0, 2**bits - 1)
    edges = [v - 2**256 if signed and v >> 255 else v for v in _EDGES]
    edges = [v for v in edges if low <= v <= high] + [low, high, high - 1]
    return st.one_of(st.integers(0, min(20, high)), st.sampled_from(edges), st.integers(low, high))


def values(
    entry: dict[str, Any],
    addresses: Sequence[bytes] = ADDRESSES,
    functions: Sequence[bytes] = (),
) -> st.SearchStrategy[Any]:
    """Values of one ABI parameter; `addresses` and `functions` are the ones worth naming."""
    return _values(entry["type"], entry.get("components", []), addresses, functions)


def _values(
    type_: str,
    components: list[dict[str, Any]],
    addresses: Sequence[bytes],
    functions: Sequence[bytes],
) -> st.SearchStrategy[Any]:
    if type_.endswith("]"):
        inner, _, length = type_[:-1].rpartition("[")
        element = _values(inner, components, addresses, functions)
        if length:
            return st.lists(element, min_size=int(length), max_size=int(length))
        return st.lists(element, max_size=4)
    if type_ == "tuple":
        return st.tuples(*(values(c, addresses, functions) for c in components))
    if type_.startswith(("uint", "int")):
        signed = type_.startswith("int")
        return integers(int(type_.removeprefix("u").removeprefix("int")), signed)
    if type_ == "address":
        return st.sampled_from(["0x" + address.hex() for address in addresses])
    if type_ == "bool":
        return st.booleans()
    if type_ == "bytes":
        return st.one_of(st.binary(max_size=40), st.binary(min_size=28, max_size=70))
    if type_ == "string":
        return st.text(max_size=40)
    if type_ == "function":
        known = [*functions, *functions, b"\0" * 24, bytes(addresses[0]) + b"\x12\x34\x56\x78"]
        return st.one_of(st.sampled_from(known), st.binary(min_size=24, max_size=24))
    size = int(type_.removeprefix("bytes"))
    return st.one_of(st.just(b"\0" * size), st.binary(min_size=size, max_size=size))


def canonical(entry: dict[str, Any]) -> str:
    """`(uint256,address)[]` for an ABI parameter."""
    type_: str = entry["type"]
    if type_.startswith("tuple"):
        inner = ",".join(canonical(c) for c in entry["components"])
        return f"({inner}){type_[5:]}"
    return type_


def encoded(
    entries: list[dict[str, Any]],
    addresses: Sequence[bytes] = ADDRESSES,
    functions: Sequence[bytes] = (),
) -> st.SearchStrategy[bytes]:
    """ABI-encoded arguments."""
    types = [canonical(e) for e in entries]
    return st.tuples(*(values(e, addresses, functions) for e in entries)).map(
        lambda v: encode(types, v)
    )


@st.composite
def bent(draw: st.DrawFn, data: bytes) -> bytes:
    """Calldata that is cut short, has stray bits, wrong offsets, or more than it should."""
    kind = draw(st.sampled_from(("cut", "dirty", "word", "longer")))
    if kind == "cut" and data:
        return data[: draw(st.integers(0, len(data) - 1))]
    if kind == "dirty" and data:
        at = draw(st.integers(0, len(data) - 1))
        flipped = data[at] ^ draw(st.integers(1, 255))
        return data[:at] + bytes([flipped]) + data[at + 1 :]
    if kind == "word" and len(data) >= 32:
        at = 32 * draw(st.integers(0, len(data) // 32 - 1))
        word = draw(st.sampled_from(_EDGES)).to_bytes(32, "big")
        return data[:at] + word + data[at + 32 :]
    return data + draw(st.binary(min_size=1, max_size=33))


@st.composite
def messages(
    draw: st.DrawFn,
    abi: list[dict[str, Any]],
    senders: Sequence[bytes] = SENDERS,
    addresses: Sequence[bytes] = ADDRESSES,
    at: bytes = b"",
) -> Message:
    """One message to a contract: mostly well-formed, sometimes not. `at` is where it is, if known."""
    functions = [e for e in abi if e["type"] == "function"]
    sender = draw(st.sampled_from(senders))
    seconds = draw(st.sampled_from((0, 0, 0, 1, 3600)))
    if not functions or draw(st.integers(0, 29)) == 0:
        data = draw(st.binary(max_size=40))
        return Message(data, sender, draw(st.sampled_from((0, 1))), seconds)
    entry = draw(st.sampled_from(functions))
    own = [at + selector_of(e) for e in functions] if at else []
    body = draw(encoded(entry["inputs"], addresses, own))
    if draw(st.integers(0, 5)) == 0:
        body = draw(bent(body))
    payable = entry["stateMutability"] == "payable"
    value = (
        draw(st.sampled_from((0, 0, 1, 10**18)))
        if payable
        else (1 if draw(st.integers(0, 40)) == 0 else 0)
    )
    return Message(selector_of(entry) + body, sender, value, seconds)


def selector_of(entry: dict[str, Any]) -> bytes:
    """The four bytes in front of a call of an ABI function."""
    from compiler.evm.keccak import selector

    signature = f"{entry['name']}({','.join(canonical(i) for i in entry['inputs'])})"
    return selector(signature).to_bytes(4, "big")
