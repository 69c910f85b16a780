pragma solidity ^0.8.24;

contract Ops {
    function f(uint256 a, bool b) external pure returns (uint256) {
        uint256 x = a ? 1 : 2;
        uint256 y = !a;
        bool c = b && a;
        bool d = b + b;
        uint256 e = b ? 1 : "one";
        return x ^ y ** -1;
    }

    function g(bytes32 h) external pure returns (bytes32) {
        return h + 1;
    }

    function k(uint256 a) external pure returns (uint256) {
        a =+ 1;
        return a;
    }
}
