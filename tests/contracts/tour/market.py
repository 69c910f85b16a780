"""Bounties, jobs, attestations."""

from __future__ import annotations

from typing import Any

from tests.contracts.calls import Receipt
from tests.contracts.economy import ETHER
from tests.contracts.signing import (
    nonce,
)
from tests.contracts.tour.walk import Walk


class Market(Walk):
    def bounties(self) -> None:
        e = self.economy
        alice, bob, carol = e.address("alice"), e.address("bob"), e.address("carol")

        def bounty(name: str, *args: Any, sender: bytes = bob) -> Receipt:
            return self.send("BountyFacet", e.bounty, name, *args, sender=sender)

        bounty("postBounty", b"a task of more than thirty-two bytes, to be done", ETHER, 7200)
        bounty("claimBounty", 1, 1, sender=carol)
        bounty("releaseClaim", 1, sender=carol)
        bounty("claimBounty", 1, 1, sender=carol)
        bounty("submitResult", 1, b"first", sender=alice)
        bounty("requestRevision", 1)
        bounty("submitResult", 1, b"second", sender=carol)
        bounty("rejectResult", 1, nonce(4))
        bounty("acceptResult", 1)
        bounty("postBountyEx", b"", ETHER, 7200, 600, 600)
        bounty("claimBounty", 2, 1, sender=alice)
        bounty("submitResult", 2, b"done", sender=alice)
        e.later(601)
        bounty("autoAccept", 2, sender=carol)
        bounty("postBounty", b"", ETHER, 7200)
        bounty("cancelBounty", 3)
        bounty("postBounty", b"", ETHER, 3600)
        e.later(3601)
        bounty("reclaimExpired", 4, sender=carol)

    def jobs(self) -> None:
        e = self.economy
        owner, alice, bob = e.owner.address, e.address("alice"), e.address("bob")
        fire = e.scheduler.address

        def job(name: str, *args: Any, sender: bytes = bob) -> Receipt:
            return self.send("ScheduleFacet", e.schedule, name, *args, sender=sender)

        job("setScheduler", fire, sender=owner)
        job("addScheduler", alice, True, sender=owner)
        for _ in range(4):
            job("scheduleJob", 1, b"tick" * 20, 60, ETHER, 3)
        job("topUpJob", 1, ETHER)
        job("setRunCap", 1, ETHER // 2)
        job("scheduleChildJob", 1, 1, b"child", 90, ETHER // 4, 5, sender=fire)
        job("pauseJob", 2)
        job("resumeJob", 2)
        job("cancelJob", 2)
        e.later(60)
        job("leaseJobs", [1, 3], 600, sender=fire)
        slot = e.schedule.call("getJob", 1)[3]
        job("recordRun", 1, slot, 5, sender=fire)
        job("recordRuns", [3, 4], [slot, slot], [5, ETHER], sender=fire)
        job("completeJob", 1, sender=fire)
        e.later(31 * 86_400)
        job("reapJob", 5, sender=alice)

    def attestations(self) -> None:
        e = self.economy
        bob = e.address("bob")
        carol, alice = e.address("carol"), e.address("alice")

        def reputation(name: str, *args: Any, sender: bytes = bob) -> Receipt:
            return self.send("ReputationFacet", e.reputation, name, *args, sender=sender)

        reputation("attest", 1, 5, nonce(1))
        reputation("attest", 1, 4, b"\xab" * 32, sender=carol)
        reputation("revokeAttestation", 1, b"\xab" * 32, sender=carol)
        late = e.bounty.send("postBounty", b"", ETHER, 3600, sender=carol).value
        reputation("attest", 1, 3, nonce(late), sender=carol)
        e.bounty.send("claimBounty", late, 1, sender=alice)
        e.bounty.send("submitResult", late, b"", sender=alice)
        e.bounty.send("acceptResult", late, sender=carol)
        reputation("verifyAttestation", carol, 1, nonce(late), sender=alice)

    def parties(self) -> None:
        e = self.economy
        alice, bob, carol = e.address("alice"), e.address("bob"), e.address("carol")

        def party(name: str, *args: Any, sender: bytes = alice) -> Receipt:
            return self.send("PartyFacet", e.party, name, *args, sender=sender)

        mate = e.register("bob", "mate")
        for _ in range(2):
            party("formParty", [1, mate], [6_667, 3_333], 3_600)
        party("fundParty", 1, ETHER, sender=carol)
        party("joinParty", 1, sender=bob)
        party("fundParty", 1, 7)
        party("completeParty", 1)
        party("fundParty", 2, ETHER, sender=carol)
        party("fundParty", 2, 7, sender=bob)
        e.later(3_601)
        party("disbandParty", 2, sender=carol)

    def verdicts(self) -> None:
        e = self.economy
        owner, alice, bob = e.owner.address, e.address("alice"), e.address("bob")
        carol = e.address("carol")

        def validation(name: str, *args: Any, sender: bytes = bob) -> Receipt:
            return self.send("ValidationFacet", e.validation, name, *args, sender=sender)

        for work in (nonce(1), nonce(2), b"\xab" * 32):  # bob posted bounties 1 and 2
            validation("stakeValidation", work, 1, True, ETHER, sender=carol)
        validation("stakeValidation", nonce(2), 1, False, ETHER)
        validation("challengeValidation", 1, sender=alice)
        validation("challengeValidation", 2, sender=alice)
        validation("challengeValidation", 3)
        validation("resolveValidation", 1, True)
        validation("resolveValidation", 3, False, sender=owner)
        e.later(7 * 86_400 + 1)
        validation("reclaimUnresolved", 2)
        validation("reclaimStake", 4, sender=alice)
