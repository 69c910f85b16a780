// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

// Behind the end of bytes in storage there is nothing, however they came there.

contract Exhibit {
    bytes public kept;

    function fromCalldata(bytes calldata given) external returns (bytes memory) {
        kept = given;
        kept.push();
        return kept;
    }

    function fromDirtyMemory(bytes memory given, uint8 shorter) external returns (bytes memory) {
        assembly {
            let length := mload(given)
            mstore(given, sub(length, mod(shorter, add(length, 1))))
        }
        kept = given;
        for (uint256 i = 0; i < 3; i++) kept.push();
        return kept;
    }

    function grown(uint8 size) external returns (bytes memory) {
        while (kept.length < size % 70) kept.push();
        return kept;
    }
}
