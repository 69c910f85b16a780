// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IRegistration} from "../interfaces/IRegistration.sol";
import {RegistryStorage} from "../storage/RegistryStorage.sol";
import {LibBuckets} from "./LibBuckets.sol";
import {LibCredits} from "./LibCredits.sol";
import {LibNs} from "./LibNs.sol";
import {LibRegistry} from "./LibRegistry.sol";
import {LibToken} from "./LibToken.sol";

/// @title The terms on which a name is given out: free, in commit mode with a commitment, against the registration cost
/// @notice The registry and whoever else mints identities ask here, so there is no cheaper or faster way to a name.
library LibRegistration {
    uint256 internal constant COMMIT_MIN_AGE = 60;
    uint256 internal constant COMMIT_MAX_AGE = 24 hours;

    /// @dev `InvalidName`, `NameReserved`, `NameTaken`, `CommitRequired` while names are registered in two steps.
    function requireOpen(string calldata name) internal view {
        if (!LibRegistry.isValidName(bytes(name))) revert IRegistration.InvalidName();
        requireOpenValid(name);
    }

    /// @dev As `requireOpen`, for a name that is known to be a valid one.
    function requireOpenValid(string calldata name) internal view {
        LibRegistry.requireUnused(name);
        if (LibNs.registry().config.commitRequired) revert IRegistration.CommitRequired();
    }

    /// @dev `InvalidName`, `NameReserved`, `NameTaken`, `CommitRequired`. Uses up the caller's commitment to `name` and
    /// `salt`.
    function redeemCommitment(string calldata name, bytes32 salt) internal {
        if (!LibRegistry.isValidName(bytes(name))) revert IRegistration.InvalidName();
        LibRegistry.requireUnused(name);
        RegistryStorage storage s = LibNs.registry();
        bytes32 commitment = keccak256(abi.encode(name, msg.sender, salt));
        uint256 committedAt = s.commitments[commitment];
        if (
            committedAt == 0 || block.timestamp < committedAt + COMMIT_MIN_AGE
                || block.timestamp > committedAt + COMMIT_MAX_AGE
        ) revert IRegistration.CommitRequired();
        delete s.commitments[commitment];
    }

    /// @dev Interaction: the registration cost, into the treasury.
    function charge(address payer) internal {
        uint256 cost = LibNs.registry().config.registrationCost;
        if (cost != 0) LibToken.pullExact(LibCredits.token(), payer, cost, LibBuckets.TREASURY);
    }
}
