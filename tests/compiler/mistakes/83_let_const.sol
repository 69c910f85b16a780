pragma solidity ^0.8.24;

contract Shop {
    function run(uint256 amount) external {
        let x = 5;
        const y = 6;
        auto z = 7;
        int w = 8;
        amount += uint256(w);
    }
}
