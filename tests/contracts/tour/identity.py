"""Names, accounts, devices, releases."""

from __future__ import annotations

from typing import Any

from tests.contracts.calls import Receipt, encode
from tests.contracts.signing import (
    link_digest,
    nonce,
    separator,
)
from tests.contracts.tour.walk import FOREVER, Walk


class Identity(Walk):
    def identities(self) -> None:
        e = self.economy
        owner, alice, bob = e.owner.address, e.address("alice"), e.address("bob")

        def registry(name: str, *args: Any, sender: bytes = alice) -> Receipt:
            return self.send("RegistryFacet", e.registry, name, *args, sender=sender)

        def erc721(name: str, *args: Any, sender: bytes = alice) -> Receipt:
            return self.send("ERC721Facet", e.erc721, name, *args, sender=sender)

        registry("setRegistrationCost", 7, sender=owner)
        registry("register", "a-name-for-alice-that-is-longer-than-one-word")
        registry("setNameCommitRequired", True, sender=owner)
        from eth_utils.crypto import keccak

        packed = encode(["string", "address", "bytes32"], ["second", alice, nonce(5)])
        registry("commitName", keccak(packed))
        e.later(60)
        registry("registerCommitted", "second", nonce(5))
        registry("setNameCommitRequired", False, sender=owner)
        registry("setMetadata", 1, nonce(1), b"short")
        registry("setMetadataMany", 1, [nonce(2), nonce(3)], [b"x" * 100, b""])
        erc721("initERC721", "Names", ".example/", sender=owner)
        erc721("approve", bob, 2)
        erc721("setApprovalForAll", bob, True)
        erc721("transferFrom", alice, bob, 2, sender=bob)
        erc721("safeTransferFrom(address,address,uint256)", bob, alice, 2, sender=bob)
        erc721("safeTransferFrom(address,address,uint256,bytes)", alice, bob, 2, b"hi")
        carols = registry("register", "carols", sender=e.address("carol")).value  # her main one
        erc721("transferFrom", e.address("carol"), bob, carols, sender=e.address("carol"))
        self.send("MainIdentityFacet", e.main, "setMainCost", 3, sender=owner)
        self.send("MainIdentityFacet", e.main, "clearMain", sender=alice)
        self.send("MainIdentityFacet", e.main, "registerMain", 1, sender=alice)
        self.send("TbaFacet", e.tba, "createTokenBoundAccount", 1, sender=bob)

    def devices(self) -> None:
        e = self.economy
        alice, device = e.address("alice"), e.keys["frank"]

        def devices(name: str, *args: Any, sender: bytes = alice) -> Receipt:
            return self.send("DeviceRegistryFacet", e.devices, name, *args, sender=sender)

        domain = separator("facetworks-device", "1", e.evm.chain_id, e.diamond)
        digest = link_digest(domain, alice, device.address, FOREVER)
        for number in range(1, 4):
            devices("linkDevice", bytes([number]) * 20)
            devices("linkIdentityDevice", 1, bytes([number]) * 20)
        devices("linkDeviceSigned", device.address, FOREVER, device.sign(digest))
        devices("unlinkDevice", b"\x01" * 20)
        devices("unlinkIdentityDevice", 1, b"\x01" * 20)

    def releases(self) -> None:
        """Identity 1 stays: what comes after needs it."""
        e = self.economy
        owner, frank = e.owner.address, e.address("frank")

        def release(name: str, *args: Any, sender: bytes = owner) -> Receipt:
            return self.send("ReleaseFacet", e.release, name, *args, sender=sender)

        made = [e.register("frank", f"franks-{n}-name-is-longer-than-a-word") for n in range(205)]
        release("releaseName", made[1], sender=frank)
        release("adminBurnNames", made[:3])
        mark = e.evm.snapshot()
        release("adminResetAll")
        e.evm.revert(mark)
        release("sealAdmin")
