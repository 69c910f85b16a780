// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {CreditMeterStorage, MeterAccount, MeterPolicy} from "../storage/CreditMeterStorage.sol";
import {LibCast} from "./LibCast.sol";
import {LibLots} from "./LibLots.sol";
import {LibNs} from "./LibNs.sol";

/// @title Accounts of deposited credits
/// @notice The sum of `credits` over all accounts is what the METER bucket holds: who changes one changes the other.
library LibMeter {
    /// @dev The account as it is now: what has unlocked by now is not locked.
    function load(address user) internal view returns (MeterAccount memory account) {
        CreditMeterStorage storage s = LibNs.creditMeter();
        account = s.accounts[user];
        LibLots.unlock(s.lots[user], account);
    }

    function store(address user, MeterAccount memory account) internal {
        LibNs.creditMeter().accounts[user] = account;
    }

    function deposit(address user, uint256 amount) internal returns (uint256 balance) {
        MeterAccount storage account = LibNs.creditMeter().accounts[user];
        balance = account.credits + amount;
        account.credits = LibCast.toUint96(balance);
    }

    /// @dev What the user's daily cap still admits today.
    function capLeft(address user, MeterAccount memory account) internal view returns (uint256) {
        if (!account.capped) return type(uint256).max;
        MeterPolicy memory policy = LibNs.creditMeter().policies[user];
        uint256 debited = debitedToday(policy);
        return debited < policy.dailyCap ? policy.dailyCap - debited : 0;
    }

    function debitedToday(MeterPolicy memory policy) internal view returns (uint256) {
        return policy.day == _today() ? policy.debited : 0;
    }

    /// @dev Debits what credits and cap have been found to cover, and returns what is left of the credits.
    function debit(address user, MeterAccount memory account, uint256 amount) internal returns (uint256 balance) {
        CreditMeterStorage storage s = LibNs.creditMeter();
        LibLots.spend(s.lots[user], account, amount);
        s.accounts[user] = account;
        if (account.capped) {
            MeterPolicy memory policy = s.policies[user];
            // No more than the cap, which fits 96 bits.
            policy.debited = uint96(debitedToday(policy) + amount);
            policy.day = uint32(_today());
            s.policies[user] = policy;
        }
        return account.credits;
    }

    function _today() private view returns (uint256) {
        return block.timestamp / 1 days;
    }
}
