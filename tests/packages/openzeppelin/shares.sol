// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC4626, IERC20} from "@openzeppelin/contracts/token/ERC20/extensions/ERC4626.sol";

contract Asset is ERC20("Asset", "AST") {
    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }
}

contract Shares is ERC4626 {
    constructor() ERC20("Shares", "SHR") ERC4626(IERC20(address(new Asset()))) {
        Asset(asset()).mint(address(this), 7);
    }

    function enter(uint16 amount) external returns (uint256) {
        Asset(asset()).mint(address(this), amount);
        uint256 made = previewDeposit(amount);
        _mint(msg.sender, made);
        return made;
    }

    function gift(uint8 amount) external {
        Asset(asset()).mint(address(this), amount);
    }

    function leave(uint8 part) external returns (uint256) {
        return redeem(maxRedeem(msg.sender) * part / 255, msg.sender, msg.sender);
    }

    function _decimalsOffset() internal pure override returns (uint8) {
        return 3;
    }
}
