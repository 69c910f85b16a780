// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

contract Memory {
    struct Point { uint128 x; int64 y; }
    struct Line { Point a; Point b; string label; uint256[] marks; }
    function array(uint256 n) external pure returns (uint256[] memory r) {
        r = new uint256[](n % 50);
        for (uint256 i = 0; i < r.length; i++) r[i] = i * i;
    }
    function tooBig(uint256 n) external pure returns (uint256) { return new uint256[](n).length; }
    function tooManyBytes(uint256 n) external pure returns (uint256) { return new bytes(n).length; }
    function makeBytes(uint8 n, bytes1 v) external pure returns (bytes memory r) {
        r = new bytes(n);
        for (uint256 i = 0; i < n; i += 3) r[i] = v;
    }
    function fixedArray(uint8 a) external pure returns (uint16[3] memory r) {
        r[0] = a;
        r[1] = uint16(a) * 2;
        r[a % 4] = 9;
    }
    function point(uint128 x, int64 y) external pure returns (Point memory p) { p = Point(x, y); p.x += 1; }
    function named(uint128 x, int64 y) external pure returns (Point memory) { return Point({y: y, x: x}); }
    function line(Point memory a, uint256[] memory marks, string memory label) external pure returns (Line memory l) {
        l.a = a;
        l.b.x = a.x / 2;
        l.marks = marks;
        l.label = label;
        a.y = 3;
    }
    function defaults() external pure returns (Line memory l, uint256[] memory e, Point[2] memory p) {
        e = l.marks;
        p[1].x = 5;
    }
    function alias_(uint256[] memory a) external pure returns (uint256[] memory) {
        uint256[] memory b = a;
        if (b.length > 0) b[0] = 77;
        return a;
    }
    function nested(uint8 n) external pure returns (uint256[][] memory r) {
        r = new uint256[][](n % 6);
        for (uint256 i = 0; i < r.length; i++) {
            r[i] = new uint256[](i);
            for (uint256 j = 0; j < i; j++) r[i][j] = i + j;
        }
    }
    function literals() external pure returns (uint8[3] memory, string memory, bytes memory) {
        return ([1, 2, 3], "text", hex"00ff");
    }
    function concat(string memory a, bytes memory b, bytes3 c) external pure returns (string memory, bytes memory) {
        return (string.concat(a, "-", a), bytes.concat(b, c, "!"));
    }
    function index(bytes memory b, uint256 i) external pure returns (bytes1) { return b[i]; }
    function stringBytes(string memory s) external pure returns (uint256, bytes1) {
        bytes memory b = bytes(s);
        return (b.length, b.length > 0 ? b[b.length - 1] : bytes1(0));
    }
    function hashes(bytes memory b, uint256 x, address a) external pure returns (bytes32, bytes32, bytes32, bytes32) {
        return (keccak256(b), keccak256(abi.encode(x, a)), keccak256(abi.encodePacked(x, a)), keccak256("constant"));
    }
    function sha(bytes memory b) external pure returns (bytes32, bytes20) { return (sha256(b), ripemd160(b)); }
    function deleteLocal(uint256[] memory a, Point memory p) external pure returns (uint256, uint128) {
        delete a;
        delete p;
        return (a.length, p.x);
    }
    function sort(uint256[] memory a) external pure returns (uint256[] memory) {
        for (uint256 i = 1; i < a.length; i++) {
            uint256 v = a[i];
            uint256 j = i;
            while (j > 0 && a[j - 1] > v) {
                a[j] = a[j - 1];
                j--;
            }
            a[j] = v;
        }
        return a;
    }
}
