// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IRegistryFacet} from "../../interfaces/IRegistryFacet.sol";
import {LibAgent} from "../../libraries/LibAgent.sol";
import {LibCast} from "../../libraries/LibCast.sol";
import {LibDiamond} from "../../libraries/LibDiamond.sol";
import {LibLock} from "../../libraries/LibLock.sol";
import {LibNs} from "../../libraries/LibNs.sol";
import {LibRegistration} from "../../libraries/LibRegistration.sol";
import {LibRegistry} from "../../libraries/LibRegistry.sol";
import {LibTba} from "../../libraries/LibTba.sol";
import {RegistryStorage} from "../../storage/RegistryStorage.sol";

/// @title RegistryFacet: documented at IRegistryFacet
contract RegistryFacet is IRegistryFacet {
    uint256 private constant MAX_VALUE = 16_384;
    uint256 private constant MAX_MANY = 8;

    modifier nonReentrant() {
        LibLock.enter();
        _;
        LibLock.exit();
    }

    function register(string calldata name) external nonReentrant returns (uint256 id) {
        if (!LibRegistry.isValidName(bytes(name))) return _registerAgent(name);
        LibRegistration.requireOpenValid(name);
        id = _mint(name);
    }

    function commitName(bytes32 commitment) external {
        RegistryStorage storage s = LibNs.registry();
        uint256 committedAt = s.commitments[commitment];
        if (committedAt != 0 && block.timestamp <= committedAt + LibRegistration.COMMIT_MAX_AGE) revert CommitPending();
        s.commitments[commitment] = block.timestamp;
        emit NameCommitted(commitment, msg.sender);
    }

    function registerCommitted(string calldata name, bytes32 salt) external nonReentrant returns (uint256 id) {
        LibRegistration.redeemCommitment(name, salt);
        id = _mint(name);
    }

    function setMetadata(uint256 id, bytes32 key, bytes calldata value) external {
        _requireHolder(id);
        _setMetadata(id, key, value);
    }

    function setMetadataMany(uint256 id, bytes32[] calldata keys, bytes[] calldata values) external {
        _requireHolder(id);
        if (keys.length != values.length) revert LengthMismatch();
        if (keys.length > MAX_MANY) revert BatchTooLarge(MAX_MANY);
        for (uint256 i = 0; i < keys.length; i++) {
            _setMetadata(id, keys[i], values[i]);
        }
    }

    function setRegistrationCost(uint256 cost) external {
        LibDiamond.requireOwner();
        RegistryStorage storage s = LibNs.registry();
        emit RegistrationCostUpdated(s.config.registrationCost, cost);
        s.config.registrationCost = LibCast.toUint128(cost);
    }

    function setNameCommitRequired(bool required) external {
        LibDiamond.requireOwner();
        LibNs.registry().config.commitRequired = required;
        emit NameCommitRequiredSet(required);
    }

    function ownerOfName(string calldata name) external view returns (address owner) {
        return LibRegistry.ownerOf(LibRegistry.idOfName(name));
    }

    function idOfName(string calldata name) external view returns (uint256 id) {
        return LibRegistry.idOfName(name);
    }

    function nameOfId(uint256 id) external view returns (string memory name) {
        return LibRegistry.nameOf(id);
    }

    function ownerOfId(uint256 id) external view returns (address owner) {
        return LibRegistry.ownerOf(id);
    }

    function idOf(address account) external view returns (uint256 id) {
        return LibNs.ownedTokens().holders[account].lastId;
    }

    function isTaken(string calldata name) external view returns (bool) {
        return LibRegistry.idOfName(name) != 0;
    }

    function nextId() external view returns (uint256) {
        return uint256(LibNs.registry().config.lastId) + 1;
    }

    function registrationCost() external view returns (uint256) {
        return LibNs.registry().config.registrationCost;
    }

    function nameCommitRequired() external view returns (bool) {
        return LibNs.registry().config.commitRequired;
    }

    function commitmentOf(bytes32 commitment) external view returns (uint256 committedAt) {
        return LibNs.registry().commitments[commitment];
    }

    function metadata(uint256 id, bytes32 key) external view returns (bytes memory value) {
        if (LibRegistry.ownerOf(id) != address(0)) value = LibNs.registry().metadata[id][key];
    }

    function agentCard(uint256 id)
        external
        view
        returns (address owner, address tba, string memory name, uint256 priceWei)
    {
        owner = LibRegistry.ownerOf(id);
        if (owner == address(0)) return (owner, tba, name, priceWei);
        return (owner, LibTba.accountOrZero(id), LibRegistry.nameOf(id), LibRegistry.priceOf(id));
    }

    function _mint(string calldata name) private returns (uint256 id) {
        // Effect
        id = LibRegistry.mint(msg.sender, name);
        // Interaction
        LibRegistration.charge(msg.sender);
    }

    /// @dev ERC-8004's function of the same selector: what cannot be a name may be the URI of a nameless agent.
    function _registerAgent(string calldata uri) private returns (uint256 id) {
        // Check
        if (!LibAgent.isURI(bytes(uri))) revert InvalidName();
        // Effect
        id = LibAgent.create(msg.sender, uri);
        // Interaction
        LibRegistration.charge(msg.sender);
    }

    function _setMetadata(uint256 id, bytes32 key, bytes calldata value) private {
        if (value.length > MAX_VALUE) revert ValueTooLarge();
        LibNs.registry().metadata[id][key] = value;
        emit MetadataSet(id, key, value);
    }

    function _requireHolder(uint256 id) private view {
        address owner = LibRegistry.ownerOf(id);
        if (owner == address(0) || msg.sender != owner) revert NotOwner();
    }
}
