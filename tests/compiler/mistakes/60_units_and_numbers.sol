pragma solidity ^0.8.24;

contract Units {
    uint256 public fee = 1 ethers;
    uint256 public period = 2 years;
    uint256 public big = 1,000,000;
    uint256 public octal = 010;
    uint256 public half = 1e-1;
    uint256 public price = 5 finney;
}
