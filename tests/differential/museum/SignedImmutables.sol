// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

// A narrow signed immutable is read as the number it is, in assembly as well.

contract Exhibit {
    int8 immutable small = -3;
    int64 immutable middle;
    bool immutable on = true;
    bytes3 immutable tag = "abc";

    constructor(int64 m) {
        middle = m;
    }

    function seen() external view returns (int256 a, int256 b, uint256 c, uint256 d) {
        int8 s = small;
        int64 m = middle;
        bool o = on;
        bytes3 t = tag;
        assembly {
            a := s
            b := m
            c := o
            d := t
        }
    }

    function computed(int8 x) external view returns (int256) {
        unchecked {
            return int256(small) * x + middle;
        }
    }
}
