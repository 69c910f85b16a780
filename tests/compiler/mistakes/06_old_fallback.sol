pragma solidity ^0.8.24;

contract Purse {
    uint256 public received;

    function () external payable {
        received += msg.value;
    }

    function total() external constant returns (uint256) {
        return address(this).balance;
    }
}
