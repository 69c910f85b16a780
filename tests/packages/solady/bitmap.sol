// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {LibBitmap} from "solady/src/utils/LibBitmap.sol";

contract Bits {
    using LibBitmap for LibBitmap.Bitmap;

    LibBitmap.Bitmap private bits;

    function set(uint16 at, bool on) external returns (bool before) {
        before = bits.get(at);
        bits.setTo(at, on);
    }

    function toggle(uint16 at) external returns (bool) {
        return bits.toggle(at);
    }

    function batch(uint16 at, uint16 count, bool on) external returns (uint256) {
        if (on) bits.setBatch(at, count);
        else bits.unsetBatch(at, count);
        return bits.popCount(0, 1 << 17);
    }

    function last(uint16 before) external view returns (uint256, uint256) {
        return (bits.findLastSet(before), bits.findFirstUnset(0, before));
    }
}
