// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title Several calls inside one transaction, each allowed to fail
/// @notice Shows what only the end of a transaction hides: transient storage that was not cleared.
contract Multicaller {
    function run(address[] calldata targets, bytes[] calldata payloads)
        external
        returns (bool[] memory results)
    {
        results = new bool[](targets.length);
        for (uint256 i = 0; i < targets.length; i++) {
            (results[i],) = targets[i].call(payloads[i]);
        }
    }
}
