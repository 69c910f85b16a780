"""Attestations beside a Python model of them."""

from __future__ import annotations

from collections import defaultdict
from random import Random

from hypothesis.stateful import rule

from tests.contracts.signing import nonce
from tests.invariants.bounty_rules import PAID, SUBMITTED, BountyRules
from tests.invariants.machine import DICE

LONG = b"\xab" * 32
MARKET = (1 << 255 | 1).to_bytes(32, "big")
Triple = tuple[bytes, int, bytes]


class ReputationRules(BountyRules):
    """Everybody attests about everybody, with references to bounties real and invented."""

    def __init__(self) -> None:
        super().__init__()
        self.trail: dict[int, list[Triple]] = defaultdict(list)
        self.rating: dict[Triple, int] = {}
        self.verified: set[Triple] = set()

    @rule(dice=DICE)
    def reputation_step(self, dice: Random) -> None:
        if dice.random() < 0.25:
            self.hire_and_pay(dice)
        elif self.rating and dice.random() < 0.4:
            self.revisit(dice)
        else:
            self.attest(dice)

    def hire_and_pay(self, dice: Random) -> None:
        """Work that gets paid, so that there is something to verify."""
        self.post(dice)
        if not self.bounties:
            return
        id_, identity = len(self.bounties), dice.choice(sorted(self.holder))
        record = self.bounties[id_]
        worker = self.holder[identity]
        self.perform("claimBounty", id_, worker, identity)
        self.perform("submitResult", id_, worker, identity)
        if record.status == SUBMITTED and dice.random() < 0.7:
            self.perform("acceptResult", id_, record.poster, identity)

    def attest(self, dice: Random) -> None:
        subject, who = dice.choice(sorted(self.holder)), dice.choice(self.actors)
        if who == self.holder[subject] and dice.random() < 0.8:
            who = self.actors[5]
        ref = dice.choice((LONG, MARKET, nonce(dice.getrandbits(80)), nonce(0)))
        claimed = [i for i, r in self.bounties.items() if r.claimant]
        if claimed and dice.random() < 0.7:
            id_ = dice.choice(claimed)
            record = self.bounties[id_]
            subject, who, ref = record.claimant, record.poster, nonce(id_)
            if dice.random() < 0.2:
                who = dice.choice(self.actors)
        rating = dice.choice((1, 2, 3, 4, 5, 5)) if dice.random() < 0.95 else dice.choice((0, 6))
        expect = self.attest_verdict(subject, who, ref, rating)
        receipt = self.attempt(
            self.economy.reputation, "attest", subject, rating, ref, sender=who, expect=expect
        )
        if receipt is None:
            return
        triple = (who, subject, ref)
        self.trail[subject].append(triple)
        self.rating[triple] = rating
        if self.is_paid(triple):
            self.verified.add(triple)

    def attest_verdict(self, subject: int, who: bytes, ref: bytes, rating: int) -> str | None:
        if not 1 <= rating <= 5:
            return "BadRating"
        if who in (self.holder[subject], self.account[subject]):
            return "SelfAttestation"
        return "AlreadyAttested" if (who, subject, ref) in self.rating else None

    def revisit(self, dice: Random) -> None:
        """Revoke or verify an attestation, sometimes one that is not there."""
        triple = dice.choice(list(self.rating))
        who, subject, ref = triple
        alive = self.rating[triple] != 0
        if dice.random() < 0.3:
            expect = None if alive else "NotAttested"
            args = (subject, ref)
            facet = self.economy.reputation
            receipt = self.attempt(facet, "revokeAttestation", *args, sender=who, expect=expect)
            if receipt is not None:
                self.rating[triple] = 0
                self.verified.discard(triple)
            return
        waiting = [t for t in self.rating if self.rating[t] and t not in self.verified]
        ready = [t for t in waiting if self.is_paid(t)]
        if ready:
            triple = dice.choice(ready)
        elif dice.random() < 0.8:
            return
        expect = None
        if not self.rating[triple]:
            expect = "NotAttested"
        elif triple in self.verified:
            expect = "AlreadyVerified"
        elif not self.is_paid(triple):
            expect = "NotVerifiable"
        receipt = self.attempt(
            self.economy.reputation,
            "verifyAttestation",
            *triple,
            sender=dice.choice(self.actors),
            expect=expect,
        )
        if receipt is not None:
            self.verified.add(triple)

    def is_paid(self, triple: Triple) -> bool:
        who, subject, ref = triple
        record = self.bounties.get(int.from_bytes(ref, "big"))
        return (
            record is not None
            and record.status == PAID
            and (record.poster, record.claimant) == (who, subject)
        )

    def check(self) -> None:
        super().check()
        facet = self.economy.reputation
        for subject, trail in self.trail.items():
            ratings = [self.rating[t] for t in trail]
            live = [rating for rating in ratings if rating]
            sure = [self.rating[t] for t in trail if t in self.verified]
            count, total = facet.call("reputationOf", subject)
            assert (count, total) == (len(live), sum(live))  # R-I1
            assert count <= total <= 5 * count  # R-I4
            pair = facet.call("verifiedReputationOf", subject)
            assert pair == (len(sure), sum(sure))
            assert pair[0] <= count and pair[1] <= total  # R-I3
            listed = facet.call("attestationsOf", subject, 0, 200)
            people = tuple(t[0] for t in trail)
            refs = tuple(t[2] for t in trail)
            assert listed == (people, tuple(ratings), refs, len(trail))
            assert len(set(trail)) == len(trail)  # R-I2
