pragma solidity ^0.8.24;

contract List {
    function make(uint256 n) external pure returns (uint256[] memory out) {
        uint256[] memory list = new uint256[];
        for (uint256 i = 0; i < n; i++) {
            list.push(i);
        }
        uint256[3] memory fixedList = [1, 2, 3];
        out = list;
    }
}
