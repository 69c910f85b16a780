// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IErrors} from "../interfaces/IErrors.sol";

/// @title Narrowing conversions that revert `CastOverflow` instead of truncating
library LibCast {
    function toUint128(uint256 value) internal pure returns (uint128) {
        if (value > type(uint128).max) revert IErrors.CastOverflow();
        return uint128(value);
    }

    function toUint96(uint256 value) internal pure returns (uint96) {
        if (value > type(uint96).max) revert IErrors.CastOverflow();
        return uint96(value);
    }

    function toUint88(uint256 value) internal pure returns (uint88) {
        if (value > type(uint88).max) revert IErrors.CastOverflow();
        return uint88(value);
    }

    function toUint64(uint256 value) internal pure returns (uint64) {
        if (value > type(uint64).max) revert IErrors.CastOverflow();
        return uint64(value);
    }

    /// @dev Seconds since the epoch fit 40 bits until the year 36812.
    function toUint40(uint256 value) internal pure returns (uint40) {
        if (value > type(uint40).max) revert IErrors.CastOverflow();
        return uint40(value);
    }

    /// @dev Ids of identities, bounties and jobs are stored in 32 bits, eight to a word.
    function toUint32(uint256 value) internal pure returns (uint32) {
        if (value > type(uint32).max) revert IErrors.CastOverflow();
        return uint32(value);
    }
}
