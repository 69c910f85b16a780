pragma solidity ^0.8.24;

contract Shop {
    function a(uint256 xs[]) external {}
    function b(uint256[] xs) external {}
    uint256 ys[];
    uint256[] zs = new uint256[](3)
    function c(uint256... xs) external {}
    function d(uint256 x = 3) external {}
}
