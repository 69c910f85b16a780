// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

// Arrays whose elements have a slot each without filling it: what is in the rest of the slot is compared too.
contract NarrowArrays {
    struct Pair { int248 first; int248[2] rest; }

    int248[3] three;
    int248[3] other;
    int136[3] shorter;
    int64[] packed;
    int248[] many;
    uint248[2] positive;
    bytes31[2] left;
    address[] people;
    Pair pair;
    Pair[] pairs;

    function literal(int248 a, int248 b) external { three = [a, b, -1]; }
    function fromCalldata(int248[3] calldata x, int248[] calldata y) external { three = x; many = y; }
    function fromMemory(int248[] memory x, address[] memory y) external { many = x; people = y; }
    function single(uint256 i, int248 x) external { three[i % 4] = x; many.push(x); other[i % 3]++; }
    function between() external { other = three; }
    function sameSlots() external { many = many; other = other; }
    function wider(int136 a) external { shorter = [a, -2, 3]; other = shorter; }
    function fromPacked(int64[] calldata x) external { packed = x; many = packed; }
    function unsigned(uint248 a, bytes31 b) external { positive = [a, 6]; left = [b, bytes31(hex"02")]; }
    function structs(int248 a) external {
        Pair memory made = Pair(a, [int248(-4), a]);
        pair = made;
        pairs.push(made);
        pairs.push(pair);
        pairs.push(pairs[0]);
    }
    function shrink() external { many.pop(); delete three[1]; delete pairs; people.pop(); }
    function sum() external view returns (int256 total) {
        for (uint256 i = 0; i < 3; i++) total += int256(three[i]) - int256(other[i]);
        for (uint256 i = 0; i < many.length; i++) total ^= many[i];
    }
}
