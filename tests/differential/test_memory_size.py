"""`msize` where nothing is optimized: as with solc's own optimizer off."""

from __future__ import annotations

import pytest

from compiler import CompileOptions
from tests.differential.builds import build_both
from tests.differential.explore import explore

SOURCE = """pragma solidity ^0.8.24;
contract MemorySize {
    mapping(uint256 => uint256) private words;

    function atFirst() external pure returns (uint256 size) {
        assembly { size := msize() }
    }

    function behindLoadsNobodyWants(uint16 at) external pure returns (uint256 first, uint256 second) {
        assembly {
            pop(mload(at))
            first := msize()
            pop(keccak256(add(at, at), 1))
            second := msize()
        }
    }

    function amongOperands(uint16 at) external pure returns (uint256 first, uint256 second) {
        assembly {
            first := add(mul(0, mload(at)), msize())
            second := sub(msize(), mul(0, keccak256(add(at, at), 0x21)))
        }
    }

    function beforeALoad(uint16 at) external pure returns (uint256 before, uint256 after_, uint256 word) {
        assembly {
            before := msize()
            word := mload(at)
            after_ := msize()
        }
    }

    function inAFunction(uint16 at) external pure returns (uint256 size) {
        assembly {
            function touch(place) -> word { word := mload(place) }
            pop(touch(at))
            size := msize()
        }
    }

    function newMemory(uint256 key, uint256 word) external returns (uint256 kept) {
        uint256 place;
        assembly {
            place := msize()
            mstore(place, word)
        }
        words[key] = 1;
        assembly { kept := mload(place) }
    }
}
"""


@pytest.mark.parametrize("via_ir", [False, True])
def test_it_is_what_the_program_touched(via_ir: bool) -> None:
    options = CompileOptions(optimize=0, verify_each=True)
    build = build_both({"a.sol": SOURCE}, options=options, via_ir=via_ir, optimize=False)
    for pair in build.pairs.values():
        explore(pair, examples=10)
