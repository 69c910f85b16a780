pragma solidity ^0.8.24;

contract Shop {
    function run(uint256 amount) external {
        if (amount > 1 and amount < 5) {
            amount = 2;
        }
        if (not (amount > 1)) {
            amount = 2;
        }
    }
}
