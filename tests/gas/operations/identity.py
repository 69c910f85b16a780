"""Names, accounts, devices."""

from __future__ import annotations

from tests.contracts.economy import Economy
from tests.gas.measure import Call
from tests.gas.operations.catalogue import FOUR, of, operation


@operation("RegistryFacet")
def register(economy: Economy) -> list[Call]:
    alice = economy.address("alice")
    return [of(economy.registry, alice, "register", f"agent-{n}") for n in FOUR]


@operation("ERC721Facet")
def transfer_name(economy: Economy) -> list[Call]:
    alice, stranger = economy.address("alice"), b"\x57" * 20
    ids = [economy.register("alice", f"agent-{n}") for n in range(5)][1:]
    return [of(economy.erc721, alice, "transferFrom", alice, stranger, id_) for id_ in ids]


@operation("TbaFacet")
def create_account(economy: Economy) -> list[Call]:
    alice = economy.address("alice")
    ids = [economy.register("alice", f"agent-{n}") for n in FOUR]
    return [of(economy.tba, alice, "createTokenBoundAccount", id_) for id_ in ids]


@operation("ReleaseFacet")
def release_name(economy: Economy) -> list[Call]:
    alice = economy.address("alice")
    ids = [economy.register("alice", f"agent-{n}") for n in range(5)][1:]
    return [of(economy.release, alice, "releaseName", id_) for id_ in ids]


@operation("DeviceRegistryFacet")
def link_device(economy: Economy) -> list[Call]:
    alice = economy.address("alice")
    return [of(economy.devices, alice, "linkDevice", bytes([n + 1]) * 20) for n in FOUR]


@operation("DeviceRegistryFacet")
def unlink_device(economy: Economy) -> list[Call]:
    alice, devices = economy.address("alice"), [bytes([n + 1]) * 20 for n in range(5)]
    for device in devices:
        economy.devices.send("linkDevice", device, sender=alice)
    return [of(economy.devices, alice, "unlinkDevice", device) for device in devices[:4]]
