// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {LibSort} from "solady/src/utils/LibSort.sol";

contract Sorting {
    function sorted(uint256[] memory a, int256[] memory b, address[] memory c)
        external
        pure
        returns (uint256[] memory, int256[] memory, address[] memory)
    {
        LibSort.sort(a);
        LibSort.insertionSort(b);
        LibSort.sort(c);
        LibSort.uniquifySorted(c);
        return (a, b, c);
    }

    function sets(uint256[] memory a, uint256[] memory b)
        external
        pure
        returns (uint256[] memory, uint256[] memory, uint256[] memory)
    {
        LibSort.sort(a);
        LibSort.sort(b);
        return (LibSort.union(a, b), LibSort.intersection(a, b), LibSort.difference(a, b));
    }

    function searched(uint256[] memory a, uint256 needle) external pure returns (bool, uint256, bool) {
        LibSort.sort(a);
        (bool found, uint256 at) = LibSort.searchSorted(a, needle);
        return (found, at, LibSort.isSortedAndUniquified(a));
    }

    function long(uint256 seed, uint8 length) external pure returns (uint256[] memory made) {
        made = new uint256[](length % 60);
        for (uint256 i = 0; i < made.length; i++) made[i] = uint256(keccak256(abi.encode(seed, i))) % 90;
        LibSort.sort(made);
        LibSort.reverse(made);
    }
}
