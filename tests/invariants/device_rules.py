"""Linked devices and subscriptions beside Python lists."""

from __future__ import annotations

from random import Random

from hypothesis.stateful import rule

from tests.contracts.economy import ZERO
from tests.contracts.signing import Key, link_digest, separator
from tests.invariants.machine import DICE
from tests.invariants.world import World

CAP = 32
KEYS = [Key.named(f"device {n}") for n in range(40)]


def drop(members: list[bytes], leaver: bytes) -> None:
    """The last of the list takes the free place."""
    place = members.index(leaver)
    members[place] = members[-1]
    members.pop()


class DeviceRules(World):
    """Accounts and holders link and unlink; everybody follows everybody."""

    def __init__(self) -> None:
        super().__init__()
        self.linked: dict[bytes, list[bytes]] = {actor: [] for actor in self.actors}
        self.confirmed: set[tuple[bytes, bytes]] = set()
        self.of_identity: dict[tuple[int, int], list[bytes]] = {}
        self.followers: dict[int, list[bytes]] = {id_: [] for id_ in self.holder}

    @rule(dice=DICE)
    def device_step(self, dice: Random) -> None:
        who = self.actors[0] if dice.random() < 0.7 else dice.choice(self.actors)
        mine = self.linked[who]
        chance = dice.random()
        if chance < 0.45:
            self.link(dice, who)
        elif chance < 0.6:
            device = dice.choice(mine) if mine and dice.random() < 0.9 else KEYS[0].address
            was_linked = device in mine
            receipt = self.attempt(self.economy.devices, "unlinkDevice", device, sender=who)
            assert receipt is not None and len(receipt.events) == was_linked
            if was_linked:
                drop(mine, device)
                self.confirmed.discard((who, device))
        elif chance < 0.85:
            self.identity_link(dice)
        else:
            self.everybody_links_to_the_cap(dice, who)

    def link(self, dice: Random, who: bytes) -> None:
        device, signed = dice.choice(KEYS), dice.random() < 0.4
        mine, address = self.linked[who], device.address
        news = address not in mine
        expect = "TooManyDevices" if news and len(mine) >= CAP else None
        args: tuple[object, ...] = (address,)
        if signed:
            deadline = self.now + dice.choice((0, 0, 60, -1))
            domain = separator(
                "facetworks-device", "1", self.economy.evm.chain_id, self.economy.diamond
            )
            sig = device.sign(link_digest(domain, who, address, deadline))
            args = (address, deadline, sig)
            news = news or (who, address) not in self.confirmed
            if deadline < self.now:
                expect = "AuthExpired"
        elif dice.random() < 0.05:
            args, expect = (ZERO,), "ZeroDevice"
        name = "linkDeviceSigned" if signed else "linkDevice"
        receipt = self.attempt(self.economy.devices, name, *args, sender=who, expect=expect)
        if receipt is None:
            return
        assert len(receipt.events) == news  # saying it again says nothing
        if address not in mine:
            mine.append(address)
        if signed:
            self.confirmed.add((who, address))

    def everybody_links_to_the_cap(self, dice: Random, who: bytes) -> None:
        """Now and then the list is filled, so that the cap is met."""
        if dice.random() < 0.7:
            return
        for device in KEYS[:CAP]:
            if device.address not in self.linked[who] and len(self.linked[who]) < CAP:
                self.attempt(self.economy.devices, "linkDevice", device.address, sender=who)
                self.linked[who].append(device.address)

    def identity_link(self, dice: Random) -> None:
        id_ = dice.choice(sorted(self.holder))
        who = self.holder[id_] if dice.random() < 0.9 else dice.choice(self.actors)
        mine = self.of_identity.setdefault((id_, self.transfers[id_]), [])
        link = not mine or dice.random() < 0.6
        device = dice.choice(KEYS).address if link else dice.choice(mine)
        name = "linkIdentityDevice" if link else "unlinkIdentityDevice"
        expect = None if who == self.holder[id_] else "NotOwner"
        if expect is None and link and device not in mine and len(mine) >= CAP:
            expect = "TooManyDevices"
        receipt = self.attempt(self.economy.devices, name, id_, device, sender=who, expect=expect)
        if receipt is None:
            return
        assert len(receipt.events) == ((device not in mine) == link)
        if link and device not in mine:
            mine.append(device)
        elif not link and device in mine:
            drop(mine, device)

    @rule(dice=DICE)
    def subscription_step(self, dice: Random) -> None:
        id_, who = dice.choice(sorted(self.holder)), dice.choice(self.actors)
        if dice.random() < 0.05:
            id_ = 99
        join = dice.random() < 0.6
        expect = "UnknownTarget" if join and id_ == 99 else None
        name = "subscribe" if join else "unsubscribe"
        receipt = self.attempt(self.economy.subscribe, name, id_, sender=who, expect=expect)
        followers = self.followers.get(id_, [])
        if receipt is None:
            return
        assert len(receipt.events) == ((who not in followers) == join and id_ != 99)
        if join and who not in followers:
            followers.append(who)
        elif not join and who in followers:
            drop(followers, who)

    def check(self) -> None:
        super().check()
        facet = self.economy.devices
        for who, mine in self.linked.items():
            assert list(facet.call("devicesOf", who)) == mine and len(mine) <= CAP
            for key in KEYS[:8]:  # DV-I1: list and index are inverse
                device = key.address
                assert facet.call("isDeviceLinked", who, device) == (device in mine)
                sure = (who, device) in self.confirmed
                assert facet.call("isDeviceConfirmed", who, device) == sure
                assert not sure or device in mine
        for id_ in self.holder:
            mine = self.of_identity.get((id_, self.transfers[id_]), [])
            assert list(facet.call("identityDevicesOf", id_)) == mine
            assert facet.call("isIdentityDeviceLinked", id_, KEYS[0].address) == (
                KEYS[0].address in mine
            )
        feed = self.economy.subscribe
        for id_, followers in self.followers.items():  # isolated per identity, counts are lengths
            assert list(feed.call("subscribersOf", id_)) == followers
            assert feed.call("subscriberCount", id_) == len(followers)
            assert feed.call("subscribersPage", id_, 0, 200)[0] == tuple(reversed(followers))
            for actor in self.actors:
                assert feed.call("isSubscribed", id_, actor) == (actor in followers)
