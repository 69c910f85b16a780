pragma solidity ^0.8.24;

contract Paths {
    uint256 public x;

    function f(uint256 a) external returns (uint256) {
        if (a > 1) {
            revert("too large");
            x = 1;
        }
        return a;
        x = 2;
    }
}
