// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

/// What storage forwarding must not confuse: addresses that turn out to be one word, and words that others write.
contract Aliases {
    uint256 public zero; // slot 0
    mapping(uint256 => uint256) m; // slot 1
    mapping(uint256 => mapping(uint256 => uint256)) mm; // slot 2
    struct Pair { uint128 a; uint128 b; uint256 c; }
    mapping(uint256 => Pair) pairs; // slot 3
    Pair[] list; // slot 4
    uint256[] words; // slot 5
    uint256[4] four; // slots 6 to 9
    mapping(uint256 => uint256) other; // slot 10
    Pair one; // slots 11 and 12
    uint8 p; uint8 q; uint16 r; // slot 13

    function sameKey(uint256 i, uint256 j, uint256 v) external returns (uint256, uint256, uint256) {
        m[i] = v; m[j] = v + 1; other[i] = 7; m[i] += 10;
        return (m[i], m[j], other[j]);
    }
    function nested(uint256 i, uint256 j, uint256 k) external returns (uint256, uint256, uint256) {
        mm[i][j] = 1; mm[j][i] = 2; mm[k][k] = 3;
        return (mm[i][j], mm[j][i], mm[k][k]);
    }
    /// Two functions that are called and not copied: one writes what its caller knows, one does not.
    function behindCalls(uint256 i, uint8 n) external returns (uint256, uint256, uint256) {
        m[i] = 3;
        down(n % 4, i);
        uint256 first = m[i];
        uint256 second = count(n % 4);
        return (first, second, m[i] + zero);
    }
    function down(uint256 n, uint256 i) internal {
        if (n == 0) return;
        m[i] += n;
        zero = n;
        down(n - 1, i);
    }
    function count(uint256 n) internal view returns (uint256) { return n == 0 ? zero : count(n - 1) + m[n]; }
    function fields(uint256 i, uint256 j, uint128 v) external returns (uint128, uint128, uint256) {
        Pair storage x = pairs[i]; Pair storage y = pairs[j];
        x.a = v; y.b = v / 2; x.c = 5; y.c = 6; x.b = y.a; y.a = 9;
        return (x.a, x.b, x.c);
    }
    function elements(uint256 i, uint256 j, uint256 v) external returns (uint256, uint256, uint256) {
        while (words.length < 4) words.push(words.length);
        i %= 4; j %= 4;
        words[i] = v; words[j] = v ^ 1; four[i] = v; four[j] = ~v; zero = 3;
        return (words[i], four[i], zero);
    }
    function structs(uint256 i, uint256 j, uint128 v) external returns (uint128, uint256, uint256) {
        while (list.length < 3) list.push(Pair(1, 2, 3));
        i %= 3; j %= 3;
        list[i].a = v; list[j].a = 4; list[j].c = list[i].c + 1; delete list[i].b;
        return (list[i].a, list[j].c, list.length);
    }
    /// A length written by hand lets an element be any word: here slot 0.
    function wrapped(uint256 v) external returns (uint256, uint256) {
        zero = 1;
        assembly { sstore(5, not(0)) }
        uint256 start;
        assembly { mstore(0, 5) start := keccak256(0, 32) }
        unchecked { words[0 - start] = v; }
        uint256 seen = zero;
        assembly { sstore(5, 0) }
        return (seen, words.length);
    }
    /// An entry's address written down as a number.
    function written(uint256 i, uint256 v) external returns (uint256, uint256) {
        uint256 place;
        m[i] = v;
        // keccak256(0 . 1), the address of m[0]
        assembly { sstore(0xa6eef7e35abe7026729641147f7915573c7e97b47efa546f5f6e3230263bcb49, 77) }
        assembly { place := sload(0xa6eef7e35abe7026729641147f7915573c7e97b47efa546f5f6e3230263bcb49) }
        uint256 first = m[i];
        m[0] = v + 2;
        assembly { place := add(place, sload(0xa6eef7e35abe7026729641147f7915573c7e97b47efa546f5f6e3230263bcb49)) }
        return (first, place);
    }
    function computed(uint256 i, uint256 v) external returns (uint256 a, uint256 b) {
        m[i] = v;
        assembly {
            mstore(0, and(i, 3)) mstore(32, 1)
            let s := keccak256(0, 64)
            a := sload(s)
            sstore(s, add(a, 1))
        }
        b = m[i];
    }
    function pointer(uint256 i, uint256 d, uint256 v) external returns (uint256, uint256, uint256) {
        Pair storage x = pairs[i];
        x.c = v; one.c = 8;
        assembly { sstore(add(x.slot, and(d, 1)), 99) sstore(and(d, 15), 98) }
        return (x.c, one.c, zero);
    }
    function _bump(Pair storage x, Pair storage y) internal returns (uint256) {
        x.a += 1; y.a += 1; x.c = y.c + 1;
        return uint256(x.a) + y.a;
    }
    function passed(uint256 i, uint256 j) external returns (uint256, uint256, uint128) {
        unchecked { i %= 3; j %= 3; }
        uint256 first = _bump(pairs[i], pairs[j]);
        uint256 second = _bump(pairs[j], one);
        return (first, second, pairs[i].a);
    }
    function packed(uint8 a, uint8 b, uint16 c) external returns (uint8, uint8, uint16) {
        p = a; q = b; r = c; p = q; q = a;
        if (a > b) r = 1;
        return (p, q, r);
    }
    function branches(uint256 i, bool yes, uint256 v) external returns (uint256) {
        m[i] = v;
        if (yes) m[i + 1] = 5; else m[i] = 6;
        uint256 seen = m[i];
        for (uint256 k = 0; k < 3; k++) { seen += m[i]; m[i] = seen; }
        return seen + m[i];
    }
    function undone(uint256 i, uint256 v) external returns (uint256) {
        m[i] = v; require(v != 4, "four"); m[i] = v * 2;
        return m[i];
    }
    function last(uint256 i, uint256 v) external {
        m[i] = v;
        if (v == 3) return;
        m[i] = v + 1;
        if (v == 5) assembly { stop() }
        m[i] = v + 2;
    }
    function poke(uint256 i) external { m[i] += 100; zero += 1; }
    function called(uint256 i, bool direct) external returns (uint256, uint256) {
        m[i] = 1; zero = 2;
        if (direct) this.poke(i); else { (bool ok, ) = address(this).call(abi.encodeCall(this.poke, (i))); require(ok); }
        return (m[i], zero);
    }
    function look(uint256 i) external view returns (uint256) { return m[i]; }
    function stored(uint256 i, uint256 v) external returns (uint256, uint256) {
        m[i] = v; // seen by the call below although it is overwritten at once
        uint256 seen = this.look(i);
        m[i] = 5;
        return (seen, this.look(i));
    }
    function delegated(uint256 i) external returns (uint256, uint256) {
        m[i] = 1; zero = 2;
        (bool ok, ) = address(this).delegatecall(abi.encodeCall(this.poke, (i)));
        return (ok ? m[i] : 0, zero);
    }
}

