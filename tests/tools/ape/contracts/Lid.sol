// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

abstract contract Lid {
    bool public closed;

    error Closed();

    modifier whenOpen() {
        if (closed) revert Closed();
        _;
    }

    function close() external {
        closed = true;
    }
}
