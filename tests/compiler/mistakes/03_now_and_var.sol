pragma solidity ^0.8.24;

contract Auction {
    uint256 public deadline;

    constructor(uint256 duration) {
        deadline = now + duration;
    }

    function finished() external view returns (bool) {
        var left = deadline - block.timestamp;
        return left == 0;
    }
}
