pragma solidity ^0.8.24;

contract Log {
    event Stored(uint256 value);
    error Denied(address who);

    function store(uint256 value) external {
        Stored(value);
        if (value == 0) Denied(msg.sender);
        emit Denied(msg.sender);
        emit Stord(value);
    }
}
