// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IAgentIdentityFacet} from "../../interfaces/IAgentIdentityFacet.sol";
import {LibAgent} from "../../libraries/LibAgent.sol";
import {LibLock} from "../../libraries/LibLock.sol";
import {LibNs} from "../../libraries/LibNs.sol";
import {LibRegistration} from "../../libraries/LibRegistration.sol";
import {LibRegistry} from "../../libraries/LibRegistry.sol";
import {LibSig} from "../../libraries/LibSig.sol";
import {LibTypedData} from "../../libraries/LibTypedData.sol";
import {AgentWallet} from "../../storage/AgentStorage.sol";

/// @title AgentIdentityFacet: documented at IAgentIdentityFacet
contract AgentIdentityFacet is IAgentIdentityFacet {
    uint256 private constant MAX_ENTRIES = 32;
    uint256 private constant MAX_VALUE = 16_384;
    uint256 private constant MAX_DEADLINE = 5 minutes;
    /// @dev keccak256("ERC8004IdentityRegistry")
    bytes32 private constant NAME_HASH = 0x14eb7e73a4b0db4b1973a43b32259ba95ca226af62ef495be78e00eba5734683;
    /// @dev keccak256("AgentWalletSet(uint256 agentId,address newWallet,address owner,uint256 deadline)")
    bytes32 private constant WALLET_TYPEHASH = 0x678b53cd718d595370ab070ebf48edfdcd834beac116bf23e625fc7f4d5b7d32;

    modifier nonReentrant() {
        LibLock.enter();
        _;
        LibLock.exit();
    }

    function register() external nonReentrant returns (uint256 agentId) {
        // Effect
        agentId = LibAgent.create(msg.sender, "");
        // Interaction
        LibRegistration.charge(msg.sender);
    }

    function register(string calldata agentURI, MetadataEntry[] calldata metadata)
        external
        nonReentrant
        returns (uint256 agentId)
    {
        // Check
        if (metadata.length > MAX_ENTRIES) revert BatchTooLarge(MAX_ENTRIES);
        // Effect
        agentId = LibAgent.create(msg.sender, agentURI);
        for (uint256 i = 0; i < metadata.length; i++) {
            _setMetadata(agentId, metadata[i].metadataKey, metadata[i].metadataValue);
        }
        // Interaction
        LibRegistration.charge(msg.sender);
    }

    function setAgentURI(uint256 agentId, string calldata newURI) external {
        // Check
        address owner = LibAgent.requireOperator(agentId);
        // Effect
        LibAgent.setURI(agentId, newURI);
        LibAgent.announce(agentId, owner);
        emit URIUpdated(agentId, newURI, msg.sender);
    }

    function setMetadata(uint256 agentId, string calldata metadataKey, bytes calldata metadataValue) external {
        // Check
        address owner = LibAgent.requireOperator(agentId);
        // Effect
        LibAgent.announce(agentId, owner);
        _setMetadata(agentId, metadataKey, metadataValue);
    }

    function setAgentWallet(uint256 agentId, address newWallet, uint256 deadline, bytes calldata signature)
        external
        nonReentrant
    {
        // Check
        address owner = LibAgent.requireOperator(agentId);
        if (newWallet == address(0)) revert ZeroAddress();
        if (block.timestamp > deadline) revert AuthExpired();
        if (deadline > block.timestamp + MAX_DEADLINE) revert DeadlineTooFar();
        bytes32 structHash = keccak256(abi.encode(WALLET_TYPEHASH, agentId, newWallet, owner, deadline));
        bytes32 domain = LibTypedData.separator(NAME_HASH, LibTypedData.VERSION_1);
        if (!LibSig.check(newWallet, LibTypedData.digest(domain, structHash), signature)) revert BadSignature();
        // Effect
        _setWallet(agentId, owner, newWallet);
    }

    function unsetAgentWallet(uint256 agentId) external {
        // Check
        address owner = LibAgent.requireOperator(agentId);
        // Effect
        _setWallet(agentId, owner, address(0));
    }

    function getMetadata(uint256 agentId, string calldata metadataKey) external view returns (bytes memory) {
        bytes32 key = keccak256(bytes(metadataKey));
        if (key == LibAgent.WALLET_KEY) return LibAgent.walletValue(agentId);
        if (LibRegistry.ownerOf(agentId) == address(0)) return "";
        return LibNs.agent().metadata[agentId][key];
    }

    function getAgentWallet(uint256 agentId) external view returns (address) {
        return LibAgent.walletOf(agentId);
    }

    function isAuthorizedOrOwner(address spender, uint256 agentId) external view returns (bool) {
        return LibAgent.isOperator(spender, LibAgent.ownerOf(agentId), agentId);
    }

    function _setMetadata(uint256 agentId, string calldata key, bytes calldata value) private {
        bytes32 keyHash = keccak256(bytes(key));
        if (keyHash == LibAgent.WALLET_KEY) revert ReservedKey();
        if (value.length > MAX_VALUE) revert ValueTooLarge();
        LibNs.agent().metadata[agentId][keyHash] = value;
        emit MetadataSet(agentId, key, key, value);
    }

    function _setWallet(uint256 agentId, address owner, address wallet) private {
        LibAgent.announce(agentId, owner);
        AgentWallet storage record = LibNs.agent().wallets[agentId];
        record.wallet = wallet;
        record.transfers = uint48(LibRegistry.transfersOf(agentId));
        record.isSet = true;
        emit MetadataSet(agentId, LibAgent.WALLET, LibAgent.WALLET, LibAgent.walletValue(agentId));
    }
}
