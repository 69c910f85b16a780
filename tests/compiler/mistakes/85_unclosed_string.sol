pragma solidity ^0.8.24;

contract Shop {
    string name = "abc;
    uint256 total;
}
