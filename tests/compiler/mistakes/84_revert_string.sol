pragma solidity ^0.8.24;

contract Shop {
    function run(uint256 amount) external {
        if (amount == 0) revert "nothing";
        assert(amount > 0, "nothing");
        require(amount > 0 "nothing");
        require amount > 0;
        throw new Error("x");
    }
}
