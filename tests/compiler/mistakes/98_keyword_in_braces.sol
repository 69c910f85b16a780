pragma solidity ^0.8.24;

contract Braces {
    enum Kind { first, default }
    struct Pair { uint256 is; uint256 other; }
    struct Open { uint256 a; uint256 b;
    event Made(uint256 a);

    function two(uint256 a, uint256 b) internal {}
    function named(uint256 x) external { two({a: x, is: 1}); two(x, missing); }
}
