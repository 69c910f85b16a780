// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {AccessControlDefaultAdminRules} from "@openzeppelin/contracts/access/extensions/AccessControlDefaultAdminRules.sol";
import {Ownable, Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";

contract DelayedAdmin is AccessControlDefaultAdminRules(1 hours, msg.sender) {}

contract TwoSteps is Ownable2Step {
    constructor() Ownable(msg.sender) {}

    function guarded() external view onlyOwner returns (address) {
        return pendingOwner();
    }
}
