// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

// A hash is of as many bytes as were asked for.

contract Exhibit {
    function lengths(uint256 a, uint256 b) external pure returns (bytes32 one, bytes32 two, bytes32 three) {
        assembly {
            mstore(0, a)
            mstore(32, b)
            one := keccak256(0, 32)
            two := keccak256(0, 64)
            three := keccak256(0, 33)
        }
    }

    function rewritten(uint256 a, uint256 b) external pure returns (bool same, bytes32 one, bytes32 two) {
        assembly {
            mstore(0, a)
            one := keccak256(0, 32)
            mstore8(31, b)
            two := keccak256(0, 32)
            mstore(0, a)
            same := eq(one, keccak256(0, 32))
        }
    }

    function copied(bytes calldata data) external pure returns (bytes32 one, bytes32 two) {
        bytes memory here = data;
        one = keccak256(here);
        if (here.length > 0) here[0] = ~here[0];
        two = keccak256(here);
    }
}
