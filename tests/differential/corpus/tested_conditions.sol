// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

/// What was tested before and what was not: each function has checks of which some follow from others and some only seem to.
contract TestedConditions {
    error Low(uint256 have, uint256 want);

    mapping(address => uint256) public balances;
    uint256[] public list;
    uint128 public narrow;
    uint256 public steps;

    constructor() {
        balances[msg.sender] = 300;
        for (uint256 i = 0; i < 5; ++i) list.push(i * i);
    }

    function take(address from, uint256 amount) external returns (uint256) {
        if (balances[from] < amount) revert Low(balances[from], amount);
        balances[from] -= amount;
        balances[msg.sender] += amount;
        return balances[from];
    }

    function takeOther(address from, uint256 amount, uint256 more) external returns (uint256) {
        require(balances[from] >= amount, "low");
        balances[from] -= more; // another one
        return balances[from];
    }

    function takeAgain(address from, uint256 amount) external returns (uint256) {
        require(balances[from] >= amount, "low");
        balances[from] -= amount;
        balances[from] -= amount; // what was tested is gone
        return balances[from];
    }

    function either(uint256 a, uint256 b, bool order) external pure returns (uint256) {
        if (order ? a < b : b < a) return b - a;
        return a - b;
    }

    function sorted(uint256 a, uint256 b) external pure returns (uint256 distance, uint256 middle) {
        if (a > b) (a, b) = (b, a);
        distance = b - a;
        middle = a + (b - a) / 2;
    }

    function swapped(uint256 a, uint256 b) external pure returns (uint256) {
        if (a > b) (a, b) = (b, a);
        return a - b;
    }

    function products(uint128 a, uint128 b, uint64 c) external pure returns (uint256) {
        return uint256(a) * b + c;
    }

    function wideProducts(uint128 a, uint128 b, uint64 c) external pure returns (uint256) {
        return (uint256(a) * b + c) * (uint256(c) + 1);
    }

    function boundedProduct(uint256 a, uint256 b) external pure returns (uint256) {
        require(a <= 1 << 128 && b < 1 << 128);
        return a * b;
    }

    function unboundedProduct(uint256 a, uint256 b) external pure returns (uint256) {
        require(a <= 1 << 128 && b <= 1 << 128);
        return a * b;
    }

    function boundedSum(uint256 a, uint256 b) external pure returns (uint256) {
        require(a < 1 << 255 && b <= 1 << 255);
        return a + b;
    }

    function unboundedSum(uint256 a, uint256 b) external pure returns (uint256) {
        require(a <= 1 << 255 && b <= 1 << 255);
        return a + b;
    }

    function quotient(uint256 a, uint256 b) external pure returns (uint256) {
        if (b > 3) return a / (b - 3) + a % b;
        return a / b;
    }

    function remainders(uint256 a, uint8 b) external pure returns (uint8) {
        uint256 rest = a % (uint256(b) + 1);
        return uint8(rest) + b;
    }

    function narrowed(uint256 a) external pure returns (uint8, uint8) {
        if (a < 256) return (uint8(a), uint8(a + 1));
        if (a <= 256) return (uint8(a), uint8(a - 1));
        return (uint8(a >> 4), uint8(a & 0x1ff));
    }

    function extended(int256 a) external pure returns (int8, int256) {
        if (a >= 0 && a < 128) return (int8(a), a - 128);
        if (a > -129 && a < 129) return (int8(a), a + 129);
        return (int8(a >> 3), a);
    }

    function bytesOfWords(uint256 a) external pure returns (int8, int16) {
        if (a < 128) return (int8(int256(a)), int16(int256(a)));
        if (a < 256) return (int8(int256(a)), int16(int256(a)));
        require(a >> 16 == 0);
        return (int8(int256(a)), int16(int256(a)));
    }

    function signs(int256 a, int256 b) external pure returns (int256) {
        if (a > 0 && b > 0) return a < b ? b - a : a / b;
        if (a < 0 && b >= 0) return a + b;
        if (a < b) return -a;
        return a - b;
    }

    function notEqual(uint256 a) external pure returns (uint256) {
        if (a != 0 && a != type(uint256).max) return (a + 1) / (a - 1 + 1);
        if (a == 0) return a - 1;
        return a;
    }

    function both(uint256 a, uint256 b) external pure returns (uint256 r) {
        bool small = a < b;
        bool large = b > 10;
        if (small && large) r = b - a;
        if (small || large) r += b;
        if (!small && !large) r += a - b;
        if (small) assert(a < b);
        if (!large) assert(b <= 10);
    }

    function at(uint256 i) external view returns (uint256) {
        if (i < list.length) return list[i] + list[i + 1];
        return list[i - list.length];
    }

    function sum(uint256[] calldata words) external pure returns (uint256 total) {
        for (uint256 i = 0; i < words.length; ++i) total += words[i] / (i + 1);
        for (uint256 i = words.length; i > 0; i--) total ^= words[i - 1];
    }

    function pairs(uint256[] calldata words) external pure returns (uint256 total) {
        for (uint256 i = 0; i < words.length; i += 2) total ^= words[i] ^ words[i + 1];
    }

    function copied(uint16[] memory words) external pure returns (uint16 top) {
        for (uint16 i = 0; i < words.length; ++i) {
            if (words[i] > top) top = words[i];
            if (words[i] == i) words[i] = words[words.length - 1 - i];
            top -= words[i] > top ? 0 : words[i] / 2;
        }
    }

    function shrinking(uint256 n) external returns (uint256) {
        if (n > 40) n = 40;
        while (n > 3) {
            n -= 3;
            ++steps;
            if (steps > n) break;
        }
        return n - 1;
    }

    function counted(uint8 n) external returns (uint128) {
        for (uint8 i = 250; i < n; ++i) narrow++;
        for (uint8 i = 0; i < n && i < 20; i++) narrow += i;
        return narrow - n;
    }

    function slice(bytes calldata data, uint256 from, uint256 to) external pure returns (bytes1, uint256, bytes memory) {
        require(from < to, "order");
        bytes calldata part = data[from:to];
        return (part[0], part.length - 1, part[1:]);
    }

    function assembled(uint256 a, uint256 b) external pure returns (uint256 r) {
        assembly {
            if lt(a, b) { r := sub(b, a) if iszero(lt(a, b)) { invalid() } }
            if iszero(shr(8, a)) { r := add(r, and(a, 0xff)) if gt(a, 0xff) { invalid() } }
            switch eq(a, 7)
            case 1 { r := add(r, mul(a, 7)) }
            default { if eq(a, 7) { invalid() } }
            if and(a, 2) { if iszero(and(a, 2)) { invalid() } r := add(r, and(and(a, 2), 6)) }
            if a { if lt(a, 1) { invalid() } }
        }
    }
}
