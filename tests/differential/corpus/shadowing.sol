// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

function scale(uint256 x) pure returns (uint256) {
    uint256 y = x * 3;
    {
        uint256 x = y + 1;
        y = x;
    }
    return x * 1000 + y;
}

uint256 constant limit = 77;

error Refused(uint256 code);

interface Base {
    function limit() external returns (uint256);
}

/// What a name means where several have it: a body is a scope inside its parameters, and functions that are
/// external hide nothing.
contract Shadowing is Base {
    uint256 total = 5;
    uint256 made;

    constructor() {
        uint256 total = 9;
        made = total;
    }

    modifier counted(uint256 by) {
        made += by;
        uint256 by = made * 2;
        _;
        made += by;
    }

    function scaled(uint256 x) external returns (uint256) {
        return scale(x);
    }

    function scale(uint256 x, uint256 y) external returns (uint256) {
        return scale(x) + y;
    }

    function limit() external counted(total) returns (uint256) {
        return limit + made;
    }

    function Refused() external view {
        revert Refused(total);
    }

    function parameter(uint256 x) external returns (uint256, uint256) {
        x += 1;
        uint256 before = x;
        uint256 x = before * 2;
        assembly {
            x := add(x, 100)
        }
        return (before, x);
    }

    function result(uint256 a) external returns (uint256 r) {
        r = a;
        if (a > 3) {
            uint256 r = 50;
            r++;
            return r;
        }
        uint256 r = 7;
        r += 1;
    }

    function conditional(bool c) external counted(2) returns (uint256 made_) {
        uint256 made = c ? made : 1;
        made_ = made;
    }

    function hidden(uint256 limit) external pure returns (uint256) {
        for (uint256 i = 0; i < 3; i++) {
            uint256 i = 2;
            limit += i;
        }
        return limit;
    }

    function caught() external returns (uint256 a, bytes4 b) {
        try this.Refused() {
            uint256 a = 4;
            b = bytes4(uint32(a));
        } catch (bytes memory b) {
            uint256 b = b.length;
            a = b;
        }
    }

    function stray() external returns (uint256) {
        (Base, total++);
        ((uint256, msg), scale);
        (super, [total][0]);
        Base.limit;
        Shadowing.Refused;
        return total;
    }
}
