// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {ICreditMeterFacet} from "../../interfaces/ICreditMeterFacet.sol";
import {LibBuckets} from "../../libraries/LibBuckets.sol";
import {LibCast} from "../../libraries/LibCast.sol";
import {LibCredits} from "../../libraries/LibCredits.sol";
import {LibDiamond} from "../../libraries/LibDiamond.sol";
import {LibLock} from "../../libraries/LibLock.sol";
import {LibLots} from "../../libraries/LibLots.sol";
import {LibMeter} from "../../libraries/LibMeter.sol";
import {LibNs} from "../../libraries/LibNs.sol";
import {LibToken} from "../../libraries/LibToken.sol";
import {CreditMeterStorage, MeterAccount, MeterPolicy} from "../../storage/CreditMeterStorage.sol";

/// @title CreditMeterFacet: documented at ICreditMeterFacet
contract CreditMeterFacet is ICreditMeterFacet {
    uint256 private constant MAX_BATCH = 128;

    modifier nonReentrant() {
        LibLock.enter();
        _;
        LibLock.exit();
    }

    modifier onlyMeter() {
        if (msg.sender != LibNs.creditMeter().meter) revert NotMeter();
        _;
    }

    // Users

    function depositCredits(uint256 amount) external nonReentrant {
        // Check
        if (amount == 0) revert ZeroAmount();
        address token = LibCredits.token();
        // Effect
        uint256 balance = LibMeter.deposit(msg.sender, amount);
        // Interaction
        LibToken.pullExact(token, msg.sender, amount, LibBuckets.METER);
        emit CreditsDeposited(msg.sender, amount, balance);
    }

    function withdrawCredits(uint256 amount) external nonReentrant {
        // Check
        if (amount == 0) revert ZeroAmount();
        MeterAccount memory account = LibMeter.load(msg.sender);
        if (amount > account.credits - account.locked) revert InsufficientCredits();
        // Effect: only what is not locked is taken, so no lot changes.
        LibLots.spend(LibNs.creditMeter().lots[msg.sender], account, amount);
        LibMeter.store(msg.sender, account);
        // Interaction
        LibToken.push(LibCredits.token(), msg.sender, amount, LibBuckets.METER);
        emit CreditsWithdrawn(msg.sender, amount, account.credits);
    }

    function setMeterCap(uint128 dailyCap) external {
        CreditMeterStorage storage s = LibNs.creditMeter();
        s.accounts[msg.sender].capped = dailyCap != 0;
        s.policies[msg.sender].dailyCap = LibCast.toUint96(dailyCap);
        emit MeterCapSet(msg.sender, dailyCap);
    }

    // Meter

    function meter(address user, uint256 amount) external onlyMeter nonReentrant {
        // Check, Effect
        uint256 balance = _debit(user, amount);
        LibToken.move(LibCredits.token(), LibBuckets.METER, LibBuckets.TREASURY, amount);
        emit Metered(user, amount, balance);
    }

    function meterUpTo(address user, uint256 amount) external onlyMeter nonReentrant returns (uint256 debited) {
        // Check
        MeterAccount memory account = LibMeter.load(user);
        uint256 most = LibMeter.capLeft(user, account);
        debited = amount < most ? amount : most;
        if (debited > account.credits) debited = account.credits;
        if (debited == 0) return 0;
        // Effect
        uint256 balance = LibMeter.debit(user, account, debited);
        LibToken.move(LibCredits.token(), LibBuckets.METER, LibBuckets.TREASURY, debited);
        emit Metered(user, debited, balance);
    }

    function meterRef(address user, uint256 amount, bytes32 ref) external onlyMeter nonReentrant {
        // Check
        if (amount == 0) revert ZeroAmount();
        CreditMeterStorage storage s = LibNs.creditMeter();
        if (s.usedRefs[ref]) revert RefUsed();
        // Effect
        s.usedRefs[ref] = true;
        uint256 balance = _debit(user, amount);
        LibToken.move(LibCredits.token(), LibBuckets.METER, LibBuckets.TREASURY, amount);
        emit MeteredRef(user, ref, amount, balance);
    }

    function meterBatch(address[] calldata users, uint256[] calldata amounts, bytes32[] calldata refs)
        external
        onlyMeter
        nonReentrant
        returns (uint256[] memory debited)
    {
        // Check
        if (users.length > MAX_BATCH) revert BatchTooLarge(MAX_BATCH);
        if (amounts.length != users.length || refs.length != users.length) revert LengthMismatch();
        // Effect: the ledger once, for all.
        debited = new uint256[](users.length);
        uint256 total = 0;
        for (uint256 i = 0; i < users.length; i++) {
            if (!_tryDebit(users[i], amounts[i], refs[i])) continue;
            debited[i] = amounts[i];
            total += amounts[i];
        }
        if (total != 0) LibToken.move(LibCredits.token(), LibBuckets.METER, LibBuckets.TREASURY, total);
    }

    function setMeter(address meter_) external {
        LibDiamond.requireOwner();
        LibNs.creditMeter().meter = meter_;
        emit MeterUpdated(meter_);
    }

    // Views

    function creditOf(address user) external view returns (uint256) {
        return LibNs.creditMeter().accounts[user].credits;
    }

    function withdrawableOf(address user) external view returns (uint256) {
        MeterAccount memory account = LibMeter.load(user);
        return account.credits - account.locked;
    }

    function meterPolicyOf(address user) external view returns (uint128 dailyCap, uint128 debited) {
        MeterPolicy memory policy = LibNs.creditMeter().policies[user];
        // Debits of a day are counted in 96 bits.
        return (policy.dailyCap, uint128(LibMeter.debitedToday(policy)));
    }

    function meterAddress() external view returns (address) {
        return LibNs.creditMeter().meter;
    }

    function meterRefUsed(bytes32 ref) external view returns (bool) {
        return LibNs.creditMeter().usedRefs[ref];
    }

    // Rules

    function _debit(address user, uint256 amount) private returns (uint256 balance) {
        if (amount == 0) revert ZeroAmount();
        MeterAccount memory account = LibMeter.load(user);
        if (amount > account.credits) revert InsufficientCredits();
        if (amount > LibMeter.capLeft(user, account)) revert MeterCapExceeded();
        return LibMeter.debit(user, account, amount);
    }

    function _tryDebit(address user, uint256 amount, bytes32 ref) private returns (bool) {
        CreditMeterStorage storage s = LibNs.creditMeter();
        if (amount == 0 || s.usedRefs[ref]) return false;
        MeterAccount memory account = LibMeter.load(user);
        if (amount > account.credits || amount > LibMeter.capLeft(user, account)) return false;
        s.usedRefs[ref] = true;
        emit MeteredRef(user, ref, amount, LibMeter.debit(user, account, amount));
        return true;
    }
}
