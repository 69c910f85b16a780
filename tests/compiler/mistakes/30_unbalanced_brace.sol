pragma solidity ^0.8.24;

contract Box {
    uint256 public value;

    function set(uint256 v) external {
        if (v > 0) {
            value = v;
    }

    function get() external view returns (uint256) {
        return value;
    }
}
