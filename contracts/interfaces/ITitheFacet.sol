// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IErrors} from "./IErrors.sol";
import {IGuildErrors} from "./IGuildErrors.sol";

/// @title Tithes: an account gives a guild a share of what comes in
/// @notice Amounts in wei of $LH, shares in basis points, times in seconds. Income is what the account's balance has
/// risen by since it was last looked at; looking is anyone's, once in 24 hours. What was there when the tithe was set
/// is not income, nor is what was looked at before; a balance that fell is the measure from then on.
/// @dev Collecting needs the account's allowance of the diamond. Only the account itself sets, caps and revokes.
interface ITitheFacet is IErrors, IGuildErrors {
    event TitheSet(address indexed account, uint256 indexed guildId, uint256 bps, uint256 checkpoint);
    event TitheCapSet(address indexed account, uint256 perPeriodMax);
    event TitheRevoked(address indexed account, uint256 indexed guildId);
    event TitheCollected(
        address indexed account, uint256 indexed guildId, uint256 amount, uint256 checkpoint
    );
    event GuildFunded(uint256 indexed guildId, address indexed funder, uint256 amount);

    /// @notice A share is 1 to 10,000 basis points.
    error InvalidBps();
    /// @notice The account gives no tithe.
    error NoTithe();
    /// @notice The account was looked at less than 24 hours ago.
    error TooSoon();
    /// @notice There was no income, or the share of it is less than one wei.
    error NothingToCollect();

    struct TitheDetails {
        uint256 checkpoint;
        uint256 perPeriodMax;
        uint64 lastAt;
    }

    /// @notice The caller's own: `bps` of its income from now on, instead of any tithe before. `InvalidBps`,
    /// `UnknownGuild`, `NotConfigured`.
    function setTithe(uint256 guildId, uint256 bps) external;
    /// @notice The caller's own: no more than this at once, 0 for no limit; what is over is not asked for later.
    /// `NoTithe`, `CastOverflow`.
    function setTitheCap(uint256 perPeriodMax) external;
    /// @notice The caller's own. `NoTithe`.
    function revokeTithe() external;
    /// @notice Anyone: looks at `account` and collects. A balance that fell only moves the measure and collects 0.
    /// `NoTithe`, `TooSoon`, `NothingToCollect`, then the pull.
    function collectTithe(address account) external returns (uint256 amount);

    /// @return guildId Zero without a tithe.
    /// @return bps Its share.
    function titheOf(address account) external view returns (uint256 guildId, uint256 bps);
    /// @notice The measure, the cap, and when the account was last looked at.
    function titheDetailsOf(address account) external view returns (TitheDetails memory details);
}
