pragma solidity ^0.8.24;

contract Compare {
    function f(int256 a, uint256 b) external pure returns (bool) {
        return a < b;
    }

    function g(address a, uint256 b) external pure returns (bool) {
        return a == b;
    }

    function h(string memory a, string memory b) external pure returns (bool) {
        return a == b;
    }
}
