pragma solidity ^0.8.24;

contract Narrow {
    uint8 public small;
    address payable public wallet;

    function set(uint256 value, int256 signed) external {
        small = value;
        uint256 other = signed;
        small = uint8(other);
    }

    function setWallet(address to) external {
        wallet = to;
    }

    function id(address who) external pure returns (uint256) {
        return uint256(who);
    }
}
