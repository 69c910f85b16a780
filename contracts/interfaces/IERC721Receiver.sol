// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title A contract that takes ERC-721 tokens
interface IERC721Receiver {
    /// @return 0x150b7a02 to accept the token.
    function onERC721Received(address operator, address from, uint256 tokenId, bytes calldata data)
        external
        returns (bytes4);
}
