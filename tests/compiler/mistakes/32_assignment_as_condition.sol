pragma solidity ^0.8.24;

contract Switch {
    bool public on;
    uint256 public level;

    function check() external {
        if (level = 3) {
            on = true;
        }
        level == 4;
        if (level) {
            on = false;
        }
    }
}
