pragma solidity ^0.8.24;

contract Vault {
    uint256 public totalShares;
    mapping(address => uint256) shares;

    modifier nonZero(uint256 amount) {
        require(amount > 0, "zero");
        _;
    }

    function deposit(uint256 amount) external nonZer(amount) {
        shares[msg.sneder] += amount;
        totalShare += amount;
    }

    function reset() external returns (unit256) {
        delete shares[msg.sender];
        return totalShares;
    }
}
