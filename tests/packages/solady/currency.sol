// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {ERC20} from "solady/src/tokens/ERC20.sol";

contract Currency is ERC20 {
    constructor() {
        _mint(msg.sender, 1000);
    }

    function name() public pure override returns (string memory) {
        return "Currency";
    }

    function symbol() public pure override returns (string memory) {
        return "CUR";
    }

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function burn(address from, uint8 amount) external {
        _burn(from, amount);
    }

    function spend(address owner, uint8 amount) external {
        _spendAllowance(owner, msg.sender, amount);
    }
}
