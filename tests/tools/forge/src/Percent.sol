// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

library Percent {
    function percent(uint256 whole, uint256 share) internal pure returns (uint256) {
        return whole * share / 100;
    }
}

library Ledger {
    function sum(uint256[] calldata values) external pure returns (uint256 total) {
        for (uint256 i = 0; i < values.length; i++) total += values[i];
    }
}
