// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IErrors} from "./IErrors.sol";

/// @title Which devices an account, or an identity, calls its own
/// @notice At most 32 each. A link is a statement of the one who makes it and grants no authority over anything; one
/// that is confirmed carries the device's own signature as well. Linking what is linked, and unlinking what is not,
/// does nothing and emits nothing.
/// @dev EIP-712 domain ("facetworks-device", "1"), type
/// LinkDevice(address identity,address device,uint256 deadline).
interface IDeviceRegistryFacet is IErrors {
    /// @notice A new link, or one that is confirmed from now on.
    event DeviceLinked(address indexed identity, address indexed device, bool confirmed);
    event DeviceUnlinked(address indexed identity, address indexed device);
    event IdentityDeviceLinked(uint256 indexed id, address indexed device);
    event IdentityDeviceUnlinked(uint256 indexed id, address indexed device);

    error ZeroDevice();
    /// @notice 32 devices are linked.
    error TooManyDevices();

    /// @notice Links `device` to the caller on the caller's word alone. `ZeroDevice`, `TooManyDevices`.
    function linkDevice(address device) external;
    /// @notice Links `device` to the caller, or confirms the link, with the device's consent: its signature (ECDSA or
    /// ERC-1271) over the caller, itself and `deadline`. `ZeroDevice`, `AuthExpired` once now > `deadline`,
    /// `BadSignature`, `TooManyDevices`.
    function linkDeviceSigned(address device, uint256 deadline, bytes calldata deviceSig) external;
    /// @notice Ends the link and its confirmation.
    function unlinkDevice(address device) external;
    /// @notice Holder of `id` only, and ended by the next transfer. `NotOwner`, `ZeroDevice`, `TooManyDevices`.
    function linkIdentityDevice(uint256 id, address device) external;
    /// @notice Holder of `id` only. `NotOwner`.
    function unlinkIdentityDevice(uint256 id, address device) external;

    /// @return devices In no particular order.
    function devicesOf(address identity) external view returns (address[] memory devices);
    function isDeviceLinked(address identity, address device) external view returns (bool);
    function isDeviceConfirmed(address identity, address device) external view returns (bool);
    /// @return devices Those the present holder has linked; none for an identity that does not exist.
    function identityDevicesOf(uint256 id) external view returns (address[] memory devices);
    function isIdentityDeviceLinked(uint256 id, address device) external view returns (bool);
}
