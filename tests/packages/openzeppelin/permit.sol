// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {ERC20, ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {ERC20FlashMint} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20FlashMint.sol";

contract Permit is ERC20Permit, ERC20FlashMint {
    constructor() ERC20("Permit", "PER") ERC20Permit("Permit") {
        _mint(msg.sender, 100);
    }

    function spend(address owner) external returns (uint256) {
        return _useNonce(owner);
    }

    function digest(bytes32 hash) external view returns (bytes32) {
        return _hashTypedDataV4(hash);
    }
}
