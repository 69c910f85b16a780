// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title The events of every change of an account's main identity, whichever facet caused it
interface IMainIdentityEvents {
    event MainRegistered(address indexed account, uint256 indexed id);
    event MainCleared(address indexed account, uint256 indexed id);
}
