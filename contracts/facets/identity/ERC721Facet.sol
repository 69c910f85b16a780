// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IERC721Facet} from "../../interfaces/IERC721Facet.sol";
import {IERC721Receiver} from "../../interfaces/IERC721Receiver.sol";
import {LibDiamond} from "../../libraries/LibDiamond.sol";
import {LibLock} from "../../libraries/LibLock.sol";
import {LibNs} from "../../libraries/LibNs.sol";
import {LibRegistry} from "../../libraries/LibRegistry.sol";
import {LibRevert} from "../../libraries/LibRevert.sol";
import {Approval as StoredApproval, RegistryStorage} from "../../storage/RegistryStorage.sol";

/// @title ERC721Facet: documented at IERC721Facet
contract ERC721Facet is IERC721Facet {
    bytes4 private constant TOKEN_RECEIVED = 0x150b7a02;

    modifier nonReentrant() {
        LibLock.enter();
        _;
        LibLock.exit();
    }

    function initERC721(string calldata collectionName, string calldata uriSuffix) external {
        LibDiamond.requireOwner();
        RegistryStorage storage s = LibNs.registry();
        if (s.config.collectionSet) revert AlreadyInitialised();
        s.config.collectionSet = true;
        s.collectionName = collectionName;
        s.uriSuffix = uriSuffix;
        emit CollectionSet(collectionName, uriSuffix);
    }

    function name() external view returns (string memory) {
        RegistryStorage storage s = LibNs.registry();
        return s.config.collectionSet ? s.collectionName : "Localharness Names";
    }

    function symbol() external pure returns (string memory) {
        return "LH";
    }

    function tokenURI(uint256 tokenId) external view returns (string memory uri) {
        RegistryStorage storage s = LibNs.registry();
        _holderOf(tokenId);
        uri = LibNs.agent().uris[tokenId];
        if (bytes(uri).length != 0) return uri;
        // ERC-8004: a nameless agent whose registration file is not published yet has no URI.
        if (bytes(s.nameOf[tokenId]).length == 0) return "";
        string memory suffix = s.config.collectionSet ? s.uriSuffix : ".localharness.xyz/";
        return string.concat("https://", s.nameOf[tokenId], suffix);
    }

    function balanceOf(address owner) external view returns (uint256) {
        if (owner == address(0)) revert ZeroAddress();
        return LibNs.ownedTokens().holders[owner].count;
    }

    function ownerOf(uint256 tokenId) external view returns (address) {
        return _holderOf(tokenId);
    }

    function getApproved(uint256 tokenId) external view returns (address) {
        _holderOf(tokenId);
        return LibRegistry.approvedFor(tokenId);
    }

    function isApprovedForAll(address owner, address operator) external view returns (bool) {
        return LibNs.registry().operators[owner][operator];
    }

    function approve(address spender, uint256 tokenId) external {
        RegistryStorage storage s = LibNs.registry();
        address owner = _holderOf(tokenId);
        if (msg.sender != owner && !s.operators[owner][msg.sender]) revert NotApproved();
        s.approvals[tokenId] = StoredApproval(spender, s.identities[tokenId].transfers);
        emit Approval(owner, spender, tokenId);
    }

    function setApprovalForAll(address operator, bool approved) external {
        if (operator == address(0)) revert ZeroAddress();
        LibNs.registry().operators[msg.sender][operator] = approved;
        emit ApprovalForAll(msg.sender, operator, approved);
    }

    function transferFrom(address from, address to, uint256 tokenId) external {
        _transfer(from, to, tokenId);
    }

    function safeTransferFrom(address from, address to, uint256 tokenId) external nonReentrant {
        _transfer(from, to, tokenId);
        _askReceiver(from, to, tokenId, new bytes(0));
    }

    function safeTransferFrom(address from, address to, uint256 tokenId, bytes calldata data) external nonReentrant {
        _transfer(from, to, tokenId);
        _askReceiver(from, to, tokenId, data);
    }

    function _transfer(address from, address to, uint256 tokenId) private {
        // Check
        if (_holderOf(tokenId) != from) revert WrongFrom();
        if (to == address(0)) revert ZeroAddress();
        bool entitled = msg.sender == from || LibNs.registry().operators[from][msg.sender]
            || LibRegistry.approvedFor(tokenId) == msg.sender;
        if (!entitled) revert NotApproved();
        // Effect
        LibRegistry.transfer(from, to, tokenId);
    }

    /// @dev Interaction: a receiver that reverts with a reason is heard, one that answers anything else is refused.
    function _askReceiver(address from, address to, uint256 tokenId, bytes memory data) private {
        if (to.code.length == 0) return;
        (bool ok, bytes memory answer) =
            to.call(abi.encodeCall(IERC721Receiver.onERC721Received, (msg.sender, from, tokenId, data)));
        if (!ok && answer.length != 0) LibRevert.bubble(answer);
        if (!ok || answer.length < 32 || abi.decode(answer, (bytes32)) != bytes32(TOKEN_RECEIVED)) {
            revert ReceiverRejected();
        }
    }

    function _holderOf(uint256 tokenId) private view returns (address owner) {
        owner = LibRegistry.ownerOf(tokenId);
        if (owner == address(0)) revert NonexistentToken();
    }
}
