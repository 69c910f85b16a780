// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title What any facet may emit when it pays somebody out
interface ILedgerEvents {
    /// @notice The token refused to pay `to`; `amount` base units wait to be claimed (`claimOwed`).
    event Owed(address indexed token, address indexed to, uint256 amount);
}
