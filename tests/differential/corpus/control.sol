// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

contract Control {
    uint256 public log;
    modifier twice() { log += 1; _; log *= 2; _; log += 100; }
    modifier only(uint256 a, uint256 max) { if (a > max) return; _; }
    modifier guarded() { require(log < 10_000, "too large"); _; }
    error TooMany(uint256 given, uint256 limit);
    error Plain();
    function loops(uint256 n) external pure returns (uint256 a, uint256 b, uint256 c) {
        n %= 30;
        for (uint256 i = 0; i < n; i++) { if (i % 3 == 0) continue; if (i > 20) break; a += i; }
        uint256 j = n;
        while (j > 0) { j--; if (j == 5) continue; b += j; }
        do { c++; if (c == 7) break; } while (c < n);
    }
    function nestedLoops(uint8 n) external pure returns (uint256 r) {
        for (uint256 i = 0; i < n % 8; i++)
            for (uint256 j = i; ; j++) { if (j > 6) break; if (j == 3) continue; r = r * 3 + i + j; r %= 1e18; }
    }
    function branches(uint256 a) external pure returns (string memory) {
        if (a == 0) return "zero";
        else if (a < 10) return "small";
        else if (a < 1000 && a % 2 == 0 || a == 501) return "medium";
        return "large";
    }
    function ternary(uint256 a, uint256 b) external pure returns (uint256) { return a > b ? a - b : b > a ? b - a : 42; }
    function shortCircuit(uint256 a) external returns (bool, bool) { return (a > 5 && bump(), a > 5 || bump()); }
    function bump() internal returns (bool) { log++; return log % 2 == 0; }
    function modified(uint256 a) external twice returns (uint256) { log += a % 10; return log; }
    function limited(uint256 a) external only(a, 50) guarded returns (uint256 r) { r = a * 2; log = r; }
    function early(uint256 a) external twice only(a, 5) returns (uint256 r) { r = 9; if (a == 3) return 33; r = 11; }
    function fail(uint256 a) external pure {
        if (a == 1) revert Plain();
        if (a == 2) revert TooMany(a, 1);
        if (a == 3) revert("text");
        if (a == 4) revert();
        require(a != 5);
        require(a != 6, "six is not allowed here because it is six, and six is refused");
        require(a != 7, TooMany({limit: 6, given: a}));
        assert(a != 8);
    }
    function message(string memory m, bool ok) external pure { require(ok, m); }
    function tuples(uint256 a, uint256 b) external pure returns (uint256 x, uint256 y, uint256 z) {
        (x, y) = (a, b);
        (x, y) = (y, x);
        (, z) = three(x);
        (x, , ) = (z, y, 1);
        (uint256 p, uint256 q) = (x, y);
        z = p ^ q;
    }
    function three(uint256 a) internal pure returns (uint256, uint256) { return (a / 2, a / 3); }
    function recursion(uint8 n) external pure returns (uint256) { return fib(n % 12); }
    function fib(uint256 n) internal pure returns (uint256) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }
    function ackermann(uint8 m, uint8 n) external pure returns (uint256) { return ack(m % 3, n % 4); }
    function ack(uint256 m, uint256 n) private pure returns (uint256) {
        if (m == 0) return n + 1;
        if (n == 0) return ack(m - 1, 1);
        return ack(m - 1, ack(m, n - 1));
    }
    function scopes(uint256 a) external pure returns (uint256 r) {
        { uint256 t = a / 2; r = t; }
        { uint256 t = a / 3; r ^= t; }
        for (uint256 t = 0; t < 3; t++) { uint256 u = t; r ^= u; u = 9; }
    }
    function assignments(uint256 a) external pure returns (uint256, uint256) {
        uint256 b;
        uint256 c = b = a;
        b = c += 1;
        return (b, c++ + ++c);
    }
}
