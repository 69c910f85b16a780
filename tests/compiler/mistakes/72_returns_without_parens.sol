pragma solidity ^0.8.24;

contract Shop {
    function a() external pure returns uint256 {
        return 1;
    }
    function b() external pure return (uint256) {
        return 1;
    }
    function c() external pure -> uint256 {
        return 1;
    }
}
