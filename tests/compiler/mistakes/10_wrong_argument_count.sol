pragma solidity ^0.8.24;

contract Math {
    event Added(uint256 a, uint256 b, uint256 sum);

    function add(uint256 a, uint256 b) public pure returns (uint256) {
        return a + b;
    }

    function three(uint256 a) external {
        uint256 sum = add(a);
        emit Added(a, sum);
        add(a, sum, 3);
    }
}
