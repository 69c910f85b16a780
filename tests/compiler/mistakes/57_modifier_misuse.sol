pragma solidity ^0.8.24;

contract Owned {
    address owner;

    modifier onlyOwner {
        require(msg.sender == owner, "not the owner");
    }

    modifier limited(uint256 amount) {
        require(amount < 10, "too much");
        _;
    }

    function f(uint256 amount) external onlyOwner limited {
        amount;
    }

    function g() external limited(1, 2) {
        onlyOwner();
    }

    function h() external f {}
}
