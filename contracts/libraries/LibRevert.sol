// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title Passing a callee's revert data on unchanged
library LibRevert {
    /// @dev Reverts with exactly `reason`, so the caller sees the error the callee raised.
    function bubble(bytes memory reason) internal pure {
        assembly ("memory-safe") {
            revert(add(reason, 0x20), mload(reason))
        }
    }
}
