// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IRedeemFacet} from "../../interfaces/IRedeemFacet.sol";
import {LibCast} from "../../libraries/LibCast.sol";
import {LibClaim} from "../../libraries/LibClaim.sol";
import {LibCredits} from "../../libraries/LibCredits.sol";
import {LibDiamond} from "../../libraries/LibDiamond.sol";
import {LibLock} from "../../libraries/LibLock.sol";
import {LibNs} from "../../libraries/LibNs.sol";
import {LibToken} from "../../libraries/LibToken.sol";
import {RedeemCode, RedeemStorage} from "../../storage/RedeemStorage.sol";

/// @title RedeemFacet: documented at IRedeemFacet
contract RedeemFacet is IRedeemFacet {
    uint256 private constant MAX_BATCH = 500;
    bytes32 private constant MEMO = "LH-REDEEM";
    /// @dev keccak256("RedeemClaim(bytes32 codeHash,address recipient,uint256 deadline)")
    bytes32 private constant CLAIM_TYPEHASH = 0x88de6ddb14de521e34985cbcb1ae21c5e4a6b814219f36e5721b4556b053b991;

    modifier nonReentrant() {
        LibLock.enter();
        _;
        LibLock.exit();
    }

    function addRedeemCodes(bytes32[] calldata codeHashes, uint256 amountWei) external {
        LibDiamond.requireOwner();
        uint88 amount = _requireBatch(codeHashes.length, amountWei);
        for (uint256 i = 0; i < codeHashes.length; i++) {
            _add(codeHashes[i], amount, address(0));
        }
    }

    function addGuardedRedeemCodes(bytes32[] calldata codeHashes, address[] calldata claimKeys, uint256 amountWei)
        external
    {
        LibDiamond.requireOwner();
        if (codeHashes.length != claimKeys.length) revert LengthMismatch();
        uint88 amount = _requireBatch(codeHashes.length, amountWei);
        for (uint256 i = 0; i < codeHashes.length; i++) {
            if (claimKeys[i] == address(0)) revert ZeroAddress();
            _add(codeHashes[i], amount, claimKeys[i]);
        }
    }

    function disableRedeemCodes(bytes32[] calldata codeHashes) external {
        LibDiamond.requireOwner();
        if (codeHashes.length > MAX_BATCH) revert BatchTooLarge(MAX_BATCH);
        RedeemStorage storage s = LibNs.redeem();
        for (uint256 i = 0; i < codeHashes.length; i++) {
            RedeemCode storage entry = s.codes[codeHashes[i]];
            if (entry.amount == 0 || entry.used) continue;
            delete s.codes[codeHashes[i]];
            emit RedeemCodeDisabled(codeHashes[i]);
        }
    }

    function setRedeemRequiresIdentity(bool required) external {
        LibDiamond.requireOwner();
        LibNs.redeem().identityRequired = required;
        emit RedeemRequiresIdentitySet(required);
    }

    function redeem(string calldata code) external nonReentrant returns (uint256 amount) {
        // Check
        bytes32 codeHash = keccak256(bytes(code));
        RedeemCode storage entry = _live(codeHash);
        if (entry.claimKey != address(0)) revert ClaimKeyRequired();
        // Effect, Interaction
        amount = _mint(codeHash, entry, msg.sender);
    }

    function redeemFor(bytes32 codeHash, address recipient, uint256 deadline, bytes calldata sig)
        external
        nonReentrant
        returns (uint256 amount)
    {
        // Check
        RedeemCode storage entry = _live(codeHash);
        address claimKey = entry.claimKey;
        if (claimKey == address(0)) revert NotGuarded();
        LibClaim.requireSigned(CLAIM_TYPEHASH, claimKey, codeHash, recipient, deadline, sig);
        // Effect, Interaction
        amount = _mint(codeHash, entry, recipient);
    }

    function redeemAmountOf(bytes32 codeHash) external view returns (uint256) {
        return LibNs.redeem().codes[codeHash].amount;
    }

    function isRedeemed(bytes32 codeHash) external view returns (bool) {
        return LibNs.redeem().codes[codeHash].used;
    }

    function redeemClaimKeyOf(bytes32 codeHash) external view returns (address) {
        return LibNs.redeem().codes[codeHash].claimKey;
    }

    function redeemRequiresIdentity() external view returns (bool) {
        return LibNs.redeem().identityRequired;
    }

    function _add(bytes32 codeHash, uint88 amount, address claimKey) private {
        RedeemStorage storage s = LibNs.redeem();
        if (s.codes[codeHash].amount != 0) revert CodeExists();
        s.codes[codeHash] = RedeemCode(claimKey, amount, false);
        emit RedeemCodeAdded(codeHash, amount, claimKey);
    }

    function _mint(bytes32 codeHash, RedeemCode storage entry, address recipient) private returns (uint256 amount) {
        // Check
        if (LibNs.redeem().identityRequired && LibNs.ownedTokens().holders[recipient].count == 0) revert NoIdentity();
        address token = LibCredits.token();
        // Effect
        amount = entry.amount;
        entry.used = true;
        // Interaction
        LibToken.mintWithMemo(token, recipient, amount, MEMO);
        emit Redeemed(recipient, amount, codeHash);
    }

    function _live(bytes32 codeHash) private view returns (RedeemCode storage entry) {
        entry = LibNs.redeem().codes[codeHash];
        if (entry.amount == 0) revert InvalidCode();
        if (entry.used) revert CodeAlreadyUsed();
    }

    function _requireBatch(uint256 length, uint256 amountWei) private pure returns (uint88) {
        if (length > MAX_BATCH) revert BatchTooLarge(MAX_BATCH);
        if (amountWei == 0) revert InvalidCode();
        return LibCast.toUint88(amountWei);
    }
}
