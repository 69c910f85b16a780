pragma solidity ^0.8.24;

contract Shop {
    uint256[] xs;

    function run(uint256 amount) external {
        for (uint256 x in xs) {
            amount += x;
        }
        for (uint256 x : xs) {
            amount += x;
        }
        xs.forEach(x => amount += x);
    }
}
