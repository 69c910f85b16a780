// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

// Clearing what lasts and what does not are two things, whatever the types are.

contract Exhibit {
    address public owner = address(1);
    address transient lock;
    bool public flag = true;
    bool transient busy;
    mapping(uint256 => address) public approved;
    uint256[] public list;
    uint256 transient count;

    function clearTransient(address who) external returns (address, address, bool, uint256) {
        lock = who;
        busy = true;
        count = 7;
        delete lock;
        delete busy;
        delete count;
        return (lock, owner, flag, count);
    }

    function clearBoth(address who, uint8 key) external returns (address, address, address) {
        lock = who;
        approved[key] = who;
        list.push(key);
        count = key;
        delete approved[key];
        delete list;
        address before = lock;
        delete lock;
        return (before, lock, approved[key]);
    }

    function clearOwner(address next) external returns (address, address, uint256) {
        lock = owner;
        count = 3;
        delete owner;
        delete flag;
        address was = owner;
        owner = next;
        return (was, lock, count);
    }

    function popped(uint8 value) external returns (uint256, uint256) {
        count = value;
        list.push(value);
        list.pop();
        return (count, list.length);
    }
}
