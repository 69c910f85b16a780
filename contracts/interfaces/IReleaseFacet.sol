// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IErrors} from "./IErrors.sol";
import {IERC721Events} from "./IERC721Events.sol";
import {IMainIdentityEvents} from "./IMainIdentityEvents.sol";

/// @title Giving names back
/// @notice A burned name is free to be registered again, under a new id; the old id has no holder, no name and no
/// metadata that could be read, ever again. Whatever its account holds stays there, out of reach: empty it first.
/// The diamond owner can burn names until the power is sealed.
interface IReleaseFacet is IErrors, IERC721Events, IMainIdentityEvents {
    event NameReleased(uint256 indexed id, string name, address indexed owner);
    /// @notice Ids `fromId` to `toId` have been dealt with; `done` when no more remain.
    event ResetProgress(uint256 fromId, uint256 toId, bool done);
    event AdminBurnSealed();

    /// @notice The identity is the caller's main one; choose another or none first.
    error CannotReleaseMain();
    /// @notice Members and a treasury depend on the name.
    error CannotReleaseGuild();
    /// @notice The owner has given up burning names.
    error AdminSealed();

    /// @notice Holder only, approvals do not count. `NotOwner`, `CannotReleaseMain`, `CannotReleaseGuild`.
    function releaseName(uint256 id) external;
    /// @notice Diamond owner only, at most 200; ids without a holder, and guilds with money, are passed
    /// over. `NotOwner`, `AdminSealed`,
    /// `BatchTooLarge`.
    function adminBurnNames(uint256[] calldata ids) external;
    /// @notice Diamond owner only: burns whatever lives among the next 200 ids, guilds with money
    /// excepted, going on where the last call stopped;
    /// after the last id it starts over. `NotOwner`, `AdminSealed`.
    /// @return done Whether the last id has been reached.
    function adminResetAll() external returns (bool done);
    /// @notice Diamond owner only, for good: from now on only holders burn names. `NotOwner`, `AdminSealed`.
    function sealAdmin() external;

    function isAdminSealed() external view returns (bool);
    /// @return The last id a running reset has dealt with; zero when none is running.
    function resetCursor() external view returns (uint256);
}
