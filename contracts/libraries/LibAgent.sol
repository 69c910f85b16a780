// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IAgentErrors} from "../interfaces/IAgentErrors.sol";
import {IAgentRegistration} from "../interfaces/IAgentRegistration.sol";
import {AgentWallet} from "../storage/AgentStorage.sol";
import {LibNs} from "./LibNs.sol";
import {LibRegistry} from "./LibRegistry.sol";

/// @title Identities as ERC-8004 agents: what the registries of agents share
library LibAgent {
    string internal constant WALLET = "agentWallet";
    /// @dev keccak256("agentWallet")
    bytes32 internal constant WALLET_KEY = 0x2ac6109326e720d1435c0db66f7e35eda7839f52b6f1f5520a60788e132b4e39;
    uint256 internal constant MAX_TAG = 128;
    uint256 private constant MAX_URI = 65_536;
    uint256 private constant MAX_SCHEME = 64;
    uint256 private constant COLON = 0x3a;

    /// @dev Whether `text` begins with a scheme and a colon, as every URI does and no name can.
    function isURI(bytes calldata text) internal pure returns (bool) {
        uint256 length = text.length > MAX_SCHEME ? MAX_SCHEME : text.length;
        for (uint256 i = 0; i < length; i++) {
            uint256 c = uint8(text[i]);
            if (c == COLON) return i != 0;
            bool letter = (c >= 0x61 && c <= 0x7a) || (c >= 0x41 && c <= 0x5a);
            // Digits, "+", "-" and "." may follow the first letter.
            bool later = (c >= 0x30 && c <= 0x39) || c == 0x2b || c == 0x2d || c == 0x2e;
            if (!letter && !(later && i != 0)) return false;
        }
        return false;
    }

    /// @dev Mints an identity with a generated name; the cost of registering is the caller's to charge.
    function create(address to, string memory uri) internal returns (uint256 id) {
        id = LibRegistry.mintUnnamed(to);
        if (bytes(uri).length != 0) setURI(id, uri);
        emit IAgentRegistration.Registered(id, uri, to);
        emit IAgentRegistration.MetadataSet(id, WALLET, WALLET, abi.encodePacked(to));
    }

    /// @dev `URITooLarge`.
    function setURI(uint256 id, string memory uri) internal {
        if (bytes(uri).length > MAX_URI) revert IAgentRegistration.URITooLarge();
        LibNs.agent().uris[id] = uri;
    }

    /// @dev Tells indexers, once, that an identity registered by name is an agent. Others were announced when minted.
    function announce(uint256 id, address owner) internal {
        if (LibRegistry.isUnnamed(id)) return;
        AgentWallet storage record = LibNs.agent().wallets[id];
        if (record.announced) return;
        record.announced = true;
        emit IAgentRegistration.Registered(id, LibNs.agent().uris[id], owner);
        emit IAgentRegistration.MetadataSet(id, WALLET, WALLET, walletValue(id));
    }

    /// @dev The wallet the agent is paid at: the first holder until somebody sets one, none after a transfer.
    function walletOf(uint256 id) internal view returns (address) {
        address owner = LibRegistry.ownerOf(id);
        if (owner == address(0)) return address(0);
        AgentWallet storage record = LibNs.agent().wallets[id];
        uint256 transfers = LibRegistry.transfersOf(id);
        if (record.isSet && record.transfers == transfers) return record.wallet;
        return transfers == 0 ? owner : address(0);
    }

    /// @dev As metadata: 20 bytes, or none.
    function walletValue(uint256 id) internal view returns (bytes memory value) {
        address wallet = walletOf(id);
        if (wallet != address(0)) value = abi.encodePacked(wallet);
    }

    /// @dev `UnknownAgent`.
    function ownerOf(uint256 id) internal view returns (address owner) {
        owner = LibRegistry.ownerOf(id);
        if (owner == address(0)) revert IAgentErrors.UnknownAgent();
    }

    /// @dev Whether `account` may act for what `owner` holds as `id`: as in ERC-721.
    function isOperator(address account, address owner, uint256 id) internal view returns (bool) {
        if (account == owner || LibNs.registry().operators[owner][account]) return true;
        return account != address(0) && LibRegistry.approvedFor(id) == account;
    }

    /// @dev `UnknownAgent`, `NotAgentOperator`.
    function requireOperator(uint256 id) internal view returns (address owner) {
        owner = ownerOf(id);
        if (!isOperator(msg.sender, owner, id)) revert IAgentErrors.NotAgentOperator();
    }
}
