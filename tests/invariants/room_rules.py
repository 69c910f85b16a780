"""Rooms, feedback and push subscriptions beside Python lists."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from hypothesis.stateful import rule

from tests.invariants.device_rules import drop
from tests.invariants.machine import DICE
from tests.invariants.world import World

Op = tuple[bytes, int, bytes]


@dataclass
class RoomRecord:
    """One room: the log of every epoch, the last being the present one."""

    creator: bytes
    members: list[bytes] = field(default_factory=list)
    epochs: list[list[Op]] = field(default_factory=lambda: [[]])


class RoomRules(World):
    """Creators invite, remove and clear; members and others append."""

    def __init__(self) -> None:
        super().__init__()
        self.rooms: list[RoomRecord] = []
        self.log: list[tuple[bytes, int, str]] = []
        self.subs: dict[bytes, bytes] = {}

    @rule(dice=DICE)
    def room_step(self, dice: Random) -> None:
        self.time_passes(dice)
        if not self.rooms or dice.random() < 0.08:
            who = dice.choice(self.actors)
            receipt = self.attempt(self.economy.room, "createRoom", sender=who)
            self.rooms.append(RoomRecord(who))
            assert receipt is not None and receipt.value == len(self.rooms)
            return
        id_ = dice.randint(1, len(self.rooms))
        if dice.random() < 0.6:
            self.append(dice, id_, self.rooms[id_ - 1])
        else:
            self.manage(dice, id_, self.rooms[id_ - 1])

    def append(self, dice: Random, id_: int, room: RoomRecord) -> None:
        inside = [room.creator, *room.members]
        who = dice.choice(inside) if dice.random() < 0.9 else dice.choice(self.actors)
        blobs = [dice.randbytes(dice.choice((1, 31, 32, 200, 2_048))) for _ in range(3)]
        if dice.random() < 0.05:
            blobs[2] = b""
        if dice.random() < 0.03:
            blobs = [b"x"] * 17
        batch = dice.random() < 0.4
        expect = None
        if who not in inside:
            expect = "NotRoomMember"  # SR-I1
        elif batch and len(blobs) > 16:
            expect = "BatchTooLarge"
        elif batch and not all(blobs):
            expect = "EmptyBlob"
        name, arg = ("appendOps", blobs) if batch else ("appendOp", blobs[0])
        receipt = self.attempt(self.economy.room, name, id_, arg, sender=who, expect=expect)
        if receipt is None:
            return
        assert receipt.value == len(room.epochs[-1])  # SR-I2
        room.epochs[-1] += [(who, self.now, blob) for blob in (blobs if batch else blobs[:1])]

    def manage(self, dice: Random, id_: int, room: RoomRecord) -> None:
        who = room.creator if dice.random() < 0.9 else dice.choice(self.actors)
        expect = None if who == room.creator else "NotRoomCreator"
        facet, target, chance = self.economy.room, dice.choice(self.actors), dice.random()
        if chance < 0.25:
            receipt = self.attempt(facet, "clearRoom", id_, sender=who, expect=expect)
            if receipt is not None:
                room.epochs.append([])
                assert receipt.value == len(room.epochs) - 1  # SR-I3
            return
        there = target == room.creator or target in room.members
        if chance < 0.7:
            receipt = self.attempt(facet, "roomAddMember", id_, target, sender=who, expect=expect)
            if receipt is not None:
                assert len(receipt.events) == (not there)
                if not there:
                    room.members.append(target)
            return
        if target == room.creator:
            expect = "NotRoomCreator"
        receipt = self.attempt(facet, "roomRemoveMember", id_, target, sender=who, expect=expect)
        if receipt is not None:
            assert len(receipt.events) == there
            if there:
                drop(room.members, target)

    @rule(dice=DICE)
    def feedback_or_push_step(self, dice: Random) -> None:
        who, chance = dice.choice(self.actors), dice.random()
        if chance < 0.45:
            text = dice.choice(("good", "b" * 2_048, "", "c" * 40))
            expect = None if text else "EmptyFeedback"
            args = (text,)
            if self.attempt(
                self.economy.feedback, "submitFeedback", *args, sender=who, expect=expect
            ):
                self.log.append((who, self.now, text))
        elif chance < 0.55:
            boss = who if dice.random() < 0.2 else self.economy.owner.address
            expect = None if boss != who else "NotOwner"
            receipt = self.attempt(
                self.economy.feedback, "clearFeedback", sender=boss, expect=expect
            )
            if receipt is not None:
                assert len(receipt.events) == bool(self.log)
                self.log.clear()
        elif chance < 0.85:
            sub = dice.randbytes(dice.choice((1, 32, 300, 4_096)))
            self.attempt(self.economy.push, "setPushSub", sub, sender=who)
            self.subs[who] = sub
        else:
            receipt = self.attempt(self.economy.push, "clearPushSub", sender=who)
            assert receipt is not None and len(receipt.events) == (who in self.subs)
            self.subs.pop(who, None)

    def check(self) -> None:
        super().check()
        facet = self.economy.room
        assert facet.call("roomCount") == len(self.rooms)
        for id_, room in enumerate(self.rooms, 1):
            assert facet.call("roomEpoch", id_) == len(room.epochs) - 1
            assert facet.call("opCount", id_) == len(room.epochs[-1])
            assert facet.call("roomMembersOf", id_) == (room.creator, *room.members)
            for epoch, ops in enumerate(room.epochs):
                assert facet.call("opsRange", id_, epoch, 0, 200) == (tuple(ops), len(ops))
            for actor in self.actors:
                inside = actor == room.creator or actor in room.members
                assert facet.call("roomIsMember", id_, actor) == inside
        assert self.economy.feedback.call("feedbackCount") == len(self.log)
        columns = self.economy.feedback.call("feedbackRange", 0, 200)
        assert list(zip(*columns, strict=True)) == self.log
        for actor in self.actors:
            sub = self.subs.get(actor, b"")
            assert self.economy.push.call("pushSubOf", actor) == sub
            assert self.economy.push.call("hasPushSub", actor) == bool(sub)
