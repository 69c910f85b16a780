pragma solidity ^0.8.24;

contract Tuples {
    function pair() public pure returns (uint256, bool) {
        return (1, true);
    }

    function f() external pure returns (uint256) {
        (uint256 a, bool b, uint256 c) = pair();
        uint256 d = pair();
        (uint256 e, uint256 g) = pair();
        uint256 h, bool i = pair();
        return a;
    }
}
