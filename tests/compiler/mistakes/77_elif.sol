pragma solidity ^0.8.24;

contract Shop {
    uint256 total;

    function run(uint256 amount) external {
        if (amount > 5) {
            total = 1;
        } elif (amount > 3) {
            total = 2;
        }
    }
}
