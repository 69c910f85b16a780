"""Signal boxes and rosters beside a Python model of them."""

from __future__ import annotations

from random import Random

from hypothesis.stateful import rule

from tests.contracts.community.signer import Signer, device_topic
from tests.invariants.machine import DICE
from tests.invariants.world import World

TTL, AHEAD = 600, 60
PEERS = ("one", "two", "three", "four")


class SignalingRules(World):
    """Peers come, prolong, leave and expire under two topics; old signatures are tried again."""

    def __init__(self) -> None:
        super().__init__()
        self.signer = Signer(self.economy)
        self.boxes: dict[bytes, list[tuple[bytes, int, bytes]]] = {a: [] for a in self.actors}
        self.topics = (self.signer.topic, device_topic(self.signer.owner.address))
        self.roster: dict[bytes, dict[str, tuple[int, bytes]]] = {t: {} for t in self.topics}
        self.last: dict[tuple[bytes, str], int] = {}
        self.sent: list[tuple[str, bytes, str, int, tuple[bytes, ...]]] = []

    @rule(dice=DICE)
    def signal_step(self, dice: Random) -> None:
        self.time_passes(dice)
        who, to = dice.choice(self.actors), dice.choice(self.actors)
        if dice.random() < 0.2:
            receipt = self.attempt(self.economy.signaling, "clearInbox", sender=to)
            assert receipt is not None and len(receipt.events) == bool(self.boxes[to])
            self.boxes[to].clear()
            return
        blob = dice.randbytes(dice.choice((1, 33, 4_096)))
        receipt = self.attempt(self.economy.signaling, "postSignal", to, blob, sender=who)
        assert receipt is not None and receipt.value == len(self.boxes[to])
        self.boxes[to].append((who, self.now, blob))

    @rule(dice=DICE)
    def roster_step(self, dice: Random) -> None:
        self.time_passes(dice)
        if self.sent and dice.random() < 0.15:
            self.play(*dice.choice(self.sent))  # again: whatever it was, its time has been used
            return
        topic, name = dice.choice(self.topics), dice.choice(PEERS)
        if dice.random() < 0.15:
            self.drop_peer(topic, name)
            return
        time = max(self.now + dice.choice((-10, 0, 0, 30)), self.last.get((topic, name), 0) + 1)
        if dice.random() < 0.05:
            time = self.now + dice.choice((-TTL - 1, AHEAD + 1))
        signer = self.signer.owner if topic == self.topics[1] else None
        if dice.random() < 0.7:
            body = dice.choice((b"", b"public key", b"k" * 128))
            signed = self.signer.announce(name, pubkey=body, time=time, topic=topic, signer=signer)
            self.play("announce", topic, name, time, signed)
        else:
            left = self.signer.leave(name, time=time, topic=topic, signer=signer)
            self.play("leave", topic, name, time, left)

    def play(self, kind: str, topic: bytes, name: str, time: int, args: tuple[bytes, ...]) -> None:
        last = self.last.get((topic, name), 0)
        fresh = last < time and self.now - TTL <= time <= self.now + AHEAD
        receipt = self.attempt(
            self.economy.signaling,
            kind,
            *args,
            sender=self.actors[5],
            expect=None if fresh else "BadTime",
        )
        if receipt is None:
            return
        self.sent.append((kind, topic, name, time, args))
        self.last[topic, name] = time
        if kind == "announce":
            self.roster[topic][name] = (time, args[3])
        else:
            was_there = self.roster[topic].pop(name, None) is not None
            assert len(receipt.events) == was_there

    def drop_peer(self, topic: bytes, name: str) -> None:
        seat = self.roster[topic].get(name)
        expired = seat is not None and self.now > seat[0] + TTL
        receipt = self.attempt(
            self.economy.signaling,
            "dropPeer",
            topic,
            self.signer.key(name).address,
            sender=self.actors[5],
            expect=None if expired else "NotExpired",
        )
        if receipt is not None:
            del self.roster[topic][name]
            self.last[topic, name] = 0  # what was signed then is too old by itself

    def check(self) -> None:
        super().check()
        facet = self.economy.signaling
        for actor, signals in self.boxes.items():
            assert facet.call("inboxLength", actor) == len(signals)
            assert list(facet.call("inboxOf", actor, 0)) == signals[:200]
        owner = self.signer.owner.address
        for topic, seats in self.roster.items():
            present = {
                (owner, self.signer.key(name).address, time, pubkey)
                for name, (time, pubkey) in seats.items()
                if self.now <= time + TTL
            }
            listed = facet.call("peersOf", topic)
            assert set(listed) == present and len(listed) == len(present)
            for name in PEERS:
                address = self.signer.key(name).address
                last = self.last.get((topic, name), 0)
                assert facet.call("lastSignedTime", topic, address) == last
