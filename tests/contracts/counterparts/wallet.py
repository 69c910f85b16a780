"""A Vyper smart wallet with its owner's key."""

from __future__ import annotations

from tests.contracts import signing
from tests.contracts.calls import Bound, Receipt
from tests.contracts.counterparts.build import vyper
from tests.contracts.economy import Economy
from tests.contracts.signing import Key

SIGNED = "Signed(bytes32 digest)"


class Wallet:
    """Deployed for `owner`; follows `hand_over`."""

    def __init__(self, economy: Economy, owner: Key) -> None:
        economy.artifacts |= {"VyperWallet": vyper("VyperWallet")}
        self.economy, self.owner = economy, owner
        self.handle: Bound = economy.bound(
            "VyperWallet", economy.create("VyperWallet", owner.address)
        )
        self.address = self.handle.address

    def sign(self, digest: bytes, by: Key | None = None) -> bytes:
        """What the wallet takes for its signature under `digest`."""
        return (by or self.owner).sign(self.digest(digest))

    def digest(self, digest: bytes) -> bytes:
        """What the owner signs."""
        domain = signing.separator("Vyper Wallet", "1", self.economy.evm.chain_id, self.address)
        return signing.digest(domain, signing.struct_hash(SIGNED, digest))

    def act(self, target: Bound, name: str, *args: object) -> Receipt:
        """Call as the wallet."""
        data = target.data(name, *args)
        return self.handle.send("execute", target.address, 0, data, sender=self.owner.address)

    def hand_over(self, successor: Key) -> None:
        self.handle.send("handOver", successor.address, sender=self.owner.address)
        self.owner = successor
