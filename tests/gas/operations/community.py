"""Subscriptions, messages, rooms, signals."""

from __future__ import annotations

from tests.contracts.community.signer import Signer
from tests.contracts.economy import ETHER, Economy
from tests.gas.measure import Call
from tests.gas.operations.catalogue import FOUR, TASK, of, operation

SEALED = b"\xa5" * 200  # a small sealed envelope


@operation("SubscribeFacet")
def subscribe(economy: Economy) -> list[Call]:
    id_ = economy.register("alice", "alice")
    names = ("alice", "bob", "carol", "dave")
    return [of(economy.subscribe, economy.address(name), "subscribe", id_) for name in names]


@operation("PushFacet")
def set_push_sub(economy: Economy) -> list[Call]:
    return [of(economy.push, economy.address("alice"), "setPushSub", SEALED) for _ in FOUR]


@operation("MessageFacet")
def send_message(economy: Economy) -> list[Call]:
    id_, bob = economy.register("alice", "alice"), economy.address("bob")
    return [of(economy.message, bob, "sendMessage", id_, TASK.decode()) for _ in FOUR]


@operation("MessageFacet")
def send_message_paid(economy: Economy) -> list[Call]:
    id_, bob = economy.register("alice", "alice"), economy.address("bob")
    economy.message.send("setInboxFee", id_, ETHER, sender=economy.address("alice"))
    arguments = (id_, TASK.decode(), ETHER)
    return [of(economy.message, bob, "sendMessagePaid", *arguments) for _ in FOUR]


@operation("SessionRoomFacet")
def create_room(economy: Economy) -> list[Call]:
    return [of(economy.room, economy.address("alice"), "createRoom") for _ in FOUR]


@operation("SessionRoomFacet")
def append_op(economy: Economy) -> list[Call]:
    alice, bob = economy.address("alice"), economy.address("bob")
    room = economy.room.send("createRoom", sender=alice).value
    economy.room.send("roomAddMember", room, bob, sender=alice)
    return [of(economy.room, bob, "appendOp", room, SEALED) for _ in FOUR]


@operation("SignalingFacet")
def post_signal(economy: Economy) -> list[Call]:
    alice, bob = economy.address("alice"), economy.address("bob")
    return [of(economy.signaling, bob, "postSignal", alice, SEALED) for _ in FOUR]


@operation("SignalingFacet")
def announce(economy: Economy) -> list[Call]:
    """One peer: arriving, then prolonging three times."""
    signer, carol = Signer(economy), economy.address("carol")
    calls = [signer.announce("peer", time=economy.now + n) for n in FOUR]
    return [of(economy.signaling, carol, "announce", *arguments) for arguments in calls]


@operation("FeedbackFacet")
def submit_feedback(economy: Economy) -> list[Call]:
    bob = economy.address("bob")
    return [of(economy.feedback, bob, "submitFeedback", TASK.decode()) for _ in FOUR]
