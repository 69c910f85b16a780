pragma solidity ^0.8.24;

contract Unused {
    function f(uint256 a, uint256 b) external view returns (uint256 result) {
        uint256 doubled = a * 2;
        address sender = msg.sender;
        return a + 1;
    }
}
