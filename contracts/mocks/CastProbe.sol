// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IErrors} from "../interfaces/IErrors.sol";
import {LibCast} from "../libraries/LibCast.sol";

/// @title LibCast as a contract
contract CastProbe is IErrors {
    function toUint128(uint256 value) external pure returns (uint128) {
        return LibCast.toUint128(value);
    }

    function toUint88(uint256 value) external pure returns (uint88) {
        return LibCast.toUint88(value);
    }

    function toUint64(uint256 value) external pure returns (uint64) {
        return LibCast.toUint64(value);
    }

    function toUint40(uint256 value) external pure returns (uint40) {
        return LibCast.toUint40(value);
    }

    function toUint32(uint256 value) external pure returns (uint32) {
        return LibCast.toUint32(value);
    }
}
