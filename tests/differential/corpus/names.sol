// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

// Names that look like those the compiler gives to what it makes itself. Bodies are too large to be copied
// into their callers.

function returned_bytes(uint256 x) pure returns (uint256) {
    for (uint256 i = 0; i < 9; i++) x = (x % 1000) * 3 + i;
    return x;
}

function copy_memory(uint256 a, uint256 b, uint256 c) pure returns (uint256) {
    for (uint256 i = 0; i < 9; i++) a = (a % 1000) * 5 + i + (b % 7) + (c % 11);
    return a;
}

library encode_struct_Names {
    function Item_memory(uint256 a, uint256 b) internal pure returns (uint256) {
        for (uint256 i = 0; i < 9; i++) a = (a % 1000) * 7 + i + (b % 7);
        return a;
    }
}

contract Names {
    struct Item {
        uint256 a;
        string b;
    }

    function f(uint256 x) internal pure returns (uint256) {
        for (uint256 i = 0; i < 9; i++) x = (x % 1000) * 3 + i;
        return x;
    }

    function f(int256 x) internal pure returns (uint256) {
        uint256 y = uint256(x);
        for (uint256 i = 0; i < 9; i++) y = (y % 1000) * 5 + i;
        return y;
    }

    function f_1(uint256 x) internal pure returns (uint256) {
        for (uint256 i = 0; i < 9; i++) x = (x % 1000) * 7 + i;
        return x;
    }

    function overloads(uint256 x) external pure returns (uint256, uint256, uint256, uint256, uint256, uint256) {
        return (f(x), f(int256(x)), f_1(x), f(x + 1), f(int256(x + 1)), f_1(x + 1));
    }

    function routines(uint256 x, bytes memory data)
        external
        returns (uint256, bytes memory, uint256, uint256, uint256, bytes memory)
    {
        (, bytes memory back) = address(4).call(data);
        Item memory item = Item(x, string(data));
        uint256 a = returned_bytes(x) + returned_bytes(x + 1);
        uint256 b = copy_memory(x, 1, 2) + copy_memory(1, x, 2);
        uint256 c = encode_struct_Names.Item_memory(x, 1) + encode_struct_Names.Item_memory(1, x);
        return (a, back, b, c, item.a, abi.encode(item, [item, item]));
    }
}
