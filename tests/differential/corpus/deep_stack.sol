// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

contract ManyLocals {
    function wide(uint256[8] calldata v, uint256 k) external pure returns (uint256) {
        uint256 a = v[0] ^ k; uint256 b = v[1] ^ a; uint256 c = v[2] ^ b; uint256 d = v[3] ^ c;
        uint256 e = v[4] ^ d; uint256 f = v[5] ^ e; uint256 g = v[6] ^ f; uint256 h = v[7] ^ g;
        uint256 i = a & b; uint256 j = c | d; uint256 l = e & f; uint256 m = g | h;
        uint256 n = i ^ j; uint256 o = l ^ m; uint256 p = n & o; uint256 q = p | a;
        uint256 r = q ^ b; uint256 s = r ^ c; uint256 t = s ^ d; uint256 u = t ^ e;
        uint256 total;
        for (uint256 x = 0; x < k % 5; x++) {
            total ^= a ^ (b << 1) ^ (c << 2) ^ (d << 3) ^ (e << 4) ^ (f << 5) ^ (g << 6) ^ (h << 7);
            a ^= x; u ^= total; s = u & t;
            if (s % 3 == 1) { (a, u) = (u, a); q = r | s; }
        }
        return total ^ i ^ j ^ l ^ m ^ n ^ o ^ p ^ q ^ r ^ s ^ t ^ u ^ a ^ b ^ c ^ d ^ e ^ f ^ g ^ h;
    }
    function args(uint256 a, uint256 b, uint256 c, uint256 d, uint256 e, uint256 f, uint256 g, uint256 h, uint256 i, uint256 j)
        external pure returns (uint256) {
        return inner(a, b, c, d, e, f, g, h, i, j, a, b, c, d, e, f, g, h, i, j) ^ inner(j, i, h, g, f, e, d, c, b, a, j, i, h, g, f, e, d, c, b, a);
    }
    function inner(uint256 a, uint256 b, uint256 c, uint256 d, uint256 e, uint256 f, uint256 g, uint256 h, uint256 i, uint256 j,
        uint256 k, uint256 l, uint256 m, uint256 n, uint256 o, uint256 p, uint256 q, uint256 r, uint256 s, uint256 t)
        internal pure returns (uint256) {
        unchecked {
            uint256 x = a + b * 2 + c * 3 + d * 4 + e * 5 + f * 6 + g * 7 + h * 8 + i * 9 + j * 10;
            uint256 y = k + l * 2 + m * 3 + n * 4 + o * 5 + p * 6 + q * 7 + r * 8 + s * 9 + t * 10;
            return (x ^ y) + a + t;
        }
    }
    function deepRecursion(uint256 n, uint256[6] memory v) external pure returns (uint256) { return walk(n % 6, v[0], v[1], v[2], v[3], v[4], v[5]); }
    function walk(uint256 n, uint256 a, uint256 b, uint256 c, uint256 d, uint256 e, uint256 f) internal pure returns (uint256) {
        if (n == 0) return a ^ b ^ c ^ d ^ e ^ f;
        unchecked {
            uint256 g = a + 1; uint256 h = b + 2; uint256 i = c + 3; uint256 j = d + 4; uint256 k = e + 5; uint256 l = f + 6;
            uint256 m = g ^ h; uint256 o = i ^ j; uint256 p = k ^ l; uint256 q = m ^ o; uint256 r = p ^ q;
            uint256 s = walk(n - 1, g, h, i, j, k, l);
            return s + g + h * 2 + i * 3 + j * 4 + k * 5 + l * 6 + m + o + p + q + r + walk(n - 1, r, q, p, o, m, l) + a + b + c + d + e + f;
        }
    }
}
