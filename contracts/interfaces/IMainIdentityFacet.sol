// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IErrors} from "./IErrors.sol";
import {IMainIdentityEvents} from "./IMainIdentityEvents.sol";

/// @title The identity an account speaks as
/// @notice Cost in wei of $LH.
interface IMainIdentityFacet is IErrors, IMainIdentityEvents {
    event MainCostUpdated(uint256 oldCost, uint256 newCost);

    error UnknownToken();

    /// @notice Holder of `id` only. `UnknownToken`, `NotOwner`, then the pull of `mainCost` into the treasury. Choosing
    /// the present main identity again costs nothing and emits nothing.
    function registerMain(uint256 id) external;
    /// @notice Leaves the caller without a main identity; nothing happens when there is none.
    function clearMain() external;
    /// @notice Diamond owner only.
    function setMainCost(uint256 cost) external;
    function mainCost() external view returns (uint256);

    /// @return id Zero when there is none; otherwise an identity `account` holds.
    function mainOf(address account) external view returns (uint256 id);
    function mainNameOf(address account) external view returns (string memory name);
    /// @return Whether `id` is its holder's main identity.
    function isMain(uint256 id) external view returns (bool);
}
