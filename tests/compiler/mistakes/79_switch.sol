pragma solidity ^0.8.24;

contract Shop {
    function run(uint256 amount) external {
        switch (amount) {
            case 1:
                amount = 2;
                break;
            default:
                amount = 3;
        }
    }
}
