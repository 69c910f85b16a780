pragma solidity ^0.8.24;

contract Shop {
    using SafeMath for uint256;
    uint256 total;
    function run(uint256 amount) external {
        total = total.add(amount);
    }
}
