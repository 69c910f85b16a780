pragma solidity ^0.8.24;

interface IStore {
    uint256 count;

    constructor();

    function get() public view returns (uint256);

    function set(uint256 x) external {
        count = x;
    }
}
