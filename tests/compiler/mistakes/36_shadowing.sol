pragma solidity ^0.8.24;

contract Owned {
    address owner = msg.sender;
    uint256 limit;
}

contract Shop is Owned {
    uint256 limit;

    function set(address owner) external {
        owner = owner;
    }

    function g(uint256 x) external pure returns (uint256) {
        for (uint256 i = 0; i < 2; i++) {
            uint256 x = i;
        }
        return x;
    }
}
