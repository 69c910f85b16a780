// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

// Tuples chosen by a condition, and tuples inside tuples.
contract Tuples {
    struct Pair { uint256 a; bytes b; }
    Pair first;
    Pair second;
    uint256[] list;
    uint8 public small;
    string public text = "start";
    uint256 log;

    constructor() { first = Pair(1, "one"); second = Pair(2, "a second value longer than thirty-two bytes"); list = [7, 8, 9]; }

    function note(uint256 x) private returns (uint256) { log = log * 10 + x % 10; return x; }
    function two(uint256 x) private returns (uint256, string memory) { note(x); return (x, "two"); }
    function three(uint256 x) private pure returns (uint8, int16, bytes memory) { return (uint8(x), -3, "three"); }

    function declared(bool c, uint256 x) external returns (uint256 a, string memory b, uint256 seen) {
        (uint256 p, string memory q) = c ? (note(x), "literal") : two(x + 1);
        return (p, q, log);
    }
    function literals(bool c) external pure returns (uint16 a, bytes4 b, int256 d) {
        (a, b, d) = c ? (1, bytes4("abcd"), -1) : (300, bytes4(0x01020304), int8(2));
    }
    function returned(bool c, bool d) external returns (uint256, string memory) {
        return c ? two(1) : d ? (note(2), text) : (note(3), "none");
    }
    function widened(bool c, uint8 x, uint64 y) external pure returns (uint256 a, uint256 b) {
        (uint64 p, uint64 q) = c ? (y, y) : (x, y);
        (a, b) = c ? (x, y) : (y, y);
        a += p; b += q;
    }
    function intoStorage(bool c, bytes calldata data) external returns (uint256, bytes memory, uint8, string memory) {
        Pair memory fresh = Pair(5, data);
        (first, small, text) = c ? (fresh, 3, "chosen") : (second, 4, text);
        return (first.a, first.b, small, text);
    }
    function pointers(bool c) external returns (uint256, uint256) {
        (Pair storage p, uint256[] storage l) = c ? (first, list) : (second, list);
        p.a += 10;
        l.push(p.a);
        return (first.a, second.a);
    }
    function onlyEffects(bool c) external returns (uint256) {
        c ? (note(1), note(2)) : (note(3), note(4));
        c ? two(5) : two(6);
        return log;
    }
    function memoryOrStorage(bool c, bytes calldata data) external view returns (bytes memory a, uint256 b) {
        bytes memory given = data;
        (a, b) = c ? (second.b, 1) : (given, 2);
    }
    function called(bool c, uint256 x) external pure returns (uint8 a, int256 b, bytes memory d) {
        (a, b, d) = c ? three(x) : (uint8(1), int16(2), bytes("b"));
        (a, , d) = c ? (2, b, d) : (a, int8(7), bytes("changed"));
    }
    function nested(uint256 x, uint256 y, bool c) external returns (uint256 a, uint256 b, uint256 d, uint256 seen) {
        ((a, b), d) = ((note(x), note(y)), note(3));
        (((a)), (b, (d, ))) = (b, (a, c ? (d, 1) : (x, y)));
        ((a, ), b) = c ? ((b, d), a) : ((d, 9), b);
        seen = log;
    }
    function nestedStorage() external returns (uint256, uint256, uint8) {
        ((first, second), small) = ((second, first), 9);
        return (first.a, second.a, small);
    }
    function swapped(uint256 i, uint256 j) external returns (uint256[] memory) {
        ((list[i % 4], list[j % 3]), log) = ((list[j % 3], list[i % 4]), note(i));
        return list;
    }
}

// A place found before the array shrinks is written behind its end; later copies clean their last slot.
contract Dangling {
    uint32[] s;
    int16[] signed;
    bytes5[] short;

    constructor() { for (uint256 i; i < 5; i++) { s.push(7); signed.push(-1); short.push("abcde"); } }

    function behind(uint256 at, uint32[] calldata given) external returns (uint32[] memory) {
        (s[at % 5], s) = (4, given);
        s = given;
        s.push();
        s.push();
        return s;
    }
    function ofOthers(int16[] memory a, bytes5[] calldata b) external returns (int16[] memory, bytes5[] memory) {
        (signed[1], signed) = (-4, [int8(-9)]);
        (short[2], short) = ("xyz", b);
        signed = a;
        short = b;
        signed.push();
        short.push();
        return (signed, short);
    }
}
