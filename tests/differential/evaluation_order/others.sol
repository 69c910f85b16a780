// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

struct Point {
    uint256 a;
    uint256 b;
}

struct Deep {
    uint256[] list;
    uint256 n;
}

contract Other {
    bytes32 public digest;

    constructor(Deep memory deep, uint256 x) payable {
        digest = keccak256(abi.encode(deep, x));
    }
}

type Price is uint256;

using {plus as +, less as <} for Price global;

function plus(Price a, Price b) pure returns (Price) {
    return Price.wrap(Price.unwrap(a) * 3 + Price.unwrap(b));
}

function less(Price a, Price b) pure returns (bool) {
    return Price.unwrap(a) < Price.unwrap(b);
}

library Attached {
    function joined(uint256 a, uint256 b, uint256 c) internal pure returns (uint256) {
        return a * 49 + b * 7 + c;
    }

    function sum(Point memory a, uint256 b, Point memory c) internal pure returns (uint256) {
        return a.a * 49 + b * 7 + c.a;
    }

    function pushed(uint256[] storage list, uint256 b, uint256[] memory c) internal returns (uint256) {
        list.push(b);
        return list.length + c[1];
    }
}

contract Traced {
    uint256 public trace = 1;
    Point noted;

    function note(uint256 k) internal returns (uint256) {
        trace = trace * 31 + k;
        noted.a += k;
        return k;
    }
}

contract Left is Traced {
    uint256 left = note(2);

    constructor(uint256 x) {
        left += note(x);
    }
}

contract Right is Traced {
    uint256 right = note(3);

    modifier marked(uint256 x) {
        note(x);
        _;
        note(x + 1);
    }

    constructor(Point memory v, uint256 x, uint256 y, Point memory z) marked(note(20)) {
        right += note(x) * note(y + v.a) + z.a;
    }
}

contract Bases is Left, Right {
    uint256 own = note(4);
    uint256 immutable fixedOwn = note(5);

    constructor(uint256 x, Point memory z) Right(noted, note(6), note(7), z) marked(note(8)) Left(note(x)) {
        own += note(9);
    }
}

/// @notice What the operands read and change.
abstract contract Effects {
    uint256 trace;
    Point s = Point(1, 2);
    uint256[] arr = [1, 2, 3, 4, 5, 6, 7, 8];
    Deep d;
    mapping(uint256 => mapping(uint256 => uint256)) m;
    Point[] points;
    uint256[][] nested;
    uint256[2] fixedPair = [uint256(3), 4];
    bytes[] texts;
    bytes raw = "abcdefgh";
    uint64 low = 7;
    uint64 high = 9;

    event Plain(Point, uint256[], uint256, Deep);
    event Named(uint256 a, bytes indexed b, Deep c, uint256 indexed d);
    event Indexed(Point indexed, uint256[] indexed, uint256, Deep indexed);

    error Refused(Point, uint256[], uint256, Deep);

    error NamedError(uint256 a, uint256 b, Deep c);

    constructor() {
        points.push(Point(3, 4));
        points.push(Point(5, 6));
        points.push(Point(7, 8));
        d.list.push(9);
        d.list.push(10);
        nested.push(arr);
        nested.push(arr);
    }

    function t(uint256 k) internal returns (uint256) {
        trace = trace * 31 + k;
        s.a += k;
        arr[k % 4] += k;
        d.list[k % 2] = trace;
        d.n += 1;
        points[k % 3].b = trace;
        fixedPair[k % 2] ^= trace;
        raw[k % 8] = bytes1(uint8(k + 64));
        low += uint64(k);
        return k;
    }

    function tm(uint256[] memory x, uint256 k) internal returns (uint256) {
        x[k % 2] = t(k);
        return k;
    }

    function pair(uint256 a, uint256 b) internal pure returns (uint256) {
        return a * 7 + b;
    }

    function digest() internal view returns (bytes32) {
        return keccak256(abi.encode(trace, s, arr, d, points, fixedPair, raw, low, high));
    }
}
