// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IErrors} from "../interfaces/IErrors.sol";
import {IVaultFacet} from "../interfaces/IVaultFacet.sol";
import {LibTypedData} from "./LibTypedData.sol";

/// @dev The fields of a reservation a session key signs, beside its epoch.
struct Reservation {
    address consumer;
    address operator;
    uint256 amount;
    uint64 expiry;
    uint256 nonce;
}

/// @title What session keys sign
/// @notice ECDSA only. A contract may change what it accepts after the work was done; a key cannot.
library LibVaultSig {
    /// @dev keccak256("Halo")
    bytes32 private constant NAME_HASH = 0x3ebdac13a80ed72191914a3e5ac0a9b1138bf601e8ce22bc1b75c62fc1f90f15;
    /// @dev keccak256("Reserve(address consumer,address operator,uint256 amount,uint64 expiry,uint256 nonce,uint256
    /// keyEpoch)")
    bytes32 private constant RESERVE_TYPEHASH = 0x923fa21fcead314748b9c3d057f1d206d805f5f43326c292e6eb41b33c023cd1;
    /// @dev keccak256("Receipt(address consumer,address operator,uint256 cumulative,uint256 keyEpoch,uint64 cycle)")
    bytes32 private constant RECEIPT_TYPEHASH = 0x976a38a2f91cbab80abb3a02d157b1ccef80a7e2c152ed5b2ee779da32d27084;
    /// @dev keccak256("facetworks.vault.deposit")
    bytes32 private constant DEPOSIT_TYPEHASH = 0x9e4d1417e92ea8be5dfc5bfbd2f1ea3fd51df17a662b2268cc17a399fd0aa00b;

    function separator() internal view returns (bytes32) {
        return LibTypedData.separator(NAME_HASH, LibTypedData.VERSION_2);
    }

    function reserveDigest(Reservation memory r, uint256 epoch) internal view returns (bytes32) {
        bytes32 structHash = keccak256(
            abi.encode(RESERVE_TYPEHASH, r.consumer, r.operator, r.amount, r.expiry, r.nonce, epoch)
        );
        return LibTypedData.digest(separator(), structHash);
    }

    function receiptDigest(
        bytes32 domain,
        address consumer,
        address operator,
        uint256 cumulative,
        uint256 epoch,
        uint256 cycle
    ) internal pure returns (bytes32) {
        bytes32 structHash = keccak256(abi.encode(RECEIPT_TYPEHASH, consumer, operator, cumulative, epoch, cycle));
        return LibTypedData.digest(domain, structHash);
    }

    /// @dev The EIP-3009 nonce of a deposit. It commits to the session key, which the authorisation itself does not
    /// name: whoever relays the first deposit could otherwise install a key of their own.
    function depositNonce(address consumer, address sessionKey, bytes32 salt) internal view returns (bytes32) {
        return keccak256(abi.encode(DEPOSIT_TYPEHASH, block.chainid, address(this), consumer, sessionKey, salt));
    }

    /// @dev `NoSessionKey`, `BadSignature`. `recovered` is zero for a signature that is none.
    function requireKey(address key, address recovered) internal pure {
        if (key == address(0)) revert IVaultFacet.NoSessionKey();
        if (recovered != key) revert IErrors.BadSignature();
    }
}
