// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {LibVaultCycle} from "../../../contracts/libraries/LibVaultCycle.sol";
import {Cycle} from "../../../contracts/libraries/LibVaultWords.sol";

/// @title What a receipt takes out of a cycle, and the fee on it
contract FeeProperties {
    uint256 private constant BPS = 10_000;
    uint256 private constant MAX_FEE = 5_000;

    struct Case {
        uint64 locked;
        uint64 redeemed;
        uint256 cumulative;
        uint16 opened;
        uint16 live;
        uint16 remainder;
    }

    /// @dev Paid is what is new, as far as it is locked. What was locked and what was redeemed stay together the same.
    function check_capture(Case calldata c) external pure {
        if (!_possible(c)) return;
        Cycle memory cycle = _cycle(c);
        (uint8 verdict, uint256 pay,) = LibVaultCycle.capture(cycle, c.cumulative, c.live);
        assert(uint256(cycle.locked) + cycle.redeemed == uint256(c.locked) + c.redeemed);
        assert(cycle.redeemed >= c.redeemed && pay == uint256(cycle.redeemed) - c.redeemed);
        if (verdict == LibVaultCycle.PAID) {
            assert(pay != 0 && pay <= c.locked && cycle.redeemed <= c.cumulative);
            assert(cycle.redeemed == c.cumulative || cycle.locked == 0);
        } else {
            assert(pay == 0 && (c.cumulative <= c.redeemed || c.locked == 0));
        }
    }

    /// @dev To the ten-thousandth: fee and remainder are the old remainder and the lower of the two rates. The operator
    /// never pays more than it gets.
    function small_fee(Case calldata c) external pure {
        if (!_possible(c)) return;
        Cycle memory cycle = _cycle(c);
        (uint8 verdict, uint256 pay, uint256 fee) = LibVaultCycle.capture(cycle, c.cumulative, c.live);
        if (verdict != LibVaultCycle.PAID) return;
        uint256 rate = c.live < c.opened ? c.live : c.opened;
        assert(fee * BPS + cycle.feeRemainder == c.remainder + pay * rate);
        assert(cycle.feeRemainder < BPS);
        assert(fee <= pay);
    }

    /// @dev What `add` lets into a cycle and what the fee admin may set.
    function _possible(Case calldata c) private pure returns (bool) {
        return uint256(c.locked) + c.redeemed <= type(uint64).max && c.opened <= MAX_FEE && c.live <= MAX_FEE
            && c.remainder < BPS;
    }

    function _cycle(Case calldata c) private pure returns (Cycle memory cycle) {
        cycle.locked = c.locked;
        cycle.redeemed = c.redeemed;
        cycle.feeBps = c.opened;
        cycle.feeRemainder = c.remainder;
    }
}
