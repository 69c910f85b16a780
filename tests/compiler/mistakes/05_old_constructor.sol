pragma solidity ^0.8.24;

contract Token {
    address public owner;

    function Token() public {
        owner = msg.sender;
    }
}
