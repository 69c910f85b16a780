// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title A token-bound account (ERC-6551); interface id 0x6faff5f1
interface IERC6551Account {
    function token() external view returns (uint256 chainId, address tokenContract, uint256 tokenId);
    /// @notice Changes with every execution and every change of signers.
    function state() external view returns (uint256);
    /// @return magicValue 0x523e3260 when `signer` may act for the account.
    function isValidSigner(address signer, bytes calldata context) external view returns (bytes4 magicValue);
}
