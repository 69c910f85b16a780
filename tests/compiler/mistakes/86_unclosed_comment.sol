pragma solidity ^0.8.24;

contract Shop {
    /* the name
    string name = "abc";
    uint256 total;
}
