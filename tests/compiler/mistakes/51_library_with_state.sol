pragma solidity ^0.8.24;

library Counter {
    uint256 count;
    uint256 constant STEP = 1;

    constructor() {}

    function next() internal returns (uint256) {
        return count += STEP;
    }

    receive() external payable {}
}

contract Uses is Counter {}
