pragma solidity ^0.8.24;

contract Shop {
    address owner;

    function run(uint256 amount) external {
        require(owner != null);
        require(owner != 0);
        owner = 0x0;
        owner = None;
    }
}
