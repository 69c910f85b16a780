pragma solidity ^0.8.24;

contract Shop {
    func run() external {}
    fn two() external {}
    def three():
        pass
}
