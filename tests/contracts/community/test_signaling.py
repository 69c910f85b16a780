"""Signals and rosters, function by function."""

from __future__ import annotations

import pytest

from tests.contracts.calls import Bound, Receipt, reverts
from tests.contracts.community.signer import Signer, device_topic
from tests.contracts.economy import ZERO, Economy

TTL, AHEAD, MAX_PEERS, END = 600, 60, 256, 2**256 - 1
Peer = tuple[bytes, bytes, int, bytes]


class Square:
    """Alice owns the peers that meet here; bob is somebody else."""

    def __init__(self, economy: Economy) -> None:
        self.economy, self.facet = economy, economy.signaling
        self.alice, self.bob = economy.address("alice"), economy.address("bob")
        self.carol = economy.address("carol")
        self.signer = Signer(economy)
        self.topic = self.signer.topic

    def send(self, name: str, *args: object, sender: bytes | None = None) -> Receipt:
        return self.facet.send(name, *args, sender=sender or self.carol)

    def peers(self, topic: bytes | None = None) -> tuple[Peer, ...]:
        return tuple(self.facet.call("peersOf", topic or self.topic))

    def names(self) -> set[bytes]:
        return {peer[1] for peer in self.peers()}

    def of(self, *names: str) -> set[bytes]:
        return {self.signer.key(name).address for name in names}


@pytest.fixture
def square(economy: Economy) -> Square:
    return Square(economy)


@pytest.fixture
def box(economy: Economy) -> Bound:
    return economy.signaling


# -- signals ---------------------------------------------------------------------------------


def test_posting(economy: Economy, box: Bound) -> None:
    alice, bob, now = economy.address("alice"), economy.address("bob"), economy.now
    receipt = box.send("postSignal", alice, b"offer", sender=bob)
    assert receipt.value == 0
    assert receipt.only("SignalPosted") == {"to": alice, "from": bob, "index": 0}
    economy.later(2)
    assert box.send("postSignal", alice, b"x" * 4_096, sender=alice).value == 1
    signals = ((bob, now, b"offer"), (alice, now + 2, b"x" * 4_096))
    assert box.call("inboxOf", alice, 0) == signals
    assert box.call("inboxOf", alice, 1) == signals[1:]
    assert box.call("inboxOf", alice, 2) == box.call("inboxOf", alice, 2**256 - 1) == ()
    assert (box.call("inboxLength", alice), box.call("inboxLength", bob)) == (2, 0)


def test_posting_refusals_in_order(economy: Economy, box: Bound) -> None:
    alice = economy.address("alice")
    with reverts("ZeroAddress"):
        box.send("postSignal", ZERO, b"", sender=alice)
    with reverts("EmptyBlob"):
        box.send("postSignal", alice, b"", sender=alice)
    with reverts("BlobTooLarge", 4_097):
        box.send("postSignal", alice, b"x" * 4_097, sender=alice)


def test_emptying_a_box(economy: Economy, box: Bound) -> None:
    alice, bob = economy.address("alice"), economy.address("bob")
    assert box.send("clearInbox", sender=alice).events == []
    for to in (alice, alice, bob):
        box.send("postSignal", to, b"old", sender=bob)
    receipt = box.send("clearInbox", sender=alice)
    assert receipt.only("InboxCleared") == {"account": alice, "count": 2}
    assert (box.call("inboxLength", alice), box.call("inboxOf", alice, 0)) == (0, ())
    assert box.call("inboxLength", bob) == 1  # only one's own
    assert box.send("postSignal", alice, b"new", sender=bob).value == 0
    assert [signal[2] for signal in box.call("inboxOf", alice, 0)] == [b"new"]


def test_emptying_costs_the_same_however_full(economy: Economy, box: Bound) -> None:
    alice, bob, costs = economy.address("alice"), economy.address("bob"), []
    for size in (1, 1, 50):
        for _ in range(size):
            box.send("postSignal", alice, b"x" * 40, sender=bob)
        costs.append(box.send("clearInbox", sender=alice).outcome.gas_used)
    assert costs[1] == costs[2]


def test_a_box_is_read_by_two_hundred(economy: Economy, box: Bound) -> None:
    alice, bob = economy.address("alice"), economy.address("bob")
    for n in range(203):
        box.send("postSignal", alice, b"%d" % n, sender=bob)
    assert [int(s[2]) for s in box.call("inboxOf", alice, 0)] == list(range(200))
    assert [int(s[2]) for s in box.call("inboxOf", alice, 200)] == [200, 201, 202]


# -- rosters ---------------------------------------------------------------------------------


def test_announcing(square: Square) -> None:
    now, peer = square.economy.now, square.signer.key("one").address
    receipt = square.send("announce", *square.signer.announce("one"))
    assert receipt.only("PeerAnnounced") == {
        "topic": square.topic,
        "ephemeral": peer,
        "owner": square.alice,
        "pubkey": b"public key",
        "time": now,
    }
    assert square.peers() == ((square.alice, peer, now, b"public key"),)
    assert square.facet.call("lastSignedTime", square.topic, peer) == now
    assert square.peers(b"\x01" * 32) == ()  # topics are apart


