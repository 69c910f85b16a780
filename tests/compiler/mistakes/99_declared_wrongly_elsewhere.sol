pragma solidity ^0.8.24;

contract Callback {
    function() external immutable target;

    constructor(function() external given) {
        uint256 copied = 3;
        target = given;
    }
}
