// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

// A static calldata array at the end of a tuple leaves what is encoded after it alone.

contract Exhibit {
    event Seen(bytes a, uint8[3] b);

    function bytesThenArray(bytes calldata a, uint8[3] calldata b) external returns (bytes memory) {
        emit Seen(a, b);
        return abi.encode(a, b);
    }

    function arrays(uint256[] calldata a, bytes32[2] calldata b, string calldata c) external pure returns (bytes memory) {
        return abi.encode(c, a, b);
    }

    function tuple(bytes[] calldata a, bool[4] calldata b) external view returns (bytes[] memory, bool[4] memory) {
        return this.back(a, b);
    }

    function back(bytes[] calldata a, bool[4] calldata b) external pure returns (bytes[] calldata, bool[4] calldata) {
        return (a, b);
    }
}
