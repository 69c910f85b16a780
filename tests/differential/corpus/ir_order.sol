// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

// Where the reference's two pipelines differ, and ours does as the IR pipeline: each run of a function by a modifier
// starts with the parameters and results it was called with, and a contract gives its bases' constructors their
// arguments from the nearest base to the farthest.

contract Repeats {
    uint256 public log;

    modifier times(uint256 count) {
        for (uint256 i = 0; i < count % 4; i++) {
            log = (log % 1000) * 10 + 1;
            _;
        }
    }

    modifier twiceIf(bool again) {
        _;
        if (again) _;
    }

    modifier never(bool skip) {
        if (!skip) _;
    }

    function counted(uint256 count) external times(count) returns (uint256 r) {
        r += 1;
        log = (log % 1000) * 10 + r;
    }

    function parameters(uint256 a, bool again) external twiceIf(again) returns (uint256 r, uint256 s) {
        a = a % 1000 + 1;
        r += a;
        s = r + log % 1000;
        log += a;
    }

    function nested(uint256 a, bool again) external twiceIf(again) times(a) twiceIf(a > 1) returns (uint256 r) {
        a = a % 50 + 3;
        r += a;
        log += r;
        if (r > 5) return r * 2;
    }

    function shared(bool again) external twiceIf(again) returns (uint256[] memory list, uint256 first) {
        if (list.length == 0) list = new uint256[](2);
        list[0] += 5;
        first = list[0];
    }

    struct Pair {
        uint256 a;
        uint256 b;
    }

    function sharedStruct(bool again) external twiceIf(again) returns (Pair memory pair, uint256 seen) {
        seen = pair.a;
        pair.a += 7;
        pair.b += seen;
    }

    function skipped(bool skip) external never(skip) returns (uint256, bytes memory named) {
        named = "ran";
        return (7, named);
    }

    function early(uint256 n, bool again) external twiceIf(again) returns (uint256 r) {
        for (uint256 i = 0; i < n % 9; i++) {
            r += i;
            if (r > 3) return r;
        }
        log += 1;
    }
}

contract ArgumentA {
    uint256 public a;

    constructor(uint256 given) {
        a = given;
    }
}

contract ArgumentB {
    uint256 public b;

    constructor(uint256 given) {
        b = given;
    }
}

contract ArgumentC is ArgumentA {
    uint256[] public order;

    constructor(uint256 given) ArgumentA(note(given + 1)) {
        note(given);
    }

    function note(uint256 value) internal returns (uint256) {
        order.push(value);
        return value;
    }
}

contract Arguments is ArgumentB, ArgumentC {
    modifier noted(uint256 value) {
        note(value);
        _;
        note(value + 1);
    }

    constructor() noted(note(100)) ArgumentB(note(10)) noted(note(200)) ArgumentC(note(20)) {
        note(300);
    }

    function all() external view returns (uint256[] memory) {
        return order;
    }
}
