"""Rooms: members, the log, its epochs, and the attacks on them."""

from __future__ import annotations

import pytest

from tests.contracts.calls import Receipt, reverts
from tests.contracts.economy import ZERO, Economy

MAX_MEMBERS, MAX_BATCH, MAX_BLOB = 64, 16, 2_048
Op = tuple[bytes, int, bytes]


class Hall:
    """Alice has a room; bob is a member; carol is a stranger."""

    def __init__(self, economy: Economy) -> None:
        self.economy, self.facet = economy, economy.room
        self.alice, self.bob = economy.address("alice"), economy.address("bob")
        self.carol = economy.address("carol")
        self.id = int(self.facet.send("createRoom", sender=self.alice).value)
        self.send("roomAddMember", self.bob)

    def send(self, name: str, *args: object, sender: bytes | None = None) -> Receipt:
        return self.facet.send(name, self.id, *args, sender=sender or self.alice)

    def append(self, blob: bytes, sender: bytes | None = None) -> int:
        return int(self.send("appendOp", blob, sender=sender or self.bob).value)

    def ops(self, start: int = 0) -> tuple[Op, ...]:
        return tuple(self.facet.call("opsOf", self.id, start))

    def range(self, epoch: int, start: int, limit: int) -> tuple[tuple[Op, ...], int]:
        ops, cursor = self.facet.call("opsRange", self.id, epoch, start, limit)
        return tuple(ops), cursor


@pytest.fixture
def hall(economy: Economy) -> Hall:
    return Hall(economy)


def member(n: int) -> bytes:
    return (n + 1).to_bytes(20, "big")


def test_making_a_room(hall: Hall) -> None:
    receipt = hall.facet.send("createRoom", sender=hall.carol)
    assert receipt.value == 2 == hall.facet.call("roomCount")
    assert receipt.only("RoomCreated") == {"roomId": 2, "creator": hall.carol}
    assert hall.facet.call("roomCreator", 2) == hall.carol
    assert hall.facet.call("roomIsMember", 2, hall.carol)
    assert hall.facet.call("roomMembersOf", 2) == (hall.carol,)
    assert (hall.facet.call("roomEpoch", 2), hall.facet.call("opCount", 2)) == (0, 0)


def test_nothing_is_known_about_rooms_that_are_not(hall: Hall) -> None:
    views = {
        "opsOf": (0,), "opsRange": (0, 0, 1), "opCount": (), "roomEpoch": (), "roomCreator": (),
        "roomMembersOf": (),
    }  # fmt: skip
    changes = {
        "roomAddMember": (ZERO,), "roomRemoveMember": (ZERO,), "appendOp": (b"",),
        "appendOps": ([b""] * 17,), "clearRoom": (),
    }  # fmt: skip
    for id_ in (0, 2, 2**256 - 1):
        for name, args in views.items():
            with reverts("NoSuchRoom"):
                hall.facet.call(name, id_, *args)
        for name, args in changes.items():
            with reverts("NoSuchRoom"):
                hall.facet.send(name, id_, *args, sender=hall.alice)
        for account in (ZERO, hall.alice):
            assert not hall.facet.call("roomIsMember", id_, account)


def test_members_come_and_go(hall: Hall) -> None:
    receipt = hall.send("roomAddMember", hall.carol)
    assert receipt.only("MemberAdded") == {"roomId": 1, "member": hall.carol}
    for again in (hall.carol, hall.alice):
        assert hall.send("roomAddMember", again).events == []
    assert hall.facet.call("roomMembersOf", 1) == (hall.alice, hall.bob, hall.carol)
    receipt = hall.send("roomRemoveMember", hall.bob)
    assert receipt.only("MemberRemoved") == {"roomId": 1, "member": hall.bob}
    assert hall.send("roomRemoveMember", hall.bob).events == []
    assert hall.facet.call("roomMembersOf", 1) == (hall.alice, hall.carol)
    assert not hall.facet.call("roomIsMember", 1, hall.bob)


def test_the_room_is_its_creators(hall: Hall) -> None:
    for stranger in (hall.bob, hall.carol, hall.economy.owner.address):
        for name, args in {
            "roomAddMember": (ZERO,),
            "roomRemoveMember": (hall.bob,),
            "clearRoom": (),
        }.items():
            with reverts("NotRoomCreator"):
                hall.send(name, *args, sender=stranger)
    with reverts("NotRoomCreator"):  # the creator stays
        hall.send("roomRemoveMember", hall.alice)
    with reverts("ZeroAddress"):
        hall.send("roomAddMember", ZERO)


def test_at_most_64_members(hall: Hall) -> None:
    for n in range(MAX_MEMBERS - 2):
        hall.send("roomAddMember", member(n))
    assert len(hall.facet.call("roomMembersOf", 1)) == MAX_MEMBERS
    with reverts("RoomFull"):
        hall.send("roomAddMember", hall.carol)
    assert hall.send("roomAddMember", member(3)).events == []
    hall.send("roomRemoveMember", member(3))
    hall.send("roomAddMember", hall.carol)
    with reverts("RoomFull"):
        hall.send("roomAddMember", member(3))


