pragma solidity ^0.8.24;

contract Small {
    uint8 public level = 256;
    int8 public offset = -129;
    uint256 public price = 0.5;
    bytes4 public tag = 0x1234567890;

    function f() external pure returns (uint256) {
        return -1;
    }
}
