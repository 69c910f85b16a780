// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IMintGateFacet} from "../../interfaces/IMintGateFacet.sol";
import {LibBuckets} from "../../libraries/LibBuckets.sol";
import {LibCast} from "../../libraries/LibCast.sol";
import {LibCredits} from "../../libraries/LibCredits.sol";
import {LibDiamond} from "../../libraries/LibDiamond.sol";
import {LibLock} from "../../libraries/LibLock.sol";
import {LibLots} from "../../libraries/LibLots.sol";
import {LibMeter} from "../../libraries/LibMeter.sol";
import {LibMintWindow} from "../../libraries/LibMintWindow.sol";
import {LibNs} from "../../libraries/LibNs.sol";
import {LibSig} from "../../libraries/LibSig.sol";
import {LibToken} from "../../libraries/LibToken.sol";
import {LibTypedData} from "../../libraries/LibTypedData.sol";
import {MeterAccount} from "../../storage/CreditMeterStorage.sol";
import {GateTerms, MintGateStorage, Receipt} from "../../storage/MintGateStorage.sol";

/// @title MintGateFacet: documented at IMintGateFacet
contract MintGateFacet is IMintGateFacet {
    uint64 private constant DEFAULT_LOCK = 90 days;
    uint64 private constant MAX_LOCK = 365 days;
    /// @dev keccak256("localharness-mintgate")
    bytes32 private constant NAME_HASH = 0x2b7a0be0aa861dade562739c57fb9ee4c29edc4ea68058001850dc7a5fd679c5;
    /// @dev keccak256("FiatMint(address to,uint256 amount,bytes32 receiptId,uint256 validBefore)")
    bytes32 private constant MINT_TYPEHASH = 0xe04703353ed6d666451da12fd609d64f0c38c430bf20b9c48013753e3bd95ce0;

    modifier nonReentrant() {
        LibLock.enter();
        _;
        LibLock.exit();
    }

    modifier onlyOwner() {
        LibDiamond.requireOwner();
        _;
    }

    // Minting

    function mintFromFiat(address to, uint256 amount, bytes32 receiptId, uint256 validBefore, bytes calldata sig)
        external
        nonReentrant
    {
        // Check
        if (to == address(0) || to == address(this)) revert InvalidRecipient();
        if (amount == 0) revert InvalidAmount();
        if (block.timestamp >= validBefore) revert AuthExpired();
        address token = LibCredits.token();
        MintGateStorage storage s = LibNs.mintGate();
        GateTerms memory terms = s.terms;
        if (terms.signer == address(0) || terms.perReceiptMax == 0 || s.window.cap == 0) revert NotConfigured();
        if (s.receipts[receiptId].amount != 0) revert ReceiptUsed();
        if (amount > terms.perReceiptMax) revert PerReceiptCapExceeded();
        bytes32 structHash = keccak256(abi.encode(MINT_TYPEHASH, to, amount, receiptId, validBefore));
        if (!LibSig.check(terms.signer, LibTypedData.digest(_separator(), structHash), sig)) revert BadSignature();
        // Effect
        if (!LibMintWindow.record(s.window, amount)) revert FiatWindowCapExceeded();
        // The receipt's cap fits 96 bits.
        uint256 unlockAt = _credit(s.receipts[receiptId], to, uint96(amount), _lockSecs(terms));
        // Interaction
        LibToken.mintHeld(token, amount, LibBuckets.METER);
        emit FiatMinted(to, amount, receiptId, unlockAt);
    }

    // Clawing back

    function clawbackFiatMint(bytes32 receiptId) external nonReentrant returns (uint256 recovered) {
        // Check
        Receipt storage receipt = _openReceipt(receiptId);
        // Effect
        recovered = _recover(receipt, type(uint256).max);
        receipt.closed = true;
        // Interaction
        _burn(receiptId, receipt.to, recovered);
    }

    function clawbackFiatMintUpTo(bytes32 receiptId, uint256 maxWei)
        external
        nonReentrant
        returns (uint256 recovered)
    {
        // Check
        Receipt storage receipt = _openReceipt(receiptId);
        // Effect
        recovered = _recover(receipt, maxWei);
        if (recovered == 0) return 0;
        if (receipt.clawed == receipt.amount) receipt.closed = true;
        // Interaction
        _burn(receiptId, receipt.to, recovered);
    }

    // Terms

    function setFiatIssuerSigner(address signer) external onlyOwner {
        LibNs.mintGate().terms.signer = signer;
        emit FiatIssuerSignerSet(signer);
    }

    function setClawbacker(address clawbacker_) external onlyOwner {
        LibNs.mintGate().terms.clawbacker = clawbacker_;
        emit ClawbackerSet(clawbacker_);
    }

    function setPerReceiptMaxWei(uint256 maxWei) external onlyOwner {
        LibNs.mintGate().terms.perReceiptMax = LibCast.toUint96(maxWei);
        emit PerReceiptMaxWeiSet(maxWei);
    }

    function setFiatLockSecs(uint64 lockSecs) external onlyOwner {
        if (lockSecs > MAX_LOCK) revert InvalidWindow();
        GateTerms storage terms = LibNs.mintGate().terms;
        // A year of seconds fits 32 bits.
        terms.lockSecs = uint32(lockSecs);
        terms.lockSet = true;
        emit FiatLockSecsSet(lockSecs);
    }

    function setFiatMintWindow(uint256 cap, uint64 windowSecs) external onlyOwner {
        // No window would also forget what was minted; the gate is shut by its issuer or its receipt cap.
        if (cap == 0 || !LibMintWindow.isValid(cap, windowSecs)) revert InvalidWindow();
        LibMintWindow.configure(LibNs.mintGate().window, cap, windowSecs);
        emit FiatMintWindowSet(cap, windowSecs);
    }

    // Views

    function fiatLockedOf(address user) external view returns (uint256 amount, uint256 unlockAt) {
        MeterAccount memory account = LibMeter.load(user);
        (, uint256[] memory times) = LibLots.list(LibNs.creditMeter().lots[user], account);
        if (times.length == 0) return (0, 0);
        return (account.locked, times[times.length - 1]);
    }

    function lotsOf(address user)
        external
        view
        returns (uint256[] memory amounts, uint256[] memory unlockTimes)
    {
        return LibLots.list(LibNs.creditMeter().lots[user], LibMeter.load(user));
    }

    function recoverableOf(bytes32 receiptId) external view returns (uint256) {
        Receipt memory receipt = LibNs.mintGate().receipts[receiptId];
        return receipt.closed ? 0 : _share(receipt);
    }

    function receiptUsed(bytes32 receiptId) external view returns (bool) {
        return LibNs.mintGate().receipts[receiptId].amount != 0;
    }

    function receiptInfo(bytes32 receiptId)
        external
        view
        returns (address to, uint256 amount, bool used, bool clawed, uint256 clawedWei)
    {
        Receipt memory receipt = LibNs.mintGate().receipts[receiptId];
        return (receipt.to, receipt.amount, receipt.amount != 0, receipt.closed, receipt.clawed);
    }

    function fiatMintWindow() external view returns (uint256 cap, uint64 windowSecs, uint256 start, uint256 minted) {
        MintGateStorage storage s = LibNs.mintGate();
        return (s.window.cap, s.window.duration, LibMintWindow.start(s.window), LibMintWindow.used(s.window));
    }

    function circulatingSupply() external view returns (uint256) {
        address token = LibCredits.token();
        return LibToken.totalSupply(token) - LibToken.balanceOf(token, address(this));
    }

    function fiatMintDomainSeparator() external view returns (bytes32) {
        return _separator();
    }

    function fiatIssuerSigner() external view returns (address) {
        return LibNs.mintGate().terms.signer;
    }

    function clawbacker() external view returns (address) {
        return LibNs.mintGate().terms.clawbacker;
    }

    function perReceiptMaxWei() external view returns (uint256) {
        return LibNs.mintGate().terms.perReceiptMax;
    }

    function fiatLockSecs() external view returns (uint64) {
        return _lockSecs(LibNs.mintGate().terms);
    }

    // Rules

    /// @dev The buyer's account, its lot, and the receipt that says which part of the lot it is.
    function _credit(Receipt storage receipt, address to, uint96 amount, uint64 lockSecs)
        private
        returns (uint256 unlockAt)
    {
        MeterAccount memory account = LibMeter.load(to);
        // Checked: a balance stays below 2^96.
        LibCast.toUint96(uint256(account.credits) + amount);
        uint8 place;
        uint24 generation;
        (unlockAt, place, generation) = LibLots.add(LibNs.creditMeter().lots[to], account, amount, lockSecs);
        LibMeter.store(to, account);
        receipt.to = to;
        receipt.amount = amount;
        if (lockSecs == 0) return unlockAt;
        receipt.units = amount;
        receipt.generation = generation;
        receipt.place = place;
    }

    function _openReceipt(bytes32 receiptId) private view returns (Receipt storage receipt) {
        MintGateStorage storage s = LibNs.mintGate();
        if (msg.sender != s.terms.clawbacker && msg.sender != LibDiamond.owner()) revert NotClawbacker();
        receipt = s.receipts[receiptId];
        if (receipt.amount == 0) revert UnknownReceipt();
        if (receipt.closed) revert AlreadyClawed();
    }

    /// @dev Takes up to `most` of the receipt's share out of its lot and the buyer's account.
    function _recover(Receipt storage receipt, uint256 most) private returns (uint256 recovered) {
        Receipt memory present = receipt;
        uint256 own = _share(present);
        recovered = own < most ? own : most;
        if (recovered == 0) return 0;
        MeterAccount memory account = LibMeter.load(present.to);
        uint96 used = LibLots.take(
            LibNs.creditMeter().lots[present.to], account, present.place, present.units, own, recovered
        );
        LibMeter.store(present.to, account);
        receipt.units = present.units - used;
        // Clawbacks of a receipt add up to its amount at most.
        receipt.clawed = present.clawed + uint96(recovered);
    }

    function _share(Receipt memory receipt) private view returns (uint256) {
        return LibLots.share(
            LibNs.creditMeter().lots[receipt.to][receipt.place], receipt.generation, receipt.units
        );
    }

    function _burn(bytes32 receiptId, address to, uint256 amount) private {
        if (amount != 0) LibToken.burnHeld(LibCredits.token(), amount, LibBuckets.METER);
        emit FiatClawedBack(to, amount, receiptId);
    }

    function _lockSecs(GateTerms memory terms) private pure returns (uint64) {
        return terms.lockSet ? terms.lockSecs : DEFAULT_LOCK;
    }

    function _separator() private view returns (bytes32) {
        return LibTypedData.separator(NAME_HASH, LibTypedData.VERSION_1);
    }
}
