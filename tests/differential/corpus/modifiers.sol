// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

contract Named {
    uint256 public log;
    modifier mark(uint256 x) virtual { log = log * 10 + x % 10; _; }
    modifier maybe(uint256 x) { if (x % 3 != 0) _; }
    function note(uint256 x) internal returns (uint256) { log = log * 10 + x % 10; return x; }
}

contract First is Named { uint256 public first; constructor(uint256 x) { first = x; } }
contract Second is Named { uint256 public second; constructor(uint256 x) { second = x; } }

// Modifiers that leave the body out, that are named through their contract, and arguments of bases in any order.
contract Modifiers is First, Second {
    constructor(uint256 x) mark(note(1)) Second(note(2)) mark(note(3)) First(note(4)) { note(x); }

    modifier mark(uint256 x) override { log = log * 10 + (x + 5) % 10; _; }

    function unnamed(uint256 x) external maybe(x) returns (uint256, string memory, uint256[2] memory) { return (x, "given", [x, x]); }
    function named(uint256 x) external maybe(x) returns (uint256 a, string memory b, bytes memory) { a = x; b = "given"; }
    function overridden(uint256 x) external mark(x) returns (uint256) { return log; }
    function exact(uint256 x) external Named.mark(x) returns (uint256) { return log; }
    function arguments() external maybe(a = 1) maybe(b = 2) returns (uint256 a, uint256 b, uint256 c) { c = a + b; }
    function changed(uint256 x) external maybe(x += 1) mark(x) returns (uint256 r) { x += 1; r = x; }
}
