// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title The contract that runs ERC-6492 deployments so that the diamond never calls an address a signer chose
interface ISigDeployer {
    /// @notice Calls `factory` with `data`, no value, and ignores what comes back.
    /// @return success Whether the call succeeded.
    function deploy(address factory, bytes calldata data) external returns (bool success);
}
