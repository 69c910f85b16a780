// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import "./Lid.sol";

contract Box is Lid {
    uint256 public value;

    /// @notice Puts a value into an open box
    function put(uint256 value_) external whenOpen {
        require(value_ != 0, "nothing to put");
        value = value_;
    }
}
