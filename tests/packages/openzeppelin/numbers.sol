// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {SignedMath} from "@openzeppelin/contracts/utils/math/SignedMath.sol";

contract Numbers {
    function products(uint256 a, uint256 b, uint256 c) external pure returns (uint256, uint256, uint256) {
        (uint256 high, uint256 low) = Math.mul512(a, b);
        return (high, low, Math.mulDiv(a, b, c, Math.Rounding.Ceil));
    }

    function tries(uint256 a, uint256 b) external pure returns (bool, uint256, bool, uint256, bool, uint256) {
        (bool added, uint256 sum) = Math.tryAdd(a, b);
        (bool multiplied, uint256 product) = Math.tryMul(a, b);
        (bool divided, uint256 quotient) = Math.tryDiv(a, b);
        return (added, sum, multiplied, product, divided, quotient);
    }

    function roots(uint256 a) external pure returns (uint256, uint256, uint256, uint256) {
        return (Math.sqrt(a), Math.log2(a), Math.log10(a), Math.log256(a, Math.Rounding.Ceil));
    }

    function powers(uint256 b, uint256 e, uint256 m) external view returns (bool, uint256, uint256) {
        (bool ok, uint256 result) = Math.tryModExp(b, e, m);
        return (ok, result, Math.invMod(b, m));
    }

    function saturated(uint256 a, uint256 b) external pure returns (uint256, uint256, uint256) {
        return (Math.saturatingAdd(a, b), Math.saturatingSub(a, b), Math.saturatingMul(a, b));
    }

    function casts(uint256 a, int256 b) external pure returns (uint64, int32, uint256, int256) {
        return (SafeCast.toUint64(a), SafeCast.toInt32(b), SafeCast.toUint256(b), SafeCast.toInt256(a));
    }

    function signs(int256 a, int256 b) external pure returns (int256, int256, uint256, int256) {
        return (SignedMath.max(a, b), SignedMath.average(a, b), SignedMath.abs(a), SignedMath.ternary(a > b, a, b));
    }
}
