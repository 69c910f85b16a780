// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {Checks} from "checks/Checks.sol";
import {Ledger} from "../src/Percent.sol";
import {Vault} from "../src/Vault.sol";

contract VaultTest is Checks {
    Vault internal vault;

    event Stored(address indexed who, uint256 coins);

    function setUp() public {
        vault = new Vault();
    }

    function test_owner_is_who_made_it() public view {
        same(uint160(vault.owner()), uint160(address(this)));
    }

    function test_store_and_take() public {
        vm.expectEmit();
        emit Stored(address(this), 100);
        same(vault.store(100), 99);
        vault.take(9);
        same(vault.held(address(this)), 90);
    }

    function test_more_than_there_is() public {
        vm.expectRevert(abi.encodeWithSelector(Vault.TooFew.selector, 5, 0));
        vault.take(5);
    }

    function test_another_caller_has_another_box() public {
        vault.store(100);
        vm.prank(address(0xB0B));
        vm.expectRevert(abi.encodeWithSelector(Vault.TooFew.selector, 1, 0));
        vault.take(1);
    }

    function test_a_linked_library() public pure {
        uint256[] memory values = new uint256[](3);
        values[1] = 4;
        values[2] = 5;
        same(Ledger.sum(values), 9);
    }

    function testFuzz_all_but_the_fee(uint64 coins) public {
        vm.assume(coins < 1 << 60);
        same(vault.store(coins), coins - uint256(coins) / 100);
    }
}
