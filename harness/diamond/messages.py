"""MessageFacet: messages to identities, with a fee where the holder asks one."""

from __future__ import annotations

from harness.chain.abi import Interface
from harness.chain.records import Receipt
from harness.diamond.client import ContractClient
from harness.protocol.addresses import Address

INTERFACE = Interface.of(
    """
function inboxCount(uint256 toId) view returns (uint256)
function inboxFee(uint256 toId) view returns (uint256)
function inboxLastRead(uint256 toId) view returns (uint256)
function inboxRange(uint256 toId, uint256 start, uint256 count) view returns (address[] senders, uint64[] times, string[] bodies)
function isBlocked(uint256 toId, address sender) view returns (bool)
function markRead(uint256 toId, uint256 upTo)
function messageAt(uint256 toId, uint256 index) view returns (address from, uint64 time, string body)
function sendMessage(uint256 toId, string body) returns (uint256 index)
function sendMessagePaid(uint256 toId, string body, uint256 maxFeeWei) returns (uint256 index)
function setBlocked(uint256 toId, address sender, bool blocked)
function setInboxFee(uint256 toId, uint128 feeWei)
function unreadCount(uint256 toId) view returns (uint256)
event BlockSet(uint256 indexed toId, address indexed sender, bool blocked)
event InboxFeeSet(uint256 indexed toId, uint256 feeWei)
event MessageSent(uint256 indexed toId, address indexed from, uint256 index, uint256 feeWei, string body)
event MessagesRead(uint256 indexed toId, uint256 upTo)
error BadReadPointer()
error EmptyMessage()
error FeeRequired(uint256 feeWei)
error InboxFeeTooHigh(uint256 feeWei)
error MessageTooLong(uint256 length)
error NotInboxOwner()
error SenderBlocked()
error UnknownMessage()
error UnknownTarget()
"""
)


class Messages(ContractClient):
    """Messages are numbered from 0; fees in wei of $LH, times in seconds."""

    INTERFACE = INTERFACE

    def inbox_count(self, identity: int) -> int:
        return int(self.read("inboxCount", identity))

    def inbox_fee(self, identity: int) -> int:
        return int(self.read("inboxFee", identity))

    def inbox_last_read(self, identity: int) -> int:
        """How many messages are read."""
        return int(self.read("inboxLastRead", identity))

    def inbox_range(
        self, identity: int, start: int, count: int
    ) -> tuple[tuple[Address, ...], tuple[int, ...], tuple[str, ...]]:
        """Senders, times and bodies of at most 200 messages."""
        senders, times, bodies = self.read("inboxRange", identity, start, count)
        return senders, times, bodies

    def is_blocked(self, identity: int, sender: Address) -> bool:
        return bool(self.read("isBlocked", identity, sender))

    def mark_read(self, identity: int, up_to: int, *, key: str | None = None) -> Receipt:
        """Holder only: everything before this index."""
        return self.write("markRead", identity, up_to, key=key)

    def message_at(self, identity: int, index: int) -> tuple[Address, int, str]:
        """Sender, time and body."""
        sender, time, body = self.read("messageAt", identity, index)
        return sender, time, body

    def send_message(self, identity: int, body: str, *, key: str | None = None) -> int:
        """1 to 1,024 bytes to an inbox without a fee; the message's place."""
        receipt = self.write("sendMessage", identity, body, key=key)
        return int(self.event(receipt, "MessageSent")["index"])

    def send_message_paid(
        self, identity: int, body: str, max_fee_wei: int, *, key: str | None = None
    ) -> int:
        """As send_message, paying at most this fee to the identity's account."""
        receipt = self.write("sendMessagePaid", identity, body, max_fee_wei, key=key)
        return int(self.event(receipt, "MessageSent")["index"])

    def set_blocked(
        self, identity: int, sender: Address, blocked: bool, *, key: str | None = None
    ) -> Receipt:
        """Holder only."""
        return self.write("setBlocked", identity, sender, blocked, key=key)

    def set_inbox_fee(self, identity: int, fee_wei: int, *, key: str | None = None) -> Receipt:
        """Holder only; zero makes messages free."""
        return self.write("setInboxFee", identity, fee_wei, key=key)

    def unread_count(self, identity: int) -> int:
        return int(self.read("unreadCount", identity))
