// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";

contract Target is AccessManaged {
    uint256 public value;

    constructor(address manager) AccessManaged(manager) {}

    function set(uint256 to) external restricted {
        value = to;
    }
}

contract Manager is AccessManager {
    Target public target;

    constructor() AccessManager(msg.sender) {
        target = new Target(address(this));
    }

    function aim() external view returns (bytes memory) {
        return abi.encodeCall(Target.set, (5));
    }

    function shoot(uint8 value) external returns (uint256) {
        target.set(value);
        return target.value();
    }
}
