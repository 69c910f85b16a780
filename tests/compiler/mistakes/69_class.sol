pragma solidity ^0.8.24;

class Shop {
    uint256 total;
}
