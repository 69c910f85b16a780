"""Messages, rooms, signals."""

from __future__ import annotations

from typing import Any

from tests.contracts.calls import Receipt
from tests.contracts.community.signer import Signer
from tests.contracts.tour.walk import Walk


class Community(Walk):
    def talk(self) -> None:
        e = self.economy
        owner, alice, bob = e.owner.address, e.address("alice"), e.address("bob")

        def message(name: str, *args: Any, sender: bytes = alice) -> Receipt:
            return self.send("MessageFacet", e.message, name, 1, *args, sender=sender)

        for sender in (alice, bob, owner):
            self.send("SubscribeFacet", e.subscribe, "subscribe", 1, sender=sender)
        self.send("SubscribeFacet", e.subscribe, "unsubscribe", 1, sender=alice)
        self.send("PushFacet", e.push, "setPushSub", b"sealed" * 20, sender=alice)
        self.send("PushFacet", e.push, "setPushSub", b"sealed", sender=bob)
        self.send("PushFacet", e.push, "clearPushSub", sender=bob)
        self.send("FeedbackFacet", e.feedback, "submitFeedback", "good", sender=bob)
        self.send("FeedbackFacet", e.feedback, "clearFeedback", sender=owner)
        self.send("FeedbackFacet", e.feedback, "submitFeedback", "better" * 20, sender=bob)
        message("sendMessage", "hello", sender=bob)
        message("setInboxFee", 5)
        message("sendMessagePaid", "hello again" * 9, 5, sender=bob)
        message("markRead", 1)
        message("setBlocked", bob, True)

    def rooms(self) -> None:
        e = self.economy
        alice, bob = e.address("alice"), e.address("bob")

        def room(name: str, *args: Any, sender: bytes = alice) -> Receipt:
            return self.send("SessionRoomFacet", e.room, name, *args, sender=sender)

        room("createRoom")
        for member in (bob, e.address("carol"), e.address("dave")):
            room("roomAddMember", 1, member)
        room("appendOp", 1, b"sealed", sender=bob)
        room("clearRoom", 1)
        room("appendOps", 1, [b"sealed", b"longer" * 30], sender=bob)
        room("roomRemoveMember", 1, bob)

    def signals(self) -> None:
        e = self.economy
        alice, bob = e.address("alice"), e.address("bob")
        signer = Signer(e)

        def signal(name: str, *args: Any, sender: bytes = alice) -> Receipt:
            return self.send("SignalingFacet", e.signaling, name, *args, sender=sender)

        signal("postSignal", alice, b"offer", sender=bob)
        signal("clearInbox")
        signal("postSignal", alice, b"offer" * 20, sender=bob)
        for name in ("one", "two", "three"):
            signal("announce", *signer.announce(name))
        signal("leave", *signer.leave("one", time=e.now + 1))
        e.later(601)
        signal("dropPeer", signer.topic, signer.key("two").address)
