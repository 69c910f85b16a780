// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {ERC1155} from "@openzeppelin/contracts/token/ERC1155/ERC1155.sol";
import {ERC1155Supply} from "@openzeppelin/contracts/token/ERC1155/extensions/ERC1155Supply.sol";

contract Batches is ERC1155Supply {
    constructor() ERC1155("https://items/{id}") {
        _mint(msg.sender, 1, 50, "");
        _mint(msg.sender, 2, 20, "first");
    }

    function mint(address to, uint8 id, uint8 amount, bytes calldata data) external {
        _mint(to, id % 4, amount, data);
    }

    function mintMany(address to, uint8[] calldata ids, uint8[] calldata amounts) external {
        uint256[] memory wideIds = new uint256[](ids.length);
        uint256[] memory wideAmounts = new uint256[](amounts.length);
        for (uint256 i = 0; i < ids.length; i++) wideIds[i] = ids[i] % 4;
        for (uint256 i = 0; i < amounts.length; i++) wideAmounts[i] = amounts[i];
        _mintBatch(to, wideIds, wideAmounts, "");
    }

    function burn(address from, uint8 id, uint8 amount) external {
        _burn(from, id % 4, amount);
    }
}
