// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IDiamond} from "./IDiamond.sol";

/// @title A diamond that stays its owner's, whatever code is cut into it
interface IGuardedDiamond is IDiamond {
    /// @notice A facet has changed the owner; everything it did is undone.
    error CoreTampered();
}
