pragma solidity ^0.8.24;

contract Greeter {
    string public greeting;
    uint256[] private history;

    constructor(string first) {
        greeting = first;
    }

    function greet(string calldata name) external view returns (string) {
        return string.concat(greeting, ", ", name);
    }

    function last() external view returns (uint256) {
        uint256[] all = history;
        return all[all.length - 1];
    }
}
