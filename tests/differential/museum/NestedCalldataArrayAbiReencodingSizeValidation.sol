// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

// Nested arrays that claim more than the calldata has are refused when they are encoded again.

contract Exhibit {
    event Seen(bytes[] parts);

    function encoded(uint256[][] calldata a) external pure returns (bytes memory) {
        return abi.encode(a);
    }

    function logged(bytes[] calldata parts) external {
        emit Seen(parts);
    }

    function forwarded(uint256[][] calldata a, bytes[] calldata parts) external view returns (uint256) {
        return this.total(a, parts);
    }

    function total(uint256[][] calldata a, bytes[] calldata parts) external pure returns (uint256 sum) {
        for (uint256 i = 0; i < a.length; i++) sum += a[i].length;
        for (uint256 i = 0; i < parts.length; i++) sum += parts[i].length;
    }
}