def test_appending(hall: Hall) -> None:
    now = hall.economy.now
    receipt = hall.send("appendOp", b"sealed", sender=hall.bob)
    assert receipt.value == 0
    assert receipt.only("OpAppended") == {"roomId": 1, "writer": hall.bob, "index": 0}
    hall.economy.later(3)
    receipt = hall.send("appendOps", [b"one", b"x" * MAX_BLOB], sender=hall.alice)
    assert receipt.value == 1
    assert [event.args["index"] for event in receipt.events] == [1, 2]
    assert hall.ops() == (
        (hall.bob, now, b"sealed"),
        (hall.alice, now + 3, b"one"),
        (hall.alice, now + 3, b"x" * MAX_BLOB),
    )
    assert hall.facet.call("opCount", 1) == 3
    assert hall.send("appendOps", [], sender=hall.bob).events == []
    assert hall.facet.call("opCount", 1) == 3


def test_appending_refusals_in_order(hall: Hall) -> None:
    with reverts("NotRoomMember"):
        hall.append(b"", hall.carol)
    with reverts("EmptyBlob"):
        hall.append(b"")
    with reverts("BlobTooLarge", MAX_BLOB + 1):
        hall.append(b"x" * (MAX_BLOB + 1))
    with reverts("NotRoomMember"):
        hall.send("appendOps", [b"x"] * (MAX_BATCH + 1), sender=hall.carol)
    with reverts("BatchTooLarge", MAX_BATCH):
        hall.send("appendOps", [b""] * (MAX_BATCH + 1), sender=hall.bob)
    with reverts("EmptyBlob"):
        hall.send("appendOps", [b"good", b""], sender=hall.bob)
    with reverts("BlobTooLarge", MAX_BLOB + 1):
        hall.send("appendOps", [b"good", b"x" * (MAX_BLOB + 1)], sender=hall.bob)
    assert hall.ops() == ()  # all or nothing
    hall.send("appendOps", [b"x"] * MAX_BATCH, sender=hall.bob)


def test_a_removed_member_cannot_append_sr_a1(hall: Hall) -> None:
    hall.append(b"while I could")
    hall.send("roomRemoveMember", hall.bob)
    with reverts("NotRoomMember"):
        hall.append(b"too late")
    with reverts("NotRoomMember"):
        hall.send("appendOps", [b"too late"], sender=hall.bob)
    assert [op[2] for op in hall.ops()] == [b"while I could"]
    hall.send("roomAddMember", hall.bob)
    assert hall.append(b"back") == 1


def test_a_copied_op_shows_where_it_was_put_sr_a2(hall: Hall) -> None:
    """The chain takes any ciphertext; its room, epoch, writer and place are facts a reader checks
    against what is sealed inside."""
    other = int(hall.facet.send("createRoom", sender=hall.carol).value)
    sealed = b"envelope of room 1, epoch 0, by bob"
    hall.append(sealed)
    hall.facet.send("appendOp", other, sealed, sender=hall.carol)
    hall.send("clearRoom")
    hall.send("appendOp", sealed, sender=hall.alice)
    first, _ = hall.range(0, 0, 10)
    assert [op[0] for op in first] == [hall.bob]
    assert [op[0] for op in hall.ops()] == [hall.alice]  # not by bob, not in epoch 0
    elsewhere = hall.facet.call("opsRange", other, 0, 0, 10)[0]
    assert [op[0] for op in elsewhere] == [hall.carol]


def test_clearing_starts_an_epoch_sr_i3(hall: Hall) -> None:
    for n in range(3):
        hall.append(b"epoch 0, op %d" % n)
    receipt = hall.send("clearRoom")
    assert receipt.value == 1 == hall.facet.call("roomEpoch", 1)
    assert receipt.only("RoomCleared") == {"roomId": 1, "epoch": 1}
    assert (hall.ops(), hall.facet.call("opCount", 1)) == ((), 0)
    assert hall.append(b"epoch 1, op 0") == 0
    assert hall.send("clearRoom").value == 2
    assert hall.send("clearRoom").value == 3  # an empty epoch ends as well
    assert hall.append(b"epoch 3, op 0") == 0
    lengths = [len(hall.range(epoch, 0, 200)[0]) for epoch in range(5)]
    assert lengths == [3, 1, 0, 1, 0]
    assert hall.range(0, 2, 200)[0][0][2] == b"epoch 0, op 2"
    assert hall.facet.call("roomMembersOf", 1) == (hall.alice, hall.bob)


def test_clearing_costs_the_same_however_long_the_log(hall: Hall) -> None:
    costs = []
    for batches in (1, 1, 4):
        for _ in range(batches):
            hall.send("appendOps", [b"x" * 64] * MAX_BATCH, sender=hall.bob)
        costs.append(hall.send("clearRoom").outcome.gas_used)
    assert costs[1] == costs[2]


def test_ranges(hall: Hall) -> None:
    blobs = tuple(b"op %d" % n for n in range(208))
    for start in range(0, 208, MAX_BATCH):
        hall.send("appendOps", list(blobs[start : start + MAX_BATCH]), sender=hall.bob)

    def page(epoch: int, start: int, limit: int) -> tuple[tuple[bytes, ...], int]:
        ops, cursor = hall.range(epoch, start, limit)
        return tuple(op[2] for op in ops), cursor

    assert page(0, 0, 3) == (blobs[:3], 3)
    assert page(0, 206, 3) == (blobs[206:], 208)
    assert page(0, 0, 2**256 - 1) == (blobs[:200], 200)
    for start, limit in ((208, 5), (2**256 - 1, 2**256 - 1), (3, 0)):
        assert page(0, start, limit) == ((), 208)
    for epoch in (1, 2**32, 2**256 - 1):
        assert page(epoch, 0, 10) == ((), 0)
    assert tuple(op[2] for op in hall.ops(150)) == blobs[150:]
    assert len(hall.ops()) == 200
    assert hall.ops(208) == hall.ops(2**256 - 1) == ()
