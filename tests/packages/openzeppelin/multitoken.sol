// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {ERC6909} from "@openzeppelin/contracts/token/ERC6909/ERC6909.sol";
import {ERC6909TokenSupply} from "@openzeppelin/contracts/token/ERC6909/extensions/ERC6909TokenSupply.sol";

contract Multitoken is ERC6909TokenSupply {
    constructor() {
        _mint(msg.sender, 1, 500);
    }

    function mint(address to, uint8 id, uint16 amount) external {
        _mint(to, id % 4, amount);
    }

    function burn(address from, uint8 id, uint16 amount) external {
        _burn(from, id % 4, amount);
    }
}
