// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IErrors} from "../interfaces/IErrors.sol";
import {IX402Facet} from "../interfaces/IX402Facet.sol";
import {Payee, X402Storage} from "../storage/X402Storage.sol";
import {Authorization, LibAuthorization} from "./LibAuthorization.sol";
import {LibNonces} from "./LibNonces.sol";
import {LibNs} from "./LibNs.sol";
import {LibRegistry} from "./LibRegistry.sol";
import {LibSig} from "./LibSig.sol";
import {LibTypedData} from "./LibTypedData.sol";

/// @title Verdicts on payment authorisations
library LibX402 {
    uint8 internal constant OK = 0;
    uint8 internal constant USED = 1;
    uint8 internal constant NOT_YET = 2;
    uint8 internal constant EXPIRED = 3;
    uint8 internal constant BAD_SIGNATURE = 4;
    uint8 internal constant TOKEN_FAILED = 5;
    uint8 internal constant BAD_PAYEE = 6;
    uint8 internal constant EXCEEDS_MAX = 7;
    uint8 internal constant NOT_FACILITATOR = 8;

    /// @dev keccak256("localharness-x402")
    bytes32 private constant NAME_HASH = 0xe71f99a1757d1512cd95a93287eb59f0dae7dba1e0dc85710831124a3735d76a;
    /// @dev keccak256("PaymentAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256
    /// validBefore,bytes32 nonce)")
    bytes32 private constant PAYMENT_TYPEHASH = 0x2bf07b601a3e03009e0940697f0f9638de6d92642ade2080974ac818d48a381e;
    /// @dev keccak256("CancelPayment(address from,bytes32 nonce)")
    bytes32 private constant CANCEL_TYPEHASH = 0xe10054be8abeffb5658701fbb90283c880ae669d27feaa00a288019d563c75be;

    function separator() internal view returns (bytes32) {
        return LibTypedData.separator(NAME_HASH, LibTypedData.VERSION_1);
    }

    /// @dev Every check before the signature, in order, and then the nonce is spent: by the time a signer's contract or
    /// an ERC-6492 factory runs, this authorisation is closed. Anything but OK writes nothing.
    function open(Authorization memory auth) internal returns (uint8) {
        X402Storage storage s = LibNs.x402();
        if (!LibNonces.use(s.nonces, auth.from, auth.nonce)) return USED;
        uint8 verdict = OK;
        if (block.timestamp <= auth.validAfter) verdict = NOT_YET;
        else if (block.timestamp >= auth.validBefore) verdict = EXPIRED;
        else if (auth.to == address(0) || auth.to == address(this)) verdict = BAD_PAYEE;
        if (verdict != OK) reopen(auth);
        return verdict;
    }

    /// @dev Gives back the nonce of an authorisation that `open` admitted and that came to nothing after all.
    function reopen(Authorization memory auth) internal {
        LibNonces.restore(LibNs.x402().nonces, auth.from, auth.nonce);
    }

    function isSigned(Authorization memory auth, bytes calldata signature) internal returns (bool) {
        return _check(auth.from, LibAuthorization.structHash(PAYMENT_TYPEHASH, auth), signature);
    }

    function isCancelSigned(address from, bytes32 nonce, bytes calldata signature) internal returns (bool) {
        return _check(from, keccak256(abi.encode(CANCEL_TYPEHASH, from, nonce)), signature);
    }

    function _check(address signer, bytes32 structHash, bytes calldata signature) private returns (bool) {
        bytes32 digest = LibTypedData.digest(separator(), structHash);
        // Only a wrapped signature needs to know who deploys.
        if (!LibSig.isWrapped(signature)) return LibSig.check(signer, digest, signature);
        return LibSig.checkWrapped(LibNs.x402().sigDeployer, signer, digest, signature);
    }

    /// @dev Whether `caller` may decide how much of an upto authorisation `payee` takes.
    function mayCapture(address payee, address caller) internal view returns (bool) {
        X402Storage storage s = LibNs.x402();
        Payee storage record = s.payees[payee];
        if (record.facilitators == 0 || caller == payee || caller == record.latest) return true;
        if (s.isFacilitator[payee][caller]) return true;
        uint256 identity = record.identity;
        return identity != 0 && LibRegistry.ownerOf(identity) == caller;
    }

    /// @dev The named error of a verdict; returns for OK.
    function requireOk(uint8 verdict, address token) internal pure {
        if (verdict == OK) return;
        if (verdict == USED) revert IErrors.AuthAlreadyUsed();
        if (verdict == NOT_YET) revert IErrors.AuthNotYetValid();
        if (verdict == EXPIRED) revert IErrors.AuthExpired();
        if (verdict == BAD_SIGNATURE) revert IErrors.BadSignature();
        if (verdict == TOKEN_FAILED) revert IErrors.TokenCallFailed(token);
        if (verdict == BAD_PAYEE) revert IX402Facet.BadPayee();
        if (verdict == EXCEEDS_MAX) revert IX402Facet.AmountExceedsMax();
        revert IX402Facet.NotFacilitator();
    }
}
