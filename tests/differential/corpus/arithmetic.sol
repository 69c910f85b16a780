// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

contract Arithmetic {
    function add8(uint8 a, uint8 b) external pure returns (uint8) { return a + b; }
    function sub8(uint8 a, uint8 b) external pure returns (uint8) { return a - b; }
    function mul8(uint8 a, uint8 b) external pure returns (uint8) { return a * b; }
    function div8(uint8 a, uint8 b) external pure returns (uint8) { return a / b; }
    function mod8(uint8 a, uint8 b) external pure returns (uint8) { return a % b; }
    function add136(uint136 a, uint136 b) external pure returns (uint136) { return a + b; }
    function mul136(uint136 a, uint136 b) external pure returns (uint136) { return a * b; }
    function add256(uint256 a, uint256 b) external pure returns (uint256) { return a + b; }
    function sub256(uint256 a, uint256 b) external pure returns (uint256) { return a - b; }
    function mul256(uint256 a, uint256 b) external pure returns (uint256) { return a * b; }
    function div256(uint256 a, uint256 b) external pure returns (uint256) { return a / b; }
    function mod256(uint256 a, uint256 b) external pure returns (uint256) { return a % b; }
    function sadd8(int8 a, int8 b) external pure returns (int8) { return a + b; }
    function ssub8(int8 a, int8 b) external pure returns (int8) { return a - b; }
    function smul8(int8 a, int8 b) external pure returns (int8) { return a * b; }
    function sdiv8(int8 a, int8 b) external pure returns (int8) { return a / b; }
    function smod8(int8 a, int8 b) external pure returns (int8) { return a % b; }
    function smul136(int136 a, int136 b) external pure returns (int136) { return a * b; }
    function sadd256(int256 a, int256 b) external pure returns (int256) { return a + b; }
    function ssub256(int256 a, int256 b) external pure returns (int256) { return a - b; }
    function smul256(int256 a, int256 b) external pure returns (int256) { return a * b; }
    function sdiv256(int256 a, int256 b) external pure returns (int256) { return a / b; }
    function smod256(int256 a, int256 b) external pure returns (int256) { return a % b; }
    function neg(int256 a, int16 b) external pure returns (int256, int16) { return (-a, -b); }
    function neg256(int256 a) external pure returns (int256) { return -a; }
    function not(uint256 a, uint16 b, int24 c, bytes3 d) external pure returns (uint256, uint16, int24, bytes3) {
        return (~a, ~b, ~c, ~d);
    }
    function exp(uint256 a, uint256 b) external pure returns (uint256) { return a ** b; }
    function exp8(uint8 a, uint8 b) external pure returns (uint8) { return a ** b; }
    function sexp(int256 a, uint256 b) external pure returns (int256) { return a ** b; }
    function sexp16(int16 a, uint8 b) external pure returns (int16) { return a ** b; }
    function exp2(uint256 b) external pure returns (uint256) { return 2 ** b; }
    function exp10(uint256 b) external pure returns (uint256) { return 10 ** b; }
    function exp3u8(uint8 b) external pure returns (uint8) { return uint8(3) ** b; }
    function expm2(uint256 b) external pure returns (int256) { return (-2) ** b; }
    function steps(uint8 a, int8 b) external pure returns (uint8 x, int8 y, uint8 z, int8 w) {
        x = a++;
        y = b--;
        z = ++a;
        w = --b;
    }
    function compound(uint16 a, uint16 b) external pure returns (uint16 c) {
        c = a;
        c += b;
        c *= 3;
        c -= b;
        c /= 2;
        c %= 1000;
        c |= 0x0101;
        c &= 0x7fff;
        c ^= b;
        c <<= 1;
        c >>= 2;
    }
    function uadd(uint8 a, uint8 b) external pure returns (uint8) { unchecked { return a + b; } }
    function usub(uint256 a, uint256 b) external pure returns (uint256) { unchecked { return a - b; } }
    function umul(int16 a, int16 b) external pure returns (int16) { unchecked { return a * b; } }
    function udiv(int8 a, int8 b) external pure returns (int8) { unchecked { return a / b; } }
    function udiv256(int256 a, int256 b) external pure returns (int256) { unchecked { return a / b; } }
    function umod(uint8 a, uint8 b) external pure returns (uint8) { unchecked { return a % b; } }
    function uneg(int8 a) external pure returns (int8) { unchecked { return -a; } }
    function uexp(uint16 a, uint16 b) external pure returns (uint16) { unchecked { return a ** b; } }
    function uinc(uint8 a) external pure returns (uint8 r) { unchecked { a++; a++; r = a; --r; --r; --r; } }
    function shl(uint256 a, uint256 b) external pure returns (uint256) { return a << b; }
    function shr(uint256 a, uint256 b) external pure returns (uint256) { return a >> b; }
    function sar(int256 a, uint256 b) external pure returns (int256) { return a >> b; }
    function shl8(uint8 a, uint8 b) external pure returns (uint8) { return a << b; }
    function shl16s(int16 a, uint8 b) external pure returns (int16) { return a << b; }
    function sar16(int16 a, uint8 b) external pure returns (int16) { return a >> b; }
    function shlb(bytes4 a, uint8 b) external pure returns (bytes4) { return a << b; }
    function shrb(bytes4 a, uint8 b) external pure returns (bytes4) { return a >> b; }
    function shc(uint256 a) external pure returns (uint256, uint256) { return (a << 3, a >> 200); }
    function addmod_(uint256 a, uint256 b, uint256 m) external pure returns (uint256) { return addmod(a, b, m); }
    function mulmod_(uint256 a, uint256 b, uint256 m) external pure returns (uint256) { return mulmod(a, b, m); }
    function consts() external pure returns (uint256, int256, uint256, uint256) {
        return (2 ** 255 - 1 + 5, -3 ** 3, 3 ether / 2 gwei, 0.5 days * 3);
    }
    function mulc(uint256 a) external pure returns (uint256) { return a * 1000; }
    function mulc2(int256 a) external pure returns (int256) { return a * -7; }
    function mulz(uint256 a) external pure returns (uint256) { return a * 0; }
    function addc(uint256 a) external pure returns (uint256) { return 7 + a; }
    function subc(uint256 a) external pure returns (uint256) { return 100 - a; }
    function divc(uint256 a, int256 b) external pure returns (uint256, int256) { return (a / 8, b / 8); }
    function modc(uint256 a, int256 b) external pure returns (uint256, int256) { return (a % 8, b % 8); }
}

contract Comparisons {
    enum Color { Red, Green, Blue }
    function u(uint8 a, uint8 b) external pure returns (bool, bool, bool, bool, bool, bool) {
        return (a < b, a > b, a <= b, a >= b, a == b, a != b);
    }
    function s(int16 a, int16 b) external pure returns (bool, bool, bool, bool, bool, bool) {
        return (a < b, a > b, a <= b, a >= b, a == b, a != b);
    }
    function b4(bytes4 a, bytes4 b) external pure returns (bool, bool, bool, bool) {
        return (a < b, a >= b, a == b, a != b);
    }
    function ad(address a, address b) external pure returns (bool, bool, bool) { return (a < b, a == b, a != b); }
    function bo(bool a, bool b) external pure returns (bool, bool, bool, bool, bool) {
        return (a && b, a || b, !a, a == b, a != b);
    }
    function en(Color a, Color b) external pure returns (bool, bool, Color) { return (a < b, a == b, a > b ? a : b); }
    function mixed(uint8 a, uint256 b, int8 c) external pure returns (bool, bool) { return (a < b, c < 5); }
    function literals(uint256 a) external pure returns (bool, bool) { return (a == 10, 3 > a); }
}
