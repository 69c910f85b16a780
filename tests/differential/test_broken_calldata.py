"""Encodings with one word spoilt or the end cut off, taken as parameters and copied from calldata: refused
with the same data, or accepted with the same result, as by the reference compiler."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from eth_abi.abi import encode
from eth_utils.crypto import keccak

from compiler import CompileOptions
from tests.differential.builds import build_both
from tests.differential.messages import Message
from tests.differential.twins import Twins

DECLARED = """pragma solidity ^0.8.20;
enum Mood { Calm, Cross, Glad }
struct Plain { int16 a; Mood mood; address b; }
struct Named { int16 a; string name; Mood mood; uint160 b; }
struct Full { Named named; Plain[] plain; bytes32[2] pair; bytes[] rest; }
"""
NAMED, PLAIN = "(int16,string,uint8,uint160)", "(int16,uint8,address)"
FULL = f"({NAMED},{PLAIN}[],bytes32[2],bytes[])"
SOMEBODY = "0x" + "11" * 20
A_NAME = (-5, "a name", 1, 77)
A_PLAIN = (3, 2, SOMEBODY)
CASES: dict[str, tuple[str, str, Any]] = {
    "string": ("string", "string", "twelve words or so, more than one word of text"),
    "uint8[]": ("uint8[]", "uint8[]", [1, 2, 255]),
    "bytes[]": ("bytes[]", "bytes[]", [b"", b"abc"]),
    "uint16[][2]": ("uint16[][2]", "uint16[][2]", [[1, 2], [3]]),
    "Plain[2]": ("Plain[2]", f"{PLAIN}[2]", [A_PLAIN, A_PLAIN]),
    "Named": ("Named", NAMED, A_NAME),
    "Named[]": ("Named[]", f"{NAMED}[]", [A_NAME, A_NAME]),
    "Full": ("Full", FULL, (A_NAME, [A_PLAIN], [b"\1" * 32, b"\2" * 32], [b"xy"])),
}
SPOILT = (0, 1, 2, 3, 31, 32, 96, 2**15, 2**63, 2**64 - 1, 2**64, 2**64 + 32, 2**160, 2**255, 2**256 - 1)  # fmt: skip


def source(type_: str) -> str:
    return (
        DECLARED
        + f"""contract C {{
    function taken({type_} memory x) external pure returns ({type_} memory) {{ return x; }}
    function copied({type_} calldata x) external pure returns ({type_} memory) {{ return x; }}
    function held({type_} calldata x) external pure returns (uint256) {{
        {type_} memory y = x;
        return abi.encode(y).length;
    }}
    function passed({type_} calldata x) external pure returns (bytes memory) {{ return abi.encode(x); }}
}}
"""
    )


def encodings(abi: str, value: Any) -> Iterator[bytes]:
    """The right one, each of its words spoilt in several ways, and all that are too short."""
    right = encode([abi], [value])
    yield right
    for at in range(0, len(right), 32):
        old = int.from_bytes(right[at : at + 32], "big")
        for word in dict.fromkeys((*SPOILT, old + 1, max(old - 1, 0), old + 32, old ^ 1 << 255)):
            yield right[:at] + (word % 2**256).to_bytes(32, "big") + right[at + 32 :]
        yield right[:at]
        yield right[: at + 31]


@pytest.mark.parametrize("name", CASES)
def test_broken_encodings_are_refused_alike(name: str) -> None:
    type_, abi, value = CASES[name]
    pair = next(iter(build_both({"a.sol": source(type_)}).pairs.values()))
    twins = Twins(pair)
    for function in ("taken", "copied", "held", "passed"):
        selector = keccak(text=f"{function}({abi})")[:4]
        for data in encodings(abi, value):
            twins.send(Message(selector + data))


BEFORE = (
    DECLARED
    + """
struct Holder { uint8 a; TYPE held; }
contract C {
    TYPE kept;
    event Told(TYPE held);
    event Marked(TYPE indexed held);
    function copied(Holder calldata x) external pure returns (TYPE memory) { return x.held; }
    function whole(Holder calldata x) external pure returns (Holder memory) { return x; }
    function anew(Holder calldata x) external pure returns (Holder memory) { return Holder(1, x.held); }
    function given(Holder calldata x) external pure returns (TYPE memory) { return pass(x.held); }
    function pass(TYPE memory x) internal pure returns (TYPE memory) { return x; }
    function named(Holder calldata x) external pure returns (uint256, TYPE memory) {
        TYPE calldata y = x.held;
        return (LENGTH, y);
    }
    function encoded(Holder calldata x) external pure returns (bytes memory) { return abi.encode(x.held, x); }
    function stored(Holder calldata x) external returns (TYPE memory) { kept = x.held; return kept; }
    function told(Holder calldata x) external { emit Told(x.held); emit Marked(x.held); }
    MORE
}
"""
)
BYTES_ALONE = """
    function hashed(Holder calldata x) external pure returns (bytes32) { return keccak256(x.held); }
    function part(Holder calldata x) external pure returns (bytes memory) { return x.held[0:]; }
    function hashed_part(Holder calldata x) external pure returns (bytes32) { return keccak256(x.held[0:0]); }
    function joined(Holder calldata x) external pure returns (bytes memory) { return bytes.concat(x.held, hex"01"); }
    function digest(Holder calldata x) external pure returns (bytes32) { return sha256(x.held); }
    function sent(Holder calldata x) external returns (bool ok) { (ok, ) = address(9).call(x.held); }
    function first(Holder calldata x) external pure returns (bytes1) { return x.held[0]; }
"""
KEYS = """
    mapping(TYPE => uint256) keyed;
    function found(Holder calldata x) external view returns (uint256) { return keyed[x.held]; }
    function entered(Holder calldata x) external returns (uint256) { keyed[x.held] += 3; return keyed[""]; }
"""
STRING_ALONE = """
    function hashed(Holder calldata x) external pure returns (bytes32) { return keccak256(bytes(x.held)); }
"""
NEGATIVE = (1, 32, 64, 96, 2**100, 2**248, 2**255 - 2**64, 2**255)


@pytest.mark.parametrize(
    ("type_", "length", "more"),
    [
        ("bytes", "y.length", BYTES_ALONE + KEYS),
        ("string", "bytes(y).length", STRING_ALONE + KEYS),
        ("uint8[]", "y.length", ""),
    ],
    ids=["bytes", "string", "uint8[]"],
)
@pytest.mark.parametrize("level", [0, 2])
def test_an_offset_below_zero_leads_out_of_calldata(
    type_: str, length: str, more: str, level: int
) -> None:
    """It passes where a reference is made. As bytes in memory, what lies there is refused; elsewhere it is empty."""
    text = BEFORE.replace("MORE", more).replace("TYPE", type_).replace("LENGTH", length)
    options = CompileOptions(optimize=level)
    pair = next(iter(build_both({"a.sol": text}, options=options).pairs.values()))
    twins = Twins(pair)
    for function in (e for e in pair.abi if e["type"] == "function"):
        selector = keccak(text=f"{function['name']}((uint8,{type_}))")[:4]
        for below in NEGATIVE:
            held = (2, 1, 2**255, 1, 0)
            words = (32, 1, 2**256 - below, *held)
            twins.send(Message(selector + b"".join(w.to_bytes(32, "big") for w in words)))
    assert 0 < twins.reverted < 8 * len(pair.abi) or type_ == "uint8[]"
