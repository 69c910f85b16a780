pragma solidity ^0.8.24;

contract Shop {
    function run(uint256 amount) external {
        if (amount > 0) then {
            amount = 1;
        }
    }
}
