"""FeedbackFacet: a public log of feedback."""

from __future__ import annotations

from harness.chain.abi import Interface
from harness.chain.records import Receipt
from harness.diamond.client import ContractClient
from harness.protocol.addresses import Address

INTERFACE = Interface.of(
    """
function clearFeedback()
function feedbackAt(uint256 index) view returns (address sender, uint64 timestamp, string text)
function feedbackCount() view returns (uint256)
function feedbackRange(uint256 start, uint256 count) view returns (address[] senders, uint64[] timestamps, string[] texts)
function submitFeedback(string text)
event FeedbackCleared(uint256 count)
event FeedbackSubmitted(address indexed sender, uint64 timestamp, string text)
error EmptyFeedback()
error FeedbackTooLong(uint256 length)
error UnknownFeedback()
"""
)


class Feedback(ContractClient):
    """Entries are numbered from 0; times in seconds."""

    INTERFACE = INTERFACE

    def clear_feedback(self, *, key: str | None = None) -> Receipt:
        """Diamond owner only."""
        return self.write("clearFeedback", key=key)

    def feedback_at(self, index: int) -> tuple[Address, int, str]:
        """Sender, time and text."""
        sender, time, text = self.read("feedbackAt", index)
        return sender, time, text

    def feedback_count(self) -> int:
        return int(self.read("feedbackCount"))

    def feedback_range(
        self, start: int, count: int
    ) -> tuple[tuple[Address, ...], tuple[int, ...], tuple[str, ...]]:
        """Senders, times and texts of at most 200 entries."""
        senders, times, texts = self.read("feedbackRange", start, count)
        return senders, times, texts

    def submit_feedback(self, text: str, *, key: str | None = None) -> Receipt:
        """1 to 2,048 bytes."""
        return self.write("submitFeedback", text, key=key)
