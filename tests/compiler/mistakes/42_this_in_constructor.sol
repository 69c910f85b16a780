pragma solidity ^0.8.24;

contract Setup {
    uint256 public x;

    constructor() {
        x = this.initial();
    }

    function initial() external pure returns (uint256) {
        return 5;
    }
}
