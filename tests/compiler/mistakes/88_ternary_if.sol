pragma solidity ^0.8.24;

contract Shop {
    function run(uint256 amount) external {
        uint256 x = if (amount > 1) 2 else 3;
        uint256 y = amount > 1 ? 2;
        uint256 z = amount ?? 3;
        uint256 w = amount?.x;
    }
}
