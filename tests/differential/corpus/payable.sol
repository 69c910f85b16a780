// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

// Where value arrives: constructors, receive, fallback, and functions called by a modifier that reads it.

contract Funded {
    uint256 public held;
    uint256 public calls;

    modifier costs(uint256 wei_) {
        require(msg.value >= wei_, "too little");
        held += msg.value;
        _;
    }

    constructor() payable {
        held = msg.value;
    }

    function pay() external payable costs(3) returns (uint256) {
        return held;
    }

    function inner() internal returns (uint256) {
        calls += msg.value;
        return calls;
    }

    function through() external payable returns (uint256) {
        return inner() + msg.value;
    }

    receive() external payable {
        held += msg.value * 2;
    }

    fallback() external payable {
        held += msg.value * 3 + msg.data.length;
    }
}
