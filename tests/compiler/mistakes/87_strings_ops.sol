pragma solidity ^0.8.24;

contract Shop {
    function run(uint256 amount) external {
        string memory a = `hi ${amount}`;
        string memory b = f"hi {amount}";
        string memory c = "it's" "two";
        string memory d = 'it's';
        a = b; c = d;
    }
}
