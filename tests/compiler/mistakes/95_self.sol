pragma solidity ^0.8.24;

contract Shop {
    uint256 public total;

    function run(uint256 amount) external {
        self.total = amount;
        this.total = amount;
        this.total();
        total() + 1;
    }
}
