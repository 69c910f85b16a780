// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title What registering a name says, whichever facet is asked to do it
interface IRegistration {
    event Registered(uint256 indexed id, address indexed owner, string name);

    /// @notice A name is 1 to 63 bytes of `a-z`, `0-9` and `-`, without a hyphen at either end.
    error InvalidName();
    /// @notice "id-" followed by digits is the name of an identity that was registered without one.
    error NameReserved();
    error NameTaken();
    /// @notice Commit mode is on, or the commitment is absent, younger than 60 seconds or older than 24 hours.
    error CommitRequired();
}
