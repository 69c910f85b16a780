// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {FixedPointMathLib as M} from "solady/src/utils/FixedPointMathLib.sol";

contract Arithmetic {
    function products(uint256 a, uint256 b, uint256 c) external pure returns (uint256, uint256) {
        return (M.fullMulDiv(a, b, c), M.fullMulDivUp(a, b, c));
    }

    function wads(uint256 a, uint256 b) external pure returns (uint256, uint256, uint256) {
        return (M.mulWad(a, b), M.rawMulWad(a, b), M.divWadUp(a, b));
    }

    function signed(int256 a, int256 b) external pure returns (int256, uint256, int256) {
        return (M.sMulWad(a, b), M.abs(a), M.clamp(a, b, a > b ? a : b));
    }

    function curves(int256 a) external pure returns (int256, int256) {
        return (M.expWad(a), a > 0 ? M.lnWad(a) : int256(0));
    }

    function lambert(int256 a) external pure returns (int256) {
        return M.lambertW0Wad(a);
    }

    function powers(int256 a, int256 b) external pure returns (int256) {
        return M.powWad(a, b);
    }

    function roots(uint256 a) external pure returns (uint256, uint256, uint256, uint256) {
        return (M.sqrt(a), M.cbrt(a), M.log2(a), M.log256Up(a));
    }

    function rest(uint256 a, uint256 b, uint256 n) external pure returns (uint256, uint256, uint256, uint256) {
        return (M.gcd(a, b), M.invMod(a, n), M.dist(a, b), M.zeroFloorSub(a, b));
    }

    function raised(uint256 a, uint256 n, uint256 b) external pure returns (uint256) {
        return M.rpow(a, n % 300, b);
    }
}
