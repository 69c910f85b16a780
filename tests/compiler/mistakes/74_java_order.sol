pragma solidity ^0.8.24;

contract Shop {
    public uint256 total;
    public function run() {
    }
    uint256 function other() public {
    }
}
