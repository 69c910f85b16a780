"""Devices, subscriptions, messages, rooms, signals, feedback and push, all on one diamond."""

from __future__ import annotations

from random import Random

from hypothesis.stateful import rule

from tests.invariants.device_rules import DeviceRules
from tests.invariants.machine import DICE, run
from tests.invariants.message_rules import MessageRules
from tests.invariants.room_rules import RoomRules
from tests.invariants.signaling_rules import SignalingRules


class SocialMachine(DeviceRules, MessageRules, RoomRules, SignalingRules):
    """What one list does never shows in another; identities change hands meanwhile."""

    @rule(dice=DICE)
    def identity_changes_hands(self, dice: Random) -> None:
        id_, to = dice.choice(sorted(self.holder)), dice.choice(self.actors)
        holder = self.holder[id_]
        self.attempt(self.economy.erc721, "transferFrom", holder, to, id_, sender=holder)
        self.hand_over(id_, to)


def test_social_facets() -> None:
    run(SocialMachine, examples=14, steps=60)
