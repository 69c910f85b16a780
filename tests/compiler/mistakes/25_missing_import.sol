pragma solidity ^0.8.24;

contract MyToken is ERC20, Ownable {
    constructor() ERC20("My", "MY") Ownable(msg.sender) {}

    function mint(address to, uint256 amount) external onlyOwner {
        _mint(to, amount);
    }
}
