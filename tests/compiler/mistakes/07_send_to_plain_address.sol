pragma solidity ^0.8.24;

contract Bank {
    mapping(address => uint256) public balances;

    function withdraw(address to) external {
        uint256 amount = balances[msg.sender];
        balances[msg.sender] = 0;
        to.transfer(amount);
    }

    function tip() external {
        msg.sender.send(1 wei);
    }
}
