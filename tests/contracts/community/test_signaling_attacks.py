"""Attacks on rosters: forged and replayed announcements, crowded topics."""

from __future__ import annotations

import pytest

from tests.contracts.calls import reverts
from tests.contracts.community.signer import device_topic
from tests.contracts.community.test_signaling import MAX_PEERS, TTL, Square
from tests.contracts.economy import Economy
from tests.contracts.signing import Key


@pytest.fixture
def square(economy: Economy) -> Square:
    return Square(economy)


def test_an_announcement_is_no_leave_and_a_leave_no_announcement(square: Square) -> None:
    """Both carry the same fields but the public key; their types keep them apart."""
    now = square.economy.now
    topic, owner, peer, pubkey, sig = square.signer.announce("one")
    with reverts("Unauthorized"):
        square.send("leave", topic, owner, peer, sig)
    square.send("announce", topic, owner, peer, pubkey, sig)
    leave = square.signer.leave("one", time=now + 1)
    for body in (b"", pubkey):
        with reverts("Unauthorized"):
            square.send("announce", *leave[:3], body, leave[3])
    square.send("leave", *leave)


def test_an_old_announcement_cannot_be_replayed_after_a_leave(square: Square) -> None:
    now = square.economy.now
    first = square.signer.announce("one")
    unsent = square.signer.announce("one", time=now + 1)
    square.send("announce", *first)
    with reverts("BadTime"):  # nor twice
        square.send("announce", *first)
    square.send("leave", *square.signer.leave("one", time=now + 2))
    for replayed in (first, unsent):
        with reverts("BadTime"):
            square.send("announce", *replayed)
    assert square.peers() == ()
    # When the place is long given up, the announcement is too old by itself.
    square.economy.later(TTL + 2)
    for replayed in (first, unsent):
        with reverts("BadTime"):
            square.send("announce", *replayed)


def test_a_leave_can_come_before_the_announcement_it_voids(square: Square) -> None:
    withheld = square.signer.announce("one")
    square.send("leave", *square.signer.leave("one", time=square.economy.now + 1))
    with reverts("BadTime"):
        square.send("announce", *withheld)


def test_an_expired_peers_announcement_cannot_be_replayed_once_dropped(square: Square) -> None:
    announced = square.signer.announce("one", time=square.economy.now + 60)
    square.send("announce", *announced)
    square.economy.later(TTL + 61)
    square.send("dropPeer", square.topic, announced[2])
    with reverts("BadTime"):
        square.send("announce", *announced)


def test_a_strangers_device_topic_stays_empty(square: Square) -> None:
    """Mallory names alice as the owner under alice's topic, and herself under alice's topic."""
    mallory, topic = Key.named("mallory"), device_topic(square.alice)
    with reverts("Unauthorized"):
        square.send("announce", *square.signer.announce("one", topic=topic, signer=mallory))
    # With another owner the topic is like any other: present, but visibly not alice's.
    named = square.signer.announce("one", topic=topic, owner=mallory.address)
    square.send("announce", *named)
    assert [peer[0] for peer in square.peers(topic)] == [mallory.address]


def test_a_filled_roster_opens_again_and_stays_affordable(square: Square) -> None:
    """An attacker takes all 256 places; latecomers are refused until time runs out, then any number
    of them gets in, each at a bounded price."""
    for n in range(MAX_PEERS):
        square.send("announce", *square.signer.announce(f"crowd {n}"))
    assert len(square.peers()) == MAX_PEERS
    square.economy.later(TTL)
    with reverts("RosterFull"):
        square.send("announce", *square.signer.announce("late"))
    square.send("announce", *square.signer.announce("crowd 3"))  # a member may always prolong
    square.economy.later(1)
    for n in range(20):
        receipt = square.send("announce", *square.signer.announce(f"late {n}"))
        assert receipt.outcome.gas_used < 180_000
    expected = square.of("crowd 3", *(f"late {n}" for n in range(20)))
    assert square.names() == expected
    (gone,) = square.of("crowd 0")
    assert square.facet.call("lastSignedTime", square.topic, gone) == 0  # nothing is kept of it
    assert len(square.facet.call("peersPage", square.topic, 0, 200)[0]) < MAX_PEERS


def test_one_expired_place_is_found_by_naming_it(square: Square) -> None:
    """The hand looks at eight places; whoever knows a free one farther on says so."""
    for n in range(MAX_PEERS):
        square.send("announce", *square.signer.announce(f"crowd {n}", pubkey=b""))
    square.economy.later(TTL)
    for n in range(MAX_PEERS):
        if n != 100:
            square.send("announce", *square.signer.announce(f"crowd {n}", pubkey=b""))
    square.economy.later(1)
    with reverts("RosterFull"):
        square.send("announce", *square.signer.announce("late"))
    square.send("dropPeer", square.topic, square.signer.key("crowd 100").address)
    square.send("announce", *square.signer.announce("late"))
    assert square.of("late") < square.names()
    assert len(square.names()) == MAX_PEERS
