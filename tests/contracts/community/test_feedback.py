"""The feedback log: appending, reading, starting over."""

from __future__ import annotations

import pytest

from tests.contracts.calls import Bound, reverts
from tests.contracts.economy import Economy


@pytest.fixture
def log(economy: Economy) -> Bound:
    return economy.feedback


def test_submitting(economy: Economy, log: Bound) -> None:
    alice, bob, now = economy.address("alice"), economy.address("bob"), economy.now
    assert log.call("feedbackCount") == 0
    receipt = log.send("submitFeedback", "I like it", sender=alice)
    assert receipt.only("FeedbackSubmitted") == {
        "sender": alice,
        "timestamp": now,
        "text": "I like it",
    }
    economy.later(5)
    log.send("submitFeedback", "Größer, bitte 🙏", sender=bob)
    assert log.call("feedbackCount") == 2
    assert log.call("feedbackAt", 0) == (alice, now, "I like it")
    assert log.call("feedbackAt", 1) == (bob, now + 5, "Größer, bitte 🙏")
    for index in (2, 2**256 - 1):
        with reverts("UnknownFeedback"):
            log.call("feedbackAt", index)


def test_limits(economy: Economy, log: Bound) -> None:
    alice = economy.address("alice")
    with reverts("EmptyFeedback"):
        log.send("submitFeedback", "", sender=alice)
    with reverts("FeedbackTooLong", 2_049):
        log.send("submitFeedback", "x" * 2_049, sender=alice)
    for size in (1, 2_048):
        log.send("submitFeedback", "x" * size, sender=alice)
    assert log.call("feedbackAt", 1)[2] == "x" * 2_048


def test_ranges(economy: Economy, log: Bound) -> None:
    alice, now = economy.address("alice"), economy.now
    texts = tuple(f"entry {n}" for n in range(205))
    for text in texts:
        log.send("submitFeedback", text, sender=alice)

    def columns(start: int, stop: int) -> tuple[tuple[object, ...], ...]:
        size = stop - start
        return (alice,) * size, (now,) * size, texts[start:stop]

    assert log.call("feedbackRange", 0, 3) == columns(0, 3)
    assert log.call("feedbackRange", 203, 9) == columns(203, 205)
    assert log.call("feedbackRange", 0, 2**256 - 1) == columns(0, 200)
    for start, count in ((205, 1), (2**256 - 1, 2**256 - 1), (3, 0)):
        assert log.call("feedbackRange", start, count) == ((), (), ())


def test_starting_over(economy: Economy, log: Bound) -> None:
    alice, owner = economy.address("alice"), economy.owner.address
    with reverts("NotOwner"):
        log.send("clearFeedback", sender=alice)
    assert log.send("clearFeedback", sender=owner).events == []  # nothing there
    for text in ("old 0", "old 1"):
        log.send("submitFeedback", text, sender=alice)
    receipt = log.send("clearFeedback", sender=owner)
    assert receipt.only("FeedbackCleared") == {"count": 2}
    assert log.call("feedbackCount") == 0
    assert log.call("feedbackRange", 0, 10) == ((), (), ())
    with reverts("UnknownFeedback"):
        log.call("feedbackAt", 0)
    log.send("submitFeedback", "new 0", sender=alice)
    assert log.call("feedbackAt", 0)[2] == "new 0"
    with reverts("UnknownFeedback"):
        log.call("feedbackAt", 1)  # what was there has not come back


def test_starting_over_costs_the_same_however_long_the_log(economy: Economy, log: Bound) -> None:
    alice, owner, costs = economy.address("alice"), economy.owner.address, []
    for size in (1, 1, 60):
        for _ in range(size):
            log.send("submitFeedback", "x" * 100, sender=alice)
        costs.append(log.send("clearFeedback", sender=owner).outcome.gas_used)
    assert costs[1] == costs[2]
