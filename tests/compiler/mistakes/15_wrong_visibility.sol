pragma solidity ^0.8.24;

contract Bank {
    mapping(address => uint256) balances;

    function balance() {
        balances[msg.sender] = 0;
    }

    function _pay(address to) private {
        balances[to] = 0;
    }

    function close() external {}
}

contract Branch is Bank {
    function run(Bank bank) external {
        _pay(msg.sender);
        bank.balances(msg.sender);
        close();
    }
}
