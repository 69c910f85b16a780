// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {AccessControlEnumerable} from "@openzeppelin/contracts/access/extensions/AccessControlEnumerable.sol";

contract Roles is AccessControlEnumerable {
    bytes32 public constant WRITER = keccak256("WRITER");
    uint256 public written;

    constructor() {
        _grantRole(DEFAULT_ADMIN_ROLE, msg.sender);
        _setRoleAdmin(WRITER, keccak256("EDITOR"));
    }

    function give(uint8 which, address to) external {
        grantRole(which % 2 == 0 ? WRITER : keccak256("EDITOR"), to);
    }

    function take(uint8 which, address from) external {
        revokeRole(which % 2 == 0 ? WRITER : keccak256("EDITOR"), from);
    }

    function write(uint256 value) external onlyRole(WRITER) {
        written = value;
    }
}
