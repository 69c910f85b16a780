"""Inboxes of identities, with their fees, beside a Python model of them."""

from __future__ import annotations

from collections import defaultdict
from random import Random

from hypothesis.stateful import rule

from tests.contracts.economy import ETHER
from tests.invariants.machine import DICE
from tests.invariants.world import World

Message = tuple[bytes, int, str]


class MessageRules(World):
    """Everybody writes to every identity; holders read, block and ask fees."""

    def __init__(self) -> None:
        super().__init__()
        # Other rules of an economy register identities, too.
        self.inbox: dict[int, list[Message]] = defaultdict(list)
        self.read: dict[int, int] = defaultdict(int)
        self.fee: dict[int, int] = defaultdict(int)
        self.blocks: set[tuple[int, bytes]] = set()

    @rule(dice=DICE)
    def message_step(self, dice: Random) -> None:
        if dice.random() < 0.65:
            self.write(dice)
        else:
            self.keep_house(dice)

    def write(self, dice: Random) -> None:
        id_, who = dice.choice(sorted(self.holder)), dice.choice(self.actors)
        if (id_, who) in self.blocks and dice.random() < 0.8:
            return
        body = dice.choice(("hi", "a message of more than one word " * 3, "x" * 1_024))
        if dice.random() < 0.04:
            body = dice.choice(("", "x" * 1_025))
        if dice.random() < 0.03:
            id_ = 99
        fee = self.fee.get(id_, 0)
        pay = fee != 0 and dice.random() < 0.9
        most = fee if dice.random() < 0.9 else max(0, fee - 1)
        expect = self.message_verdict(id_, who, body, most if pay else None)
        name, args = ("sendMessagePaid", (most,)) if pay else ("sendMessage", ())
        receipt = self.attempt(
            self.economy.message, name, id_, body, *args, sender=who, expect=expect
        )
        if receipt is None:
            return
        assert receipt.value == len(self.inbox[id_])
        self.inbox[id_].append((who, self.now, body))
        if pay:
            self.balances[who] -= fee
            self.balances[self.account[id_]] += fee

    def message_verdict(self, id_: int, who: bytes, body: str, most: int | None) -> str | None:
        """The error the facet must raise, in its documented order."""
        if not body:
            return "EmptyMessage"
        if len(body) > 1_024:
            return "MessageTooLong"
        if id_ not in self.holder:
            return "UnknownTarget"
        if (id_, who) in self.blocks:
            return "SenderBlocked"
        fee = self.fee[id_]
        if most is None:
            return "FeeRequired" if fee else None
        if fee > most:
            return "InboxFeeTooHigh"
        return "TokenCallFailed" if fee > self.balances[who] else None

    def keep_house(self, dice: Random) -> None:
        id_ = dice.choice(sorted(self.holder))
        who = self.holder[id_] if dice.random() < 0.93 else dice.choice(self.actors)
        owner = who == self.holder[id_]
        expect = None if owner else "NotInboxOwner"
        facet, chance = self.economy.message, dice.random()
        if chance < 0.4:
            count = len(self.inbox[id_])
            up_to = dice.randint(self.read[id_], count)
            if dice.random() < 0.1:
                up_to = dice.choice((count + 1, max(0, self.read[id_] - 1)))
            if owner and not self.read[id_] <= up_to <= count:
                expect = "BadReadPointer"
            if self.attempt(facet, "markRead", id_, up_to, sender=who, expect=expect):
                self.read[id_] = up_to
        elif chance < 0.7:
            fee = dice.choice((0, 0, 1, ETHER))
            if self.attempt(facet, "setInboxFee", id_, fee, sender=who, expect=expect):
                self.fee[id_] = fee
        else:
            target, block = dice.choice(self.actors), dice.random() < 0.4
            args = (id_, target, block)
            if self.attempt(facet, "setBlocked", *args, sender=who, expect=expect):
                (self.blocks.add if block else self.blocks.discard)((id_, target))

    def check(self) -> None:
        super().check()
        facet = self.economy.message
        for id_ in self.holder:
            messages = self.inbox[id_]
            count = facet.call("inboxCount", id_)
            assert count == len(messages)
            assert facet.call("inboxLastRead", id_) == self.read[id_] <= count
            assert facet.call("unreadCount", id_) == count - self.read[id_]
            assert facet.call("inboxFee", id_) == self.fee[id_]
            columns = facet.call("inboxRange", id_, max(0, count - 200), 200)
            assert list(zip(*columns, strict=True)) == messages[-200:]
            for actor in self.actors:
                assert facet.call("isBlocked", id_, actor) == ((id_, actor) in self.blocks)
