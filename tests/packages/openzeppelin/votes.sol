// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {ERC20, ERC20Votes} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Votes.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

contract Votes is ERC20Votes {
    constructor() ERC20("Votes", "VOT") EIP712("Votes", "1") {
        _mint(msg.sender, 1000);
    }

    function mint(address to, uint16 amount) external {
        _mint(to, amount);
    }

    function burn(address from, uint8 amount) external {
        _burn(from, amount);
    }

    function past(address who, uint8 back) external view returns (uint256, uint256) {
        uint48 at = clock() - 1 - (back % 4);
        return (getPastVotes(who, at), getPastTotalSupply(at));
    }
}
