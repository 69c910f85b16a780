pragma solidity ^0.8.24;

contract Votes {
    mapping(address => uint256) votes;

    struct Poll {
        uint256 id;
        mapping(address => bool) voted;
    }

    function f(mapping(address => uint256) memory given) internal {}

    function g() external {
        mapping(address => uint256) memory local;
        Poll memory poll;
        for (uint256 i = 0; i < votes.length; i++) {}
        delete votes;
    }
}