def test_announcing_again_prolongs_and_replaces(square: Square) -> None:
    square.send("announce", *square.signer.announce("one"))
    start = square.economy.now
    square.economy.later(500)
    again = square.send("announce", *square.signer.announce("one"))
    assert [(p[2], p[3]) for p in square.peers()] == [(start + 500, b"public key")]
    square.economy.later(1)
    square.send("announce", *square.signer.announce("one", pubkey=b"", owner=square.bob))
    assert [(p[0], p[2], p[3]) for p in square.peers()] == [(square.bob, start + 501, b"")]
    assert again.outcome.gas_used < 40_000  # nothing but the time is written


def test_announcing_refusals_in_order(square: Square) -> None:
    topic, owner, peer, pubkey, sig = square.signer.announce("one", pubkey=b"x" * 129)
    stale = (square.economy.now - TTL - 1).to_bytes(8, "big") + sig[8:]
    for zero in ((topic, ZERO, peer), (topic, owner, ZERO)):
        with reverts("ZeroAddress"):
            square.send("announce", *zero, pubkey, stale)
    with reverts("PubkeyTooLong", 129):
        square.send("announce", topic, owner, peer, pubkey, stale)
    for short in (b"", sig[:7]):
        with reverts("Unauthorized"):
            square.send("announce", topic, owner, peer, b"", short)
    with reverts("BadTime"):
        square.send("announce", topic, owner, peer, b"", stale)
    with reverts("Unauthorized"):  # signed with another public key
        square.send("announce", topic, owner, peer, b"", sig)
    square.send("announce", *square.signer.announce("one", pubkey=b"x" * 128))


@pytest.mark.parametrize(
    ("shift", "allowed"),
    [(-TTL - 1, False), (-TTL, True), (-TTL + 1, True), (AHEAD - 1, True), (AHEAD, True),
     (AHEAD + 1, False), (2**63, False)],
)  # fmt: skip
def test_signed_times_are_near_now(square: Square, shift: int, allowed: bool) -> None:
    time = square.economy.now + shift
    for name, args in {
        "announce": square.signer.announce("one", time=time),
        "leave": square.signer.leave("two", time=time),
    }.items():
        if allowed:
            square.send(name, *args)
        else:
            with reverts("BadTime"):
                square.send(name, *args)


@pytest.mark.parametrize(("age", "present"), [(TTL - 1, 1), (TTL, 1), (TTL + 1, 0)])
def test_presence_ends_with_its_time(square: Square, age: int, present: int) -> None:
    square.send("announce", *square.signer.announce("one"))
    square.economy.later(age)
    assert len(square.peers()) == present
    peer = square.signer.key("one").address
    if present:
        with reverts("NotExpired"):
            square.send("dropPeer", square.topic, peer)
    else:
        receipt = square.send("dropPeer", square.topic, peer)
        assert receipt.only("PeerDropped") == {"topic": square.topic, "ephemeral": peer}
        assert square.facet.call("lastSignedTime", square.topic, peer) == 0
        with reverts("NotExpired"):
            square.send("dropPeer", square.topic, peer)


def test_leaving(square: Square) -> None:
    now, peer = square.economy.now, square.signer.key("one").address
    square.send("announce", *square.signer.announce("one"))
    square.send("announce", *square.signer.announce("two"))
    receipt = square.send("leave", *square.signer.leave("one", time=now + 1))
    assert receipt.only("PeerLeft") == {"topic": square.topic, "ephemeral": peer}
    assert square.names() == square.of("two")
    assert square.facet.call("lastSignedTime", square.topic, peer) == now + 1
    with reverts("NotExpired"):
        square.send("dropPeer", square.topic, peer)
    assert square.send("leave", *square.signer.leave("one", time=now + 2)).events == []
    square.economy.later(3)
    square.send("announce", *square.signer.announce("one"))
    assert square.names() == square.of("one", "two")


def test_device_topics(square: Square) -> None:
    """Alice's own topic takes what alice signed; there the ephemeral key has no say."""
    topic, alice = device_topic(square.alice), square.economy.keys["alice"]
    assert square.facet.call("deviceTopicOf", square.alice) == topic
    with reverts("Unauthorized"):
        square.send("announce", *square.signer.announce("one", topic=topic))
    square.send("announce", *square.signer.announce("one", topic=topic, signer=alice))
    assert [peer[:2] for peer in square.peers(topic)] == [
        (square.alice, square.signer.key("one").address)
    ]
    later = square.economy.now + 1
    with reverts("Unauthorized"):
        square.send("leave", *square.signer.leave("one", topic=topic, time=later))
    square.send("leave", *square.signer.leave("one", topic=topic, time=later, signer=alice))
    assert square.peers(topic) == ()


def test_pages(square: Square) -> None:
    names = [f"peer {n}" for n in range(5)]
    for name in names:
        square.send("announce", *square.signer.announce(name))
    backwards = [square.signer.key(name).address for name in reversed(names)]

    def page(start: int, limit: int) -> tuple[list[bytes], int]:
        peers, cursor = square.facet.call("peersPage", square.topic, start, limit)
        return [peer[1] for peer in peers], cursor

    assert page(0, 200) == (backwards, END)
    assert page(0, 2) == (backwards[:2], 3)
    assert page(3, 2) == (backwards[2:4], 1)
    assert page(1, 2) == (backwards[4:], END)
    assert page(END, 2) == page(0, 0) == ([], END)
    square.economy.later(TTL)
    square.send("announce", *square.signer.announce("peer 0"))
    square.economy.later(1)
    assert page(0, 200) == (backwards[4:], END)  # the others' time is over
    assert page(0, 2) == ([], 3)  # an empty page is not the end
