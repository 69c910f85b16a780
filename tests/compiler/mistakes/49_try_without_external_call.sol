pragma solidity ^0.8.24;

contract Attempts {
    function risky() public pure returns (uint256) {
        revert("no");
    }

    function f() external {
        try risky() returns (uint256 value) {
            value;
        } catch {
        }
        try this.risky() returns (uint256 value) {
            value;
        }
    }
}
