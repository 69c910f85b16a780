pragma solidity ^0.8.24

contract Shop {
    uint256 total;
}
