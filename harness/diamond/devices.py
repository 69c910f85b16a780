"""DeviceRegistryFacet: which devices an account, or an identity, calls its own."""

from __future__ import annotations

from harness.chain.abi import Interface
from harness.chain.records import Receipt
from harness.diamond.client import ContractClient
from harness.protocol.addresses import Address

INTERFACE = Interface.of(
    """
function devicesOf(address identity) view returns (address[] devices)
function identityDevicesOf(uint256 id) view returns (address[] devices)
function isDeviceConfirmed(address identity, address device) view returns (bool)
function isDeviceLinked(address identity, address device) view returns (bool)
function isIdentityDeviceLinked(uint256 id, address device) view returns (bool)
function linkDevice(address device)
function linkDeviceSigned(address device, uint256 deadline, bytes deviceSig)
function linkIdentityDevice(uint256 id, address device)
function unlinkDevice(address device)
function unlinkIdentityDevice(uint256 id, address device)
event DeviceLinked(address indexed identity, address indexed device, bool confirmed)
event DeviceUnlinked(address indexed identity, address indexed device)
event IdentityDeviceLinked(uint256 indexed id, address indexed device)
event IdentityDeviceUnlinked(uint256 indexed id, address indexed device)
error TooManyDevices()
error ZeroDevice()
"""
)


class Devices(ContractClient):
    """A link grants nothing; a confirmed one carries the device's signature."""

    INTERFACE = INTERFACE

    def devices_of(self, account: Address) -> tuple[Address, ...]:
        return tuple(self.read("devicesOf", account))

    def identity_devices_of(self, identity: int) -> tuple[Address, ...]:
        """Those the present holder of the identity has linked."""
        return tuple(self.read("identityDevicesOf", identity))

    def is_device_confirmed(self, account: Address, device: Address) -> bool:
        return bool(self.read("isDeviceConfirmed", account, device))

    def is_device_linked(self, account: Address, device: Address) -> bool:
        return bool(self.read("isDeviceLinked", account, device))

    def is_identity_device_linked(self, identity: int, device: Address) -> bool:
        return bool(self.read("isIdentityDeviceLinked", identity, device))

    def link_device(self, device: Address, *, key: str | None = None) -> Receipt:
        """On the sender's word alone."""
        return self.write("linkDevice", device, key=key)

    def link_device_signed(
        self, device: Address, deadline: int, signature: bytes, *, key: str | None = None
    ) -> Receipt:
        """With the device's signature over LinkDevice(sender, device, deadline)."""
        return self.write("linkDeviceSigned", device, deadline, signature, key=key)

    def link_identity_device(
        self, identity: int, device: Address, *, key: str | None = None
    ) -> Receipt:
        """Holder only; ended by the next transfer."""
        return self.write("linkIdentityDevice", identity, device, key=key)

    def unlink_device(self, device: Address, *, key: str | None = None) -> Receipt:
        return self.write("unlinkDevice", device, key=key)

    def unlink_identity_device(
        self, identity: int, device: Address, *, key: str | None = None
    ) -> Receipt:
        """Holder only."""
        return self.write("unlinkIdentityDevice", identity, device, key=key)
