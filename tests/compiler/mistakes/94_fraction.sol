pragma solidity ^0.8.24;

contract Shop {
    uint256 total;

    function run(uint256 amount) external {
        uint256 rate = 1.5;
        total = amount * rate * 0.05;
    }
}
