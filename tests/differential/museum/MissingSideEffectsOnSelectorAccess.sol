// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

// What a selector is asked of is evaluated.

contract Exhibit {
    uint256 public calls;

    function self() internal returns (Exhibit) {
        calls++;
        return this;
    }

    function statement() external returns (uint256) {
        self().statement.selector;
        return calls;
    }

    function value(bool both) external returns (bytes4, uint256) {
        bytes4 found = both ? self().value.selector : self().statement.selector;
        return (found, calls);
    }

    function viaPointer() external returns (bytes4, uint256) {
        function() external returns (uint256) f = self().statement;
        return (f.selector, calls);
    }
}
