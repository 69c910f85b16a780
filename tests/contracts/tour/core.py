"""The Diamond itself: its cut, its owner, its treasury."""

from __future__ import annotations

from typing import Any

from tests.contracts.calls import Receipt
from tests.contracts.economy import ADD, ZERO
from tests.contracts.tour.walk import Walk


class Core(Walk):
    def core(self) -> None:
        e = self.economy
        owner, alice = e.owner.address, e.address("alice")
        one = e.create("OneFacet")
        cut = [(one, ADD, [b"\x83\x81\xf5\x8a"])]
        self.send("DiamondCutFacet", e.diamond_cut, "diamondCut", cut, ZERO, b"", sender=owner)
        self.send("OwnershipFacet", e.ownership, "nominateOwner", alice, sender=owner)
        self.send("OwnershipFacet", e.ownership, "acceptOwnership", sender=alice)
        self.send("OwnershipFacet", e.ownership, "transferOwnership", owner, sender=alice)

    def money(self) -> None:
        e = self.economy
        owner, alice, bob = e.owner.address, e.address("alice"), e.address("bob")
        self.send("CreditsFacet", e.credits_facet, "setDailyAllowance", 9, sender=owner)
        self.send("CreditsFacet", e.credits_facet, "claimDaily", sender=alice)
        e.credits.send("transfer", e.diamond, 11, sender=alice)

        def treasury(name: str, *args: Any, sender: bytes = owner) -> Receipt:
            return self.send("TreasuryFacet", e.treasury, name, *args, sender=sender)

        treasury("skim", e.credits.address, sender=bob)
        treasury("withdrawTreasury", alice, 1)
        treasury("withdrawTreasuryOf", e.credits.address, alice, 1)
        self.owed(treasury, bob)

    def owed(self, treasury: Any, bob: bytes) -> None:
        """A diamond emptied of one token takes another, whose refusals leave something to claim."""
        e = self.economy
        owner, alice = e.owner.address, e.address("alice")
        for job in (3, 4):
            if e.schedule.call("getJob", job)[2] == 0:
                e.schedule.send("cancelJob", job, sender=bob)
        left = e.treasury.call("treasuryBalance")
        e.treasury.send("withdrawTreasury", owner, left, sender=owner)
        token = e.bound("HostileToken", e.create("HostileToken"))
        handle = e.credits_facet
        self.send("CreditsFacet", handle, "setCreditsToken", token.address, sender=owner)
        token.send("mint", bob, 100, sender=bob)
        token.send("approve", e.diamond, 100, sender=bob)
        token.send("setBlocked", bob, sender=bob)
        for _ in range(2):
            id_ = e.bounty.send("postBounty", b"", 10, 3600, sender=bob).value
            e.later(3601)
            token.send("setMode", 7, sender=bob)
            self.send("BountyFacet", e.bounty, "reclaimExpired", id_, sender=alice)
            token.send("setMode", 0, sender=bob)
            if id_ % 2:
                treasury("claimOwed", token.address, sender=bob)
            else:
                treasury("claimOwedTo", token.address, alice, sender=bob)
        invite = b"\x0f" * 32
        e.invite.send("createInvite", invite, 10, 3_600, sender=bob)
        e.later(3_601)
        token.send("setMode", 7, sender=bob)
        self.send("InviteFacet", e.invite, "reclaimInvite", invite, sender=alice)
        token.send("setMode", 0, sender=bob)
        job = e.schedule.send("scheduleJob", 1, b"", 60, 10, 3, sender=bob).value
        e.later(31 * 86_400)
        token.send("setMode", 7, sender=bob)
        self.send("ScheduleFacet", e.schedule, "reapJob", job, sender=alice)
        token.send("setMode", 0, sender=bob)
        party = e.party.send("formParty", [1], [10_000], 3_600, sender=bob).value
        e.party.send("fundParty", party, 10, sender=bob)
        verdict = e.validation.send("stakeValidation", b"\x0e" * 32, 1, True, 10, sender=bob).value
        e.later(3 * 86_400 + 1)
        token.send("setMode", 7, sender=bob)
        self.send("PartyFacet", e.party, "disbandParty", party, sender=alice)
        self.send("ValidationFacet", e.validation, "reclaimStake", verdict, sender=alice)
