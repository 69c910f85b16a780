// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IDeviceRegistryFacet} from "../../interfaces/IDeviceRegistryFacet.sol";
import {AccountSet, LibAccountSet} from "../../libraries/LibAccountSet.sol";
import {LibLock} from "../../libraries/LibLock.sol";
import {LibNs} from "../../libraries/LibNs.sol";
import {LibRegistry} from "../../libraries/LibRegistry.sol";
import {LibSig} from "../../libraries/LibSig.sol";
import {LibTypedData} from "../../libraries/LibTypedData.sol";

/// @title DeviceRegistryFacet: documented at IDeviceRegistryFacet
contract DeviceRegistryFacet is IDeviceRegistryFacet {
    uint256 private constant MAX_DEVICES = 32;
    uint64 private constant CONFIRMED = 1;
    /// @dev keccak256("facetworks-device")
    bytes32 private constant NAME_HASH = 0x7683e1ab4827066b04f29076cca1825f51ff94c0ee71931d60abb2c6ae9c97e6;
    /// @dev keccak256("LinkDevice(address identity,address device,uint256 deadline)")
    bytes32 private constant LINK_TYPEHASH = 0xe2ceeea36a162afa43d8dbba41817b04583398757897d4fcf6fc51e6f339d673;

    modifier nonReentrant() {
        LibLock.enter();
        _;
        LibLock.exit();
    }

    function linkDevice(address device) external {
        if (device == address(0)) revert ZeroDevice();
        if (_add(LibNs.device().devices[msg.sender], device)) emit DeviceLinked(msg.sender, device, false);
    }

    function linkDeviceSigned(address device, uint256 deadline, bytes calldata deviceSig) external nonReentrant {
        // Check
        if (device == address(0)) revert ZeroDevice();
        if (block.timestamp > deadline) revert AuthExpired();
        bytes32 structHash = keccak256(abi.encode(LINK_TYPEHASH, msg.sender, device, deadline));
        bytes32 domain = LibTypedData.separator(NAME_HASH, LibTypedData.VERSION_1);
        if (!LibSig.check(device, LibTypedData.digest(domain, structHash), deviceSig)) revert BadSignature();
        // Effect
        AccountSet storage devices = LibNs.device().devices[msg.sender];
        if (!_add(devices, device) && devices.members[device].mark == CONFIRMED) return;
        devices.members[device].mark = CONFIRMED;
        emit DeviceLinked(msg.sender, device, true);
    }

    function unlinkDevice(address device) external {
        AccountSet storage devices = LibNs.device().devices[msg.sender];
        if (!LibAccountSet.remove(devices, device)) return;
        devices.members[device].mark = 0;
        emit DeviceUnlinked(msg.sender, device);
    }

    function linkIdentityDevice(uint256 id, address device) external {
        _requireHolder(id);
        if (device == address(0)) revert ZeroDevice();
        if (_add(_devicesOf(id), device)) emit IdentityDeviceLinked(id, device);
    }

    function unlinkIdentityDevice(uint256 id, address device) external {
        _requireHolder(id);
        if (LibAccountSet.remove(_devicesOf(id), device)) emit IdentityDeviceUnlinked(id, device);
    }

    function devicesOf(address identity) external view returns (address[] memory devices) {
        return LibAccountSet.all(LibNs.device().devices[identity]);
    }

    function isDeviceLinked(address identity, address device) external view returns (bool) {
        return LibAccountSet.has(LibNs.device().devices[identity], device);
    }

    function isDeviceConfirmed(address identity, address device) external view returns (bool) {
        return LibNs.device().devices[identity].members[device].mark == CONFIRMED;
    }

    function identityDevicesOf(uint256 id) external view returns (address[] memory devices) {
        if (LibRegistry.ownerOf(id) != address(0)) devices = LibAccountSet.all(_devicesOf(id));
    }

    function isIdentityDeviceLinked(uint256 id, address device) external view returns (bool) {
        return LibRegistry.ownerOf(id) != address(0) && LibAccountSet.has(_devicesOf(id), device);
    }

    function _add(AccountSet storage devices, address device) private returns (bool added) {
        added = LibAccountSet.add(devices, device);
        if (added && LibAccountSet.length(devices) > MAX_DEVICES) revert TooManyDevices();
    }

    function _devicesOf(uint256 id) private view returns (AccountSet storage) {
        return LibNs.device().identityDevices[id][LibRegistry.transfersOf(id)];
    }

    function _requireHolder(uint256 id) private view {
        address owner = LibRegistry.ownerOf(id);
        if (owner == address(0) || msg.sender != owner) revert NotOwner();
    }
}
