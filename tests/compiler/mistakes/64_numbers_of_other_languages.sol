pragma solidity ^0.8.24;

contract Prices {
    uint256 constant A = 0xZZ;
    uint256 constant B = 0x;
    uint256 constant C = 0b101;
    uint256 constant D = 1ether;
    uint256 constant E = 10e;
    uint256 constant F = 0x_;
    uint256 constant G = 100n;
}
