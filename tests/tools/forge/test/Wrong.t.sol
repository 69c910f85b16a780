// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {Checks} from "checks/Checks.sol";
import {Vault} from "../src/Vault.sol";

/// Fails on purpose: the traces must name the lines in which `take` and `share` give up.
contract WrongTest is Checks {
    function test_divides_by_zero() public {
        new Vault().each(0);
    }

    function test_takes_what_is_not_there() public {
        new Vault().take(4);
    }
}
