// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {EfficientHashLib} from "solady/src/utils/EfficientHashLib.sol";

contract Hashing {
    function few(bytes32 a, bytes32 b, bytes32 c) external pure returns (bytes32, bytes32, bytes32) {
        return (EfficientHashLib.hash(a), EfficientHashLib.hash(a, b), EfficientHashLib.hash(a, b, c, a, b));
    }

    function buffered(uint8 n, uint256 seed) external pure returns (bytes32 result) {
        bytes32[] memory buffer = EfficientHashLib.malloc(n % 9);
        for (uint256 i = 0; i < n % 9; i++) EfficientHashLib.set(buffer, i, seed + i);
        result = EfficientHashLib.hash(buffer);
        EfficientHashLib.free(buffer);
    }

    function sliced(bytes calldata data, uint8 from, uint8 to) external view returns (bytes32, bytes32, bytes32) {
        bytes memory copied = data;
        return (
            EfficientHashLib.hashCalldata(data, from, to),
            EfficientHashLib.hash(copied, from),
            EfficientHashLib.sha2(copied, from, to)
        );
    }

    function equal(bytes32 a, bytes memory data) external pure returns (bool) {
        return EfficientHashLib.eq(a, data);
    }
}
