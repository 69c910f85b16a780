"""SubscribeFacet: who follows an identity."""

from __future__ import annotations

from harness.chain.abi import Interface
from harness.chain.records import Receipt
from harness.diamond.client import ContractClient
from harness.protocol.addresses import Address

INTERFACE = Interface.of(
    """
function isSubscribed(uint256 targetId, address account) view returns (bool)
function subscribe(uint256 targetId)
function subscriberCount(uint256 targetId) view returns (uint256)
function subscribersOf(uint256 targetId) view returns (address[] accounts)
function subscribersPage(uint256 targetId, uint256 startAfter, uint256 limit) view returns (address[] accounts, uint256 nextCursor)
function unsubscribe(uint256 targetId)
event Subscribed(uint256 indexed targetId, address indexed account)
event Unsubscribed(uint256 indexed targetId, address indexed account)
error UnknownTarget()
"""
)


class Subscriptions(ContractClient):
    """Joining twice, or leaving what one has not joined, does nothing."""

    INTERFACE = INTERFACE

    def is_subscribed(self, identity: int, account: Address) -> bool:
        return bool(self.read("isSubscribed", identity, account))

    def subscribe(self, identity: int, *, key: str | None = None) -> Receipt:
        return self.write("subscribe", identity, key=key)

    def subscriber_count(self, identity: int) -> int:
        return int(self.read("subscriberCount", identity))

    def subscribers_of(self, identity: int) -> tuple[Address, ...]:
        return tuple(self.read("subscribersOf", identity))

    def subscribers_page(
        self, identity: int, start_after: int, limit: int
    ) -> tuple[tuple[Address, ...], int]:
        """A page and the cursor of the next one; start at 0, 2^256-1 is the end."""
        accounts, next_cursor = self.read("subscribersPage", identity, start_after, limit)
        return accounts, next_cursor

    def unsubscribe(self, identity: int, *, key: str | None = None) -> Receipt:
        return self.write("unsubscribe", identity, key=key)
