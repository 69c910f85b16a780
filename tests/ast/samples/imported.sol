// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

import * as Whole from "./definitions.sol";

struct Point {
    uint256 x;
}

uint256 constant ORIGIN = 1;

function mirrored(uint256 value) pure returns (uint256) {
    return value;
}

function several(uint256 value) pure returns (uint256) {
    return value + Whole.TOP;
}

function several(address value) pure returns (address) {
    return value;
}
