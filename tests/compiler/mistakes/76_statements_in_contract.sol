pragma solidity ^0.8.24;

contract Shop {
    uint256 total;
    total = 5;
    require(total > 3);
    if (total > 3) {
        total = 1;
    }
    for (uint256 i; i < 3; i++) {}
    return 3;
}
