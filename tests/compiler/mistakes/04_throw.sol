pragma solidity ^0.8.24;

contract Guarded {
    address owner;

    function change(address next) external {
        if (msg.sender != owner) throw;
        owner = next;
    }

    function burn() external {
        suicide(msg.sender);
    }
}
