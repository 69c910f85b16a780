// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IErrors} from "../interfaces/IErrors.sol";
import {LibSig} from "./LibSig.sol";
import {LibTypedData} from "./LibTypedData.sol";

/// @title What the key derived from a secret code signs: who is to be paid
/// @notice The code itself never appears on the chain, so there is nothing to run ahead of: a copied claim pays the
/// same recipient.
library LibClaim {
    /// @dev keccak256("facetworks-invite")
    bytes32 private constant NAME_HASH = 0xbf3873cbb8148c7563bfdd201cb88936dd7c7fbe8dcec160ccc3fd1d00c27895;

    /// @dev `AuthExpired` once now > `deadline`, `BadSignature`.
    function requireSigned(
        bytes32 typehash,
        address claimKey,
        bytes32 codeHash,
        address recipient,
        uint256 deadline,
        bytes calldata sig
    ) internal view {
        if (block.timestamp > deadline) revert IErrors.AuthExpired();
        bytes32 structHash = keccak256(abi.encode(typehash, codeHash, recipient, deadline));
        bytes32 domain = LibTypedData.separator(NAME_HASH, LibTypedData.VERSION_1);
        if (!LibSig.check(claimKey, LibTypedData.digest(domain, structHash), sig)) revert IErrors.BadSignature();
    }
}
