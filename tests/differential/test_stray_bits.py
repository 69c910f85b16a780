"""Words with one bit that their type does not have: refused where they come from outside, dropped where assembly left them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from compiler import CompileOptions, compile_sources
from tests.invariants.chain import EVM

WORD = 2**256
TYPES = (
    "bool",
    "address",
    "uint8",
    "int8",
    "uint64",
    "int72",
    "uint248",
    "bytes1",
    "bytes4",
    "bytes31",
    "Mood",
)
ABI = {"Mood": "uint8"}

SOURCE = """pragma solidity ^0.8.20;
enum Mood { Calm, Cross, Glad }
interface Echo { function echo(bytes32 word) external returns (TYPE); }
contract C {
    function taken(TYPE x) external pure returns (TYPE) { return x; }
    function nested(TYPE[] calldata x) external pure returns (TYPE) { return x[0]; }
    function decoded(bytes calldata x) external pure returns (TYPE) { return abi.decode(x, (TYPE)); }
    function copied(TYPE[] memory x) external pure returns (TYPE) { return x[0]; }
    function echo(bytes32 word) external pure returns (bytes32) { return word; }
    function answered(bytes32 word) external returns (TYPE) { return Echo(address(this)).echo(word); }
    function element(uint256 word) external pure returns (TYPE) {
        TYPE[] memory a = new TYPE[](1);
        assembly { mstore(add(a, 0x20), word) }
        return a[0];
    }
    function member(uint256 word) external pure returns (TYPE, bool) {
        TYPE[2] memory a;
        assembly { mstore(add(a, 0x20), word) }
        return (a[1], a[0] == a[1]);
    }
}
"""


def clean(type_: str) -> Callable[[int], int | None]:
    """The word as a value of the type; None where no value is meant."""
    if type_ == "bool":
        return lambda w: int(w != 0)
    if type_ == "Mood":
        return lambda w: w if w < 3 else None
    if type_.startswith("bytes"):
        low = 8 * (32 - int(type_[5:]))
        return lambda w: w >> low << low
    bits = 160 if type_ == "address" else int(type_.removeprefix("u").removeprefix("int"))
    if type_.startswith("int"):
        half = 2 ** (bits - 1)
        return lambda w: ((w + half) % 2**bits - half) % WORD
    return lambda w: w % 2**bits


@pytest.mark.parametrize("type_", TYPES)
def test_stray_bits(type_: str) -> None:
    of, shown = clean(type_), ABI.get(type_, type_)
    for level in (0, 1):
        options = CompileOptions(optimize=level)
        contract = compile_sources({"a.sol": SOURCE.replace("TYPE", type_)}, options).contract("C")
        evm = EVM()
        address = evm.deploy(contract.bytecode).created
        assert address is not None

        def call(signature: str, *words: int) -> int | None:
            data = b"".join(w.to_bytes(32, "big") for w in words)
            outcome = evm.view(address, bytes.fromhex(contract.selectors[signature]) + data)  # noqa: B023
            return int.from_bytes(outcome.output[:32], "big") if outcome.success else None

        for word in {
            0,
            1,
            WORD - 1,
            *(1 << k for k in range(256)),
            *(WORD - 1 - (1 << k) for k in range(256)),
        }:
            strict = word if of(word) == word else None
            assert call(f"taken({shown})", word) == strict, hex(word)
            assert call(f"nested({shown}[])", 32, 1, word) == strict, hex(word)
            assert call(f"copied({shown}[])", 32, 1, word) == strict, hex(word)
            assert call("decoded(bytes)", 32, 32, word) == strict, hex(word)
            assert call("answered(bytes32)", word) == strict, hex(word)
            assert call("element(uint256)", word) == of(word), hex(word)
            assert call("member(uint256)", word) == of(word), hex(word)
