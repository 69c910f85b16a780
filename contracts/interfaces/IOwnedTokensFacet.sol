// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title Which identities an account holds
interface IOwnedTokensFacet {
    /// @notice All of them, in no particular order; may exceed the gas limit of a node for huge accounts.
    function tokensOfOwner(address owner) external view returns (uint256[] memory ids);
    /// @notice A page of at most 200, newest place first, so that an identity held throughout an iteration is seen even
    /// when others leave meanwhile.
    /// @param startAfter 0 for the first page, then the previous `nextCursor`.
    /// @return ids The page.
    /// @return nextCursor 2^256-1 when there is nothing more.
    function tokensOfOwnerPage(address owner, uint256 startAfter, uint256 limit)
        external
        view
        returns (uint256[] memory ids, uint256 nextCursor);
    function ownedCount(address owner) external view returns (uint256);
}
