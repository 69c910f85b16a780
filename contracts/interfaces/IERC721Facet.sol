// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IErrors} from "./IErrors.sol";
import {IERC721Events} from "./IERC721Events.sol";
import {IMainIdentityEvents} from "./IMainIdentityEvents.sol";

/// @title Identities as ERC-721 tokens, with metadata
interface IERC721Facet is IErrors, IERC721Events, IMainIdentityEvents {
    event Approval(address indexed owner, address indexed approved, uint256 indexed tokenId);
    event ApprovalForAll(address indexed owner, address indexed operator, bool approved);
    event CollectionSet(string name, string uriSuffix);

    error NonexistentToken();
    /// @notice `from` does not hold the token.
    error WrongFrom();
    /// @notice The caller is neither the holder nor approved.
    error NotApproved();
    /// @notice The receiving contract did not take the token.
    error ReceiverRejected();
    /// @notice An identity cannot be held by its own account: nobody could ever act for it again.
    error OwnershipCycle();

    /// @notice Diamond owner only, once (`AlreadyInitialised`): collection name and the suffix of token URIs. Until
    /// then they are "Localharness Names" and ".localharness.xyz/".
    function initERC721(string calldata collectionName, string calldata uriSuffix) external;

    function name() external view returns (string memory);
    function symbol() external view returns (string memory);
    /// @return uri The agent URI when one is set (ERC-8004), else "https://" + registered name + suffix; empty for an
    /// identity without either. `NonexistentToken`.
    function tokenURI(uint256 tokenId) external view returns (string memory uri);
    /// @notice `ZeroAddress` for the zero address.
    function balanceOf(address owner) external view returns (uint256);
    /// @notice `NonexistentToken`.
    function ownerOf(uint256 tokenId) external view returns (address);
    /// @notice `NonexistentToken`.
    function getApproved(uint256 tokenId) external view returns (address);
    function isApprovedForAll(address owner, address operator) external view returns (bool);

    /// @notice Holder or operator (`NonexistentToken`, `NotApproved`). Ends with the next transfer.
    function approve(address spender, uint256 tokenId) external;
    /// @notice `ZeroAddress` for the zero operator.
    function setApprovalForAll(address operator, bool approved) external;
    /// @notice `NonexistentToken`, `WrongFrom`, `ZeroAddress`, `NotApproved`, `OwnershipCycle`. Clears the approval,
    /// and the sender's main identity when it was this one.
    function transferFrom(address from, address to, uint256 tokenId) external;
    /// @notice As `transferFrom`; a receiver with code is asked last, under the shared lock (`ReceiverRejected`).
    function safeTransferFrom(address from, address to, uint256 tokenId) external;
    function safeTransferFrom(address from, address to, uint256 tokenId, bytes calldata data) external;
}
