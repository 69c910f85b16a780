// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title Signatures of contracts (ERC-1271)
interface IERC1271 {
    /// @return magic 0x1626ba7e when the signature is valid for `hash`.
    function isValidSignature(bytes32 hash, bytes calldata signature) external view returns (bytes4 magic);
}
