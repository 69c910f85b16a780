// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Burnable} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Burnable.sol";
import {ERC20Capped} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Capped.sol";
import {ERC20Pausable} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Pausable.sol";

contract Currency is ERC20Burnable, ERC20Capped, ERC20Pausable {
    constructor() ERC20("Currency", "CUR") ERC20Capped(5000) {
        _mint(msg.sender, 1000);
    }

    function mint(address to, uint16 amount) external {
        _mint(to, amount);
    }

    function pause(bool on) external {
        if (on) _pause();
        else _unpause();
    }

    function _update(address from, address to, uint256 value) internal override(ERC20, ERC20Capped, ERC20Pausable) {
        super._update(from, to, value);
    }
}
