// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {AccountSet} from "../libraries/LibAccountSet.sol";

/// @custom:storage-location erc7201:facetworks.device
/// @dev The mark of a member of `devices` is 1 when the device has confirmed the link. The set of an identity is keyed
/// by how often it has changed hands, so that a new holder starts without the old one's devices.
struct DeviceStorage {
    mapping(address identity => AccountSet) devices;
    mapping(uint256 id => mapping(uint256 transfers => AccountSet)) identityDevices;
}
