pragma solidity ^0.8.24;

contract Twice {
    uint256 public value;

    function value() external pure returns (uint256) {
        return 1;
    }

    function f(uint256 a) external {}

    function f(uint256 b) external returns (uint256) {}

    event Done();
    event Done();

    function g(uint256 a, uint256 a) external {
        uint256 c = 1;
        uint256 c = 2;
    }
}
