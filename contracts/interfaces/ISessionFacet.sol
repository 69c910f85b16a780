// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IErrors} from "./IErrors.sol";

/// @title Time-boxed access, paid in advance
/// @notice Prices in wei of $LH, times in seconds. A session is open while now <= `sessionExpiryOf`. The price goes
/// into the treasury. An expiry never moves back, and nobody pays for a session that would not end later.
interface ISessionFacet is IErrors {
    event SessionOpened(address indexed user, uint256 expiry, uint256 priceWei);
    event SessionExtended(address indexed user, uint256 expiry, uint256 priceWei);
    event SessionPriceSet(uint256 priceWei);
    event SessionDurationSet(uint256 duration);

    /// @notice The duration is set to zero.
    error SessionsDisabled();
    /// @notice The caller's session runs at least as long as the one asked for; `extendSession` adds to it.
    error SessionRunning(uint256 expiry);
    /// @notice The price is now `priceWei`.
    error PriceTooHigh(uint256 priceWei);
    /// @notice A session would end more than 30 days from now.
    error TooFar();
    /// @notice Sessions last 30 days at most.
    error DurationTooLong();

    /// @notice Opens a session from now at whatever it costs. `SessionsDisabled`, `SessionRunning`, then the pull.
    function openSession() external returns (uint256 expiry);
    /// @notice As `openSession` for at most `maxPriceWei`: `SessionsDisabled`, `SessionRunning`, `PriceTooHigh`.
    function openSessionMax(uint256 maxPriceWei) external returns (uint256 expiry);
    /// @notice Adds one duration to the end of the caller's session, or to now. `SessionsDisabled`, `TooFar`, then the
    /// pull.
    function extendSession() external returns (uint256 expiry);
    /// @notice As `extendSession` for at most `maxPriceWei`: `SessionsDisabled`, `TooFar`, `PriceTooHigh`.
    function extendSessionMax(uint256 maxPriceWei) external returns (uint256 expiry);
    /// @notice Diamond owner only (`NotOwner`, `CastOverflow` from 2^128). Zero makes sessions free; no token is needed
    /// then.
    function setSessionPrice(uint256 priceWei) external;
    /// @notice Diamond owner only (`NotOwner`, `DurationTooLong`). Zero switches sessions off; open ones run on.
    function setSessionDuration(uint256 duration) external;

    /// @return Zero for an account that never opened one.
    function sessionExpiryOf(address user) external view returns (uint256);
    /// @return 1e19 until the owner sets another.
    function sessionPrice() external view returns (uint256);
    /// @return 3600 until the owner sets another.
    function sessionDuration() external view returns (uint256);
}
