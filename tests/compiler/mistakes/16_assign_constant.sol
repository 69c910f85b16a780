pragma solidity ^0.8.24;

contract Fees {
    uint256 public constant RATE = 30;
    uint256 public immutable start;

    constructor() {
        start = block.timestamp;
    }

    function change(uint256 rate) external {
        RATE = rate;
        start = 0;
    }
}
