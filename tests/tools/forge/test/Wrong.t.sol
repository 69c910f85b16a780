// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {Checks} from "checks/Checks.sol";
import {Vault} from "../src/Vault.sol";

/// Fails on purpose: the trace must name the line in which `share` divides by zero.
contract WrongTest is Checks {
    function test_divides_by_zero() public {
        new Vault().each(0);
    }
}
