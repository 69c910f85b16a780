"""Announcements and leaves as peers sign them."""

from __future__ import annotations

from eth_utils.crypto import keccak

from tests.contracts.economy import Economy
from tests.contracts.signing import ANNOUNCE, LEAVE, Key, digest, separator, struct_hash


def device_topic(account: bytes) -> bytes:
    return keccak(b"localharness.devices" + account)


class Signer:
    """Peers by name; every one belongs to alice and meets under one topic, unless told otherwise."""

    def __init__(self, economy: Economy) -> None:
        self.economy = economy
        self.topic = keccak(text="a topic")
        self.owner = economy.keys["alice"]

    def key(self, name: str) -> Key:
        return Key.named(f"ephemeral {name}")

    def announce(
        self,
        name: str,
        *,
        pubkey: bytes = b"public key",
        time: int | None = None,
        topic: bytes | None = None,
        signer: Key | None = None,
        owner: bytes | None = None,
    ) -> tuple[bytes, bytes, bytes, bytes, bytes]:
        """Arguments of `announce`."""
        who = topic or self.topic, owner or self.owner.address, self.key(name).address
        time = self.economy.now if time is None else time
        hashed = struct_hash(ANNOUNCE, *who, pubkey, time)
        return *who, pubkey, self.sign(hashed, time, signer or self.key(name))

    def leave(
        self,
        name: str,
        *,
        time: int | None = None,
        topic: bytes | None = None,
        signer: Key | None = None,
        owner: bytes | None = None,
    ) -> tuple[bytes, bytes, bytes, bytes]:
        """Arguments of `leave`."""
        who = topic or self.topic, owner or self.owner.address, self.key(name).address
        time = self.economy.now if time is None else time
        return *who, self.sign(struct_hash(LEAVE, *who, time), time, signer or self.key(name))

    def sign(self, hashed: bytes, time: int, signer: Key) -> bytes:
        e = self.economy
        domain = separator("facetworks-signaling", "1", e.evm.chain_id, e.diamond)
        return time.to_bytes(8, "big") + signer.sign(digest(domain, hashed))
