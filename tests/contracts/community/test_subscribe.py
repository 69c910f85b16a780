"""Subscriptions: joining, leaving, counting and listing."""

from __future__ import annotations

import pytest

from tests.contracts.calls import Bound, reverts
from tests.contracts.economy import Economy

END = 2**256 - 1


@pytest.fixture
def feed(economy: Economy) -> Bound:
    """The facet; alice holds identities 1 and 2."""
    economy.register("alice", "one")
    economy.register("alice", "two")
    return economy.subscribe


def account(n: int) -> bytes:
    return (n + 1).to_bytes(20, "big")


def test_joining_and_leaving(economy: Economy, feed: Bound) -> None:
    bob = economy.address("bob")
    receipt = feed.send("subscribe", 1, sender=bob)
    assert receipt.only("Subscribed") == {"targetId": 1, "account": bob}
    assert feed.send("subscribe", 1, sender=bob).events == []
    assert (feed.call("isSubscribed", 1, bob), feed.call("subscriberCount", 1)) == (True, 1)
    assert (feed.call("isSubscribed", 2, bob), feed.call("subscriberCount", 2)) == (False, 0)
    assert feed.call("subscribersOf", 1) == (bob,)
    receipt = feed.send("unsubscribe", 1, sender=bob)
    assert receipt.only("Unsubscribed") == {"targetId": 1, "account": bob}
    assert feed.send("unsubscribe", 1, sender=bob).events == []
    assert (feed.call("isSubscribed", 1, bob), feed.call("subscribersOf", 1)) == (False, ())


def test_only_identities_have_subscribers(economy: Economy, feed: Bound) -> None:
    for id_ in (0, 3, 2**256 - 1):
        with reverts("UnknownTarget"):
            feed.send("subscribe", id_, sender=economy.address("bob"))
        assert feed.send("unsubscribe", id_, sender=economy.address("bob")).events == []


def test_one_can_leave_an_identity_that_is_gone(economy: Economy, feed: Bound) -> None:
    bob = economy.address("bob")
    feed.send("subscribe", 1, sender=bob)
    economy.add_facet("BurnFacet").send("burn", 1, sender=bob)
    with reverts("UnknownTarget"):
        feed.send("subscribe", 1, sender=economy.address("carol"))
    feed.send("unsubscribe", 1, sender=bob).only("Unsubscribed")
    assert feed.call("subscriberCount", 1) == 0


def test_nobody_else_is_touched_when_one_leaves(economy: Economy, feed: Bound) -> None:
    """Every place of three: the count is right, the others stay, the leaver is out."""
    people = [account(n) for n in range(3)]
    for id_ in (1, 2):
        for person in people:
            feed.send("subscribe", id_, sender=person)
    for leaver in people:
        mark = economy.evm.snapshot()
        feed.send("unsubscribe", 1, sender=leaver)
        rest = set(people) - {leaver}
        assert set(feed.call("subscribersOf", 1)) == rest
        assert feed.call("subscriberCount", 1) == 2
        assert {p for p in people if feed.call("isSubscribed", 1, p)} == rest
        assert set(feed.call("subscribersOf", 2)) == set(people)  # isolated per identity
        feed.send("subscribe", 1, sender=leaver)
        assert set(feed.call("subscribersOf", 1)) == set(people)
        economy.evm.revert(mark)


def test_pages(feed: Bound) -> None:
    people = [account(n) for n in range(7)]
    for person in people:
        feed.send("subscribe", 1, sender=person)
    backwards = tuple(reversed(people))
    assert feed.call("subscribersPage", 1, 0, 200) == (backwards, END)
    assert feed.call("subscribersPage", 1, 0, 2**256 - 1) == (backwards, END)
    assert feed.call("subscribersPage", 1, 0, 3) == (backwards[:3], 4)
    assert feed.call("subscribersPage", 1, 4, 3) == (backwards[3:6], 1)
    assert feed.call("subscribersPage", 1, 1, 3) == (backwards[6:], END)
    for cursor, limit in ((END, 3), (0, 0), (END, 0)):
        assert feed.call("subscribersPage", 1, cursor, limit) == ((), END)
    assert feed.call("subscribersPage", 2, 0, 10) == ((), END)


@pytest.mark.parametrize("leaver", range(7))
def test_whoever_stays_is_seen_while_another_leaves_inv_page(feed: Bound, leaver: int) -> None:
    people = [account(n) for n in range(7)]
    for person in people:
        feed.send("subscribe", 1, sender=person)
    seen, cursor = feed.call("subscribersPage", 1, 0, 3)
    feed.send("unsubscribe", 1, sender=people[leaver])
    while cursor != END:
        page, cursor = feed.call("subscribersPage", 1, cursor, 3)
        seen += page
    assert set(people) - {people[leaver]} <= set(seen)
