// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

// Decoding memory looks at the bytes given and at nothing behind them.

contract Exhibit {
    function decoded(bytes memory data, uint256 behind) external pure returns (uint256[2][] memory, uint256) {
        uint256[] memory other = new uint256[](4);
        for (uint256 i = 0; i < 4; i++) other[i] = behind;
        return (abi.decode(data, (uint256[2][])), other[3]);
    }

    function nested(bytes memory data) external pure returns (uint256[][] memory, bytes[] memory) {
        return abi.decode(data, (uint256[][], bytes[]));
    }

    function round(uint256[2][] memory a, uint8 cut) external pure returns (uint256[2][] memory) {
        bytes memory data = abi.encode(a);
        assembly {
            mstore(data, sub(mload(data), mod(cut, 33)))
        }
        return abi.decode(data, (uint256[2][]));
    }
}
