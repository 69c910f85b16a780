// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

// What runs when: overridden modifiers named through a base, tuples inside tuples, packed arrays that
// shrink and grow under a reference.

contract Named {
    uint256 public x = 7;

    modifier m() virtual {
        x = 2;
        _;
    }

    function inherited() external virtual m returns (uint256) {
        return x;
    }
}

contract Overriding is Named {
    modifier m() override {
        x = 1;
        _;
    }

    function base() external Named.m returns (uint256) {
        return x;
    }

    function own() external m returns (uint256) {
        return x;
    }

    function both() external Named.m m returns (uint256) {
        return x * 10;
    }
}

contract Tuples {
    uint256 public x;
    uint256 public y;
    uint256[] public list;

    function two() internal returns (uint256, uint256) {
        x++;
        return (x, x + 1);
    }

    function three() internal returns (uint256, bytes memory, uint256) {
        return (x, "three", y);
    }

    function pairs() external returns (uint256 a, uint256 b, uint256 c) {
        (a, (b, c)) = (1, two());
        (a, (b, c)) = (two2(a), (b + c, a));
    }

    function two2(uint256 a) internal returns (uint256) {
        y += a;
        return y;
    }

    function texts() external pure returns (bytes memory a, bytes memory b, string memory c) {
        (a, (b, c)) = ("0", ("11", "222"));
    }

    function skips() external returns (uint256 a, bytes memory b) {
        (a, (, b, )) = (5, three());
        ((a, ), b) = (two(), b);
    }

    function storages() external returns (uint256, uint256) {
        (x, (y, )) = (11, (x + y, two2(3)));
        ((x, y), (list)) = ((y, x), (list));
        return (x, y);
    }
}

contract Packed {
    uint32[] public s;
    uint8[40] public fixedBytes;
    int16[] public signed;
    bytes4[] public tags;
    bool[] public flags;

    constructor() {
        s.push();
        s.push();
    }

    function dangling() external returns (uint256) {
        (s[1], s) = (4, [uint32(0)]);
        s = [uint32(0)];
        s.push();
        return s[1];
    }

    function copies(uint32[] calldata given) external returns (uint256 sum) {
        s = given;
        s.push();
        s.push(9);
        for (uint256 i = 0; i < s.length; i++) sum = sum * 3 + s[i];
    }

    function memories(uint256 n, uint32 seed) external returns (uint32[] memory) {
        uint32[] memory made = new uint32[](n % 30);
        for (uint256 i = 0; i < made.length; i++) made[i] = uint32(seed * i);
        s = made;
        return s;
    }

    function fixedFrom(uint8[33] calldata given) external returns (uint8[40] memory) {
        for (uint256 i = 0; i < 40; i++) fixedBytes[i] = 0xff;
        fixedBytes = toForty(given);
        return fixedBytes;
    }

    function toForty(uint8[33] calldata given) internal pure returns (uint8[40] memory made) {
        for (uint256 i = 0; i < 33; i++) made[i] = given[i];
    }

    function shorter(uint8[33] calldata given) external returns (uint256 last, uint8[40] memory) {
        for (uint256 i = 0; i < 40; i++) fixedBytes[i] = 0xee;
        uint8[33] memory copied = given;
        fixedBytes = toForty(given);
        last = copied[32];
        return (last, fixedBytes);
    }

    function negative(int16[] calldata given) external returns (int256 sum) {
        signed = given;
        signed.pop();
        signed.push();
        for (uint256 i = 0; i < signed.length; i++) sum = sum * 5 + signed[i];
    }

    function others(bytes4[] memory given, bool[] memory on) external returns (bytes4, bool, uint256) {
        tags = given;
        flags = on;
        bytes4[] memory back = tags;
        tags = back;
        return (tags[0], flags[flags.length - 1], tags.length + flags.length);
    }
}

/// A compound assignment computes its right side, then finds its target, then reads it.
contract CompoundOrder {
    uint256 x;
    uint8 narrow = 3;
    uint256[] list = [1, 2, 3];
    mapping(uint256 => uint256) seen;

    function change(uint256 to, uint256 answer) internal returns (uint256) {
        x = to;
        list[to % 3] = to;
        seen[to % 2] += to;
        narrow = uint8(to % 100);
        return answer;
    }

    function state(uint256 to, uint256 answer) external returns (uint256) {
        unchecked {
            x += change(to, answer);
            x ^= change(to / 2, answer);
            x <<= change(to, answer % 8);
        }
        return x;
    }

    function packed(uint256 to) external returns (uint8) {
        narrow += uint8(change(to, 2));
        narrow *= uint8(change(to, 2));
        return narrow;
    }

    function inside(uint256 to, uint256 answer) external returns (uint256[] memory, uint256, uint256) {
        unchecked {
            list[x % 3] -= change(to, answer);
            seen[x % 2] *= change(to, answer);
        }
        return (list, seen[0], seen[1]);
    }

    function local(uint128 a, uint128 b) external pure returns (uint256 y, uint256 z) {
        y = a;
        y += (y = b);
        z = b;
        z -= (z = a) / 2;
    }
}

/// Checks that could be made together, were it not for what is between them or why they fail.
contract Checks {
    uint256 s;

    function reasons(uint8 a, uint8 b, uint8 c, uint8[2] calldata list) external pure returns (uint8) {
        uint8 sum = a + b;
        uint8 part = sum / c;
        uint8 other = list[a];
        uint8 rest = b % c;
        part += other;
        return part - rest;
    }

    function between(uint256 x, uint256 y, uint256 depth) external returns (uint256) {
        require(x > 5);
        uint256 z = halting(y, depth % 3);
        require(y > 5);
        z += halting(x, depth % 2);
        require(x + 1 > y || x == 7);
        return z;
    }

    /// Calls itself, so that it stays a function of its own.
    function halting(uint256 y, uint256 depth) internal returns (uint256) {
        if (depth != 0) return halting(y / 2, depth - 1) + 1;
        s ^= y;
        if (y % 3 == 0) {
            assembly {
                mstore(0, y)
                return(0, 32)
            }
        }
        return y % 1000;
    }
}
