pragma solidity ^0.8.29;

contract Main {
    uint256 constant FAR = type(uint256).max;
    function left(uint256 x) external pure returns (uint256) { return (x << 8) << FAR; }
    function right(uint256 x) external pure returns (uint256) { return (x >> 8) >> (FAR - 2); }
    function multiplied(uint256 x) external pure returns (uint256 r) { assembly { r := shl(not(0), mul(x, 256)) } }
    function divided(uint256 x) external pure returns (uint256 r) { assembly { r := shr(not(6), div(x, 128)) } }
    function within(uint256 x) external pure returns (uint256) { return ((x << 8) << 247) | ((x >> 200) >> 55); }
}
