"""Conversions and memory at their borders, each length and member tried, against what Python says."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from eth_abi import decode, encode

from compiler import CompileOptions, compile_sources
from harness.chain.evm import Outcome
from tests.invariants.chain import EVM

SOURCE = """pragma solidity ^0.8.20;
enum Mood { Calm, Cross, Glad }
contract C {
    bytes kept;
    event Told(bytes text);
    error Refused(bytes text, uint256[] numbers);
    function wide(uint256 x) external pure returns (Mood) { return Mood(x); }
    function signed(int8 x) external pure returns (Mood) { return Mood(x); }
    function narrow(uint8 x) external pure returns (Mood) { unchecked { return Mood(x + 1); } }
    function dirty() internal pure { assembly { let p := mload(0x40) for { let i := 0 } lt(i, 1024) { i := add(i, 32) } { mstore(add(p, i), not(0)) } } }
    function fromMemory(bytes memory x) external pure returns (bytes32, bytes4, bytes1) {
        dirty();
        bytes memory y = bytes.concat(x);
        assembly { mstore(add(add(y, 32), mload(y)), not(0)) }
        return (bytes32(y), bytes4(y), bytes1(y));
    }
    function fromCalldata(bytes calldata x, bytes calldata) external pure returns (bytes32, bytes4, bytes1) {
        return (bytes32(x), bytes4(x), bytes1(x));
    }
    function fromStorage(bytes calldata x) external returns (bytes32, bytes4, bytes1) {
        kept = x;
        return (bytes32(kept), bytes4(kept), bytes1(kept));
    }
    function aligned(bytes memory x) external pure returns (uint256 a, uint256 b, uint256 c) {
        bytes memory y = abi.encodePacked(x, uint8(1));
        assembly { a := and(mload(0x40), 31) }
        bytes memory z = new bytes(x.length);
        assembly { b := and(mload(0x40), 31) }
        string memory s = string.concat(string(y), string(z));
        assembly { c := and(mload(0x40), 31) }
        require(bytes(s).length == 2 * x.length + 1);
    }
    function fresh(uint256 n) external pure returns (uint256[] memory a, bytes memory b, uint8[3] memory c) {
        dirty();
        a = new uint256[](n);
        dirty();
        b = new bytes(n);
        dirty();
        uint8[3] memory d;
        c = d;
    }
    function many(uint256 n) external pure returns (uint256) { return new uint256[](n).length; }
    function long(uint256 n) external pure returns (uint256) { return new bytes(n).length; }
    function shifted(uint256 a) external pure returns (uint256 p, uint256 q, uint256 r) {
        assembly { p := shr(8, shl(8, a)) q := signextend(0, and(a, 0xff)) r := signextend(1, and(a, 0x7fff)) }
    }
    function padded(bytes calldata x) external pure returns (bytes memory) { dirty(); return abi.encode(x, x); }
    function repeated(bytes memory x) external pure returns (bytes memory) { dirty(); return abi.encode(x, x); }
    function stored(bytes calldata x) external returns (bytes memory) { kept = x; dirty(); return abi.encode(kept, kept); }
    function told(bytes memory x) external { dirty(); emit Told(x); }
    function refused(bytes memory x, uint256[] memory n) external pure { dirty(); revert Refused(x, n); }
    function refusedBack(uint256[] memory n, bytes memory x) external pure { revert Refused(x, n); }
    function required(bytes memory x, uint256[] memory n) external pure { require(n.length == 99, Refused(x, n)); }
}
"""

Call = Callable[..., Outcome]


@pytest.fixture(scope="module", params=[0, 1])
def call(request: pytest.FixtureRequest) -> Iterator[Call]:
    options = CompileOptions(optimize=request.param)
    contract = compile_sources({"a.sol": SOURCE}, options).contract("C")
    evm = EVM()
    address = evm.deploy(contract.bytecode).created
    assert address is not None

    def run(signature: str, *values: object) -> Outcome:
        types = [t for t in signature[signature.index("(") + 1 : -1].split(",") if t]
        data = bytes.fromhex(contract.selectors[signature]) + encode(types, values)
        return evm.call(address, data)  # type: ignore[arg-type]

    yield run


def test_numbers_become_members_or_panic(call: Call) -> None:
    for name, given in (
        ("wide(uint256)", (*range(5), 255, 256, 2**256 - 1)),
        ("signed(int8)", range(-128, 128)),
        ("narrow(uint8)", range(256)),
    ):
        for number in given:
            member = (number + 1) % 256 if name.startswith("narrow") else number
            outcome = call(name, number)
            assert outcome.success == (0 <= member < 3), (name, number)
            last = int.from_bytes(outcome.output[-32:], "big")
            assert last == (member if outcome.success else 0x21), (name, number)


def test_a_short_byte_string_is_filled_with_zeros(call: Call) -> None:
    for length in range(40):
        text = bytes(range(1, length + 1))
        wanted = [text[:n].ljust(32, b"\0") for n in (32, 4, 1)]
        for name, more in (
            ("fromMemory(bytes)", ()),
            ("fromCalldata(bytes,bytes)", (b"\xff" * 40,)),
            ("fromStorage(bytes)", ()),
        ):
            output = call(name, text, *more).output
            assert [output[i : i + 32] for i in (0, 32, 64)] == wanted, (name, length)


def test_free_memory_begins_on_a_whole_word(call: Call) -> None:
    for length in range(70):
        assert not any(call("aligned(bytes)", bytes(length)).output), length


def test_new_objects_are_zero_whatever_was_there(call: Call) -> None:
    for length in range(6):
        numbers, text, three = decode(
            ["uint256[]", "bytes", "uint8[3]"], call("fresh(uint256)", length).output
        )
        assert (numbers, text, three) == ((0,) * length, bytes(length), (0, 0, 0))


def test_what_memory_cannot_hold_panics(call: Call) -> None:
    panic = bytes.fromhex("4e487b71") + (0x41).to_bytes(32, "big")
    for number in (2**59, 2**60, 2**64 - 1, 2**64, 2**251, 2**255, 2**256 - 1):
        assert call("many(uint256)", number).output == panic, hex(number)
    for number in (2**64 - 100, 2**64 - 1, 2**64, 2**256 - 1):
        assert call("long(uint256)", number).output == panic, hex(number)


def test_shifts_and_signs_keep_what_they_must(call: Call) -> None:
    for word in (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 2**248, 2**255 + 0x180, 2**256 - 1):
        low = word % 256
        wanted = word % 2**248, (low - 256 if low > 127 else low) % 2**256, word % 2**15
        assert decode(["uint256"] * 3, call("shifted(uint256)", word).output) == wanted, hex(word)


def test_byte_strings_are_padded_with_zeros(call: Call) -> None:
    for length in range(70):
        text = b"\xee" * length
        wanted = encode(["bytes", "bytes"], [text, text])
        for name in ("padded(bytes)", "repeated(bytes)", "stored(bytes)"):
            assert call(name, text).output == encode(["bytes"], [wanted]), (name, length)
        assert call("told(bytes)", text).logs[0].data == encode(["bytes"], [text])
        failure = encode(["bytes", "uint256[]"], [text, [1, 2, length]])
        assert call("refusedBack(uint256[],bytes)", [1, 2, length], text).output[4:] == failure, (
            length
        )
        for name in ("refused(bytes,uint256[])", "required(bytes,uint256[])"):
            assert call(name, text, [1, 2, length]).output[4:] == failure, (name, length)