/// Inner functions of every shape that a body is copied from.
contract Copies {
    uint256 public state;
    uint256[] public seen;
    event Step(uint256 indexed at, uint256 value);

    function _none() private { state += 1; }
    function _three(uint256 a, uint256 b) private pure returns (uint256 x, uint256 y, uint256 z) {
        if (a > b) return (a, b, a - b);
        x = b; y = a;
        for (uint256 i = 0; i < b % 5; i++) { z += i; if (z > 4) break; }
    }
    function _never(uint256 a) private pure returns (uint256) { revert(a == 0 ? "zero" : "never"); }
    function _leave(uint256 a) private view returns (uint256) {
        if (a == 7) assembly { mstore(0, sload(0)) return(0, 32) }
        return a + 1;
    }
    function _even(uint256 n) private pure returns (bool) { return n == 0 || _odd(n - 1); }
    function _odd(uint256 n) private pure returns (bool) { return n != 0 && _even(n - 1); }
    function _twice(uint256 a) private returns (uint256) { emit Step(a, state); return _add(a, _add(a, 1)); }
    function _add(uint256 a, uint256 b) private pure returns (uint256) { return a + b; }
    function _text(uint256 n) private pure returns (string memory s) { s = n == 0 ? "" : "0123456789012345678901234567890123456789"; }
    modifier counted() { state += 2; _; seen.push(state); }

    function order(uint256 a, uint256 b) external returns (uint256) { _none(); uint256 x = _twice(a); uint256 y = _twice(b); return x * 3 + y; }
    function three(uint256 a, uint256 b) external pure returns (uint256, uint256, uint256, uint256) {
        (uint256 x, , uint256 z) = _three(a, b);
        (, uint256 y, ) = _three(b, a);
        (uint256 u, uint256 v, uint256 w) = _three(x % 9, y % 9);
        unchecked { return (x, y, z, u + v + w); }
    }
    function never(uint256 a) external pure returns (uint256) { if (a < 3) return _never(a); return a; }
    function leave(uint256 a) external returns (uint256) { state = a; uint256 b = _leave(a); state = 9; return b; }
    function parity(uint8 n) external pure returns (bool, bool) { return (_even(n % 32), _odd(n % 32)); }
    function text(uint256 n) external pure returns (string memory, string memory) { return (_text(n % 2), _text(1)); }
    function loops(uint256 n) external counted returns (uint256 total) {
        for (uint256 i = 0; i < n % 6; i++) { (, , uint256 z) = _three(i, n % 7); total += z; _none(); }
    }
    function deep(uint256 a) external counted returns (uint256) { uint256 x = _twice(2); uint256 y = _leave(a); return _add(_add(_add(a, 1), x), _add(y, a)); }
}

// A place is found before the array around it shrinks, and written afterwards.
contract Dangling {
    uint32[] words;
    uint8[] bytesOf;

    constructor() {
        words.push();
        words.push();
    }

    function written(uint32 x) external returns (uint256) {
        words = [uint32(1), 2];
        (words[1], words) = (x, [0]);
        words = [0];
        words.push();
        return words[1];
    }

    function filled(uint8 n, uint8 x) external returns (uint8[] memory) {
        bytesOf = new uint8[](n);
        bytesOf.push(x);
        (bytesOf[n], bytesOf) = (x, new uint8[](n));
        uint8[] memory copy = bytesOf;
        bytesOf = copy;
        bytesOf.push();
        return bytesOf;
    }
}
