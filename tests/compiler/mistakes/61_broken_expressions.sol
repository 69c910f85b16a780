pragma solidity ^0.8.24;

contract Broken {
    using Strings;

    function f(uint256 a) external pure returns (uint256) {
        a++ + ;
        a = (a + 1;
        return a +;
    }

    function g(uint256 a,) external pure {}

    function h(uint256 a) external pure returns (uint256) {
        if a > 1 {
            return 1;
        }
        return 2;
    }

    uint256 total = ;
    uint256 if = 2;
}
