"""SignalingFacet: finding peers and exchanging the first messages of a direct connection."""

from __future__ import annotations

from dataclasses import dataclass

from harness.chain.abi import Interface
from harness.chain.records import Receipt
from harness.diamond.client import ContractClient
from harness.protocol.addresses import Address

INTERFACE = Interface.of(
    """
function announce(bytes32 topic, address owner, address ephemeral, bytes pubkey, bytes sig)
function clearInbox()
function deviceTopicOf(address account) pure returns (bytes32 topic)
function dropPeer(bytes32 topic, address ephemeral)
function inboxLength(address account) view returns (uint256)
function inboxOf(address account, uint256 fromIndex) view returns ((address author, uint64 time, bytes body)[] signals)
function lastSignedTime(bytes32 topic, address ephemeral) view returns (uint64 time)
function leave(bytes32 topic, address owner, address ephemeral, bytes sig)
function peersOf(bytes32 topic) view returns ((address owner, address ephemeral, uint64 time, bytes pubkey)[] peers)
function peersPage(bytes32 topic, uint256 startAfter, uint256 limit) view returns ((address owner, address ephemeral, uint64 time, bytes pubkey)[] peers, uint256 nextCursor)
function postSignal(address to, bytes blob) returns (uint256 index)
event InboxCleared(address indexed account, uint256 count)
event PeerAnnounced(bytes32 indexed topic, address indexed ephemeral, address indexed owner, bytes pubkey, uint64 time)
event PeerDropped(bytes32 indexed topic, address indexed ephemeral)
event PeerLeft(bytes32 indexed topic, address indexed ephemeral)
event SignalPosted(address indexed to, address indexed from, uint256 index)
error BadTime()
error BlobTooLarge(uint256 length)
error EmptyBlob()
error NotExpired()
error PubkeyTooLong(uint256 length)
error RosterFull()
error Unauthorized()
"""
)


@dataclass(frozen=True)
class Signal:
    """Who put what into a box, and when (seconds)."""

    sender: Address
    time: int
    blob: bytes


@dataclass(frozen=True)
class Peer:
    """Present for 600 seconds after `time`; `owner` is proven under device topics only."""

    owner: Address
    ephemeral: Address
    time: int
    pubkey: bytes


class Signaling(ContractClient):
    """A signature argument is eight bytes of time, big-endian, then the signature."""

    INTERFACE = INTERFACE

    def announce(
        self,
        topic: bytes,
        owner: Address,
        ephemeral: Address,
        pubkey: bytes,
        signature: bytes,
        *,
        key: str | None = None,
    ) -> Receipt:
        """Enter or prolong a peer."""
        return self.write("announce", topic, owner, ephemeral, pubkey, signature, key=key)

    def clear_inbox(self, *, key: str | None = None) -> Receipt:
        return self.write("clearInbox", key=key)

    def device_topic_of(self, account: Address) -> bytes:
        """The topic of an account's own devices."""
        return bytes(self.read("deviceTopicOf", account))

    def drop_peer(self, topic: bytes, ephemeral: Address, *, key: str | None = None) -> Receipt:
        """Take out a peer whose time is over."""
        return self.write("dropPeer", topic, ephemeral, key=key)

    def inbox_length(self, account: Address) -> int:
        return int(self.read("inboxLength", account))

    def inbox_of(self, account: Address, from_index: int) -> tuple[Signal, ...]:
        """At most 200 signals since the box was last cleared."""
        return tuple(Signal(*signal) for signal in self.read("inboxOf", account, from_index))

    def last_signed_time(self, topic: bytes, ephemeral: Address) -> int:
        """The next time signed must be later."""
        return int(self.read("lastSignedTime", topic, ephemeral))

    def leave(
        self,
        topic: bytes,
        owner: Address,
        ephemeral: Address,
        signature: bytes,
        *,
        key: str | None = None,
    ) -> Receipt:
        """Take a peer out and void what it signed before."""
        return self.write("leave", topic, owner, ephemeral, signature, key=key)

    def peers_of(self, topic: bytes) -> tuple[Peer, ...]:
        """All present now."""
        return tuple(Peer(*peer) for peer in self.read("peersOf", topic))

    def peers_page(
        self, topic: bytes, start_after: int, limit: int
    ) -> tuple[tuple[Peer, ...], int]:
        """A page and the cursor of the next one; start at 0, 2^256-1 is the end."""
        peers, next_cursor = self.read("peersPage", topic, start_after, limit)
        return tuple(Peer(*peer) for peer in peers), next_cursor

    def post_signal(self, to: Address, blob: bytes, *, key: str | None = None) -> int:
        """1 to 4,096 bytes; its place in the box."""
        receipt = self.write("postSignal", to, blob, key=key)
        return int(self.event(receipt, "SignalPosted")["index"])
