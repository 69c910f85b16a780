pragma solidity ^0.8.24;

contract Returns {
    function f(uint256 a) external pure {
        return a;
    }

    function g(uint256 a) external pure returns (uint256, bool) {
        return a;
    }

    function h(uint256 a) external pure returns (uint256, uint256) {
        if (a > 1) return;
        return a, 1;
    }
}
