pragma solidity ^0.8.24;

contract Views {
    uint256 public hits;
    event Hit();

    function read() external view returns (uint256) {
        hits += 1;
        emit Hit();
        return hits;
    }

    function add(uint256 a) external pure returns (uint256) {
        return a + hits + block.timestamp;
    }

    function bump() public {
        hits++;
    }

    function outer() external view {
        bump();
    }
}
