"""The bounty board beside a Python model of it."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from hypothesis.stateful import rule

from tests.contracts.economy import BOUNTY, ETHER
from tests.contracts.signing import nonce
from tests.invariants.machine import DICE
from tests.invariants.world import World

OPEN, CLAIMED, SUBMITTED, PAID, CANCELLED, RECLAIMED = range(6)
LIVE = (OPEN, CLAIMED, SUBMITTED)
HOUR = 3_600
WINDOWS = (0, 0, 600, HOUR)
ACTIONS = (
    "claimBounty",
    "submitResult",
    "acceptResult",
    "requestRevision",
    "releaseClaim",
    "rejectResult",
    "autoAccept",
    "cancelBounty",
    "reclaimExpired",
)


@dataclass
class Record:
    """One bounty as the model has it."""

    poster: bytes
    reward: int
    expiry: int
    claim_ttl: int
    review_ttl: int
    status: int = OPEN
    claimant: int = 0
    claimer: bytes = b""
    claimed_at: int = 0
    submitted_at: int = 0
    rejected: bool = False

    def review_over(self, now: int) -> bool:
        return self.review_ttl != 0 and now > self.submitted_at + self.review_ttl


class BountyRules(World):
    """Posts, claims and every way out, mostly by those who may."""

    def __init__(self) -> None:
        super().__init__()
        self.bounties: dict[int, Record] = {}
        self.rejections: dict[bytes, int] = {}
        self.exits: dict[int, int] = {}
        self.touched: set[int] = set()

    @rule(dice=DICE)
    def bounty_step(self, dice: Random) -> None:
        """Time, a post, or one action on one bounty: usually one that works, now and then any."""
        self.time_passes(dice)
        choices = self.sensible() if dice.random() < 0.9 else []
        if not self.bounties or dice.random() < 0.25:
            self.post(dice)
        elif choices:
            name, id_, who = dice.choice(choices)
            self.perform(name, id_, who, dice.choice(sorted(self.holder)))
        else:
            id_ = dice.randint(1, len(self.bounties) + 1)
            self.perform(dice.choice(ACTIONS), id_, dice.choice(self.actors), dice.randint(0, 5))

    def post(self, dice: Random) -> None:
        who = dice.choice(self.actors)
        full = self.live_bounties_of(who) >= 64
        reward = self.within_purse(who, dice.choice((1, 7, ETHER, 3 * ETHER)))
        if reward == 0:
            return
        ttl = dice.choice((HOUR, HOUR, 2 * HOUR, 86_400))
        windows = dice.choice(WINDOWS), dice.choice(WINDOWS)
        receipt = self.attempt(
            self.economy.bounty,
            "postBountyEx",
            b"task",
            reward,
            ttl,
            *windows,
            sender=who,
            expect="TooManyActiveBounties" if full else None,
        )
        if receipt is not None:
            assert receipt.value == len(self.bounties) + 1
            self.bounties[receipt.value] = Record(who, reward, self.now + ttl, *windows)
            self.escrow(who, reward, BOUNTY)

    def sensible(self) -> list[tuple[str, int, bytes]]:
        """Actions the model expects to succeed."""
        out = []
        for id_, record in self.bounties.items():
            if record.status not in LIVE:
                continue
            people = {record.poster, record.claimer or self.actors[5], self.actors[4]}
            for name in ACTIONS:
                for who in sorted(people):
                    if self.bounty_verdict(name, id_, who, 1) is None:
                        out.append((name, id_, who))
        return out

    def bounty_verdict(self, name: str, id_: int, who: bytes, identity: int) -> str | None:
        """The error the facet must raise, in its documented order."""
        record = self.bounties.get(id_)
        if record is None:
            return "UnknownBounty"
        status, now = record.status, self.now
        if name == "claimBounty":
            if status != OPEN:
                return "NotOpen"
            if now > record.expiry:
                return "Expired"
            return None if identity in self.holder else "UnknownClaimant"
        if name == "submitResult":
            if status != CLAIMED:
                return "NotClaimed"
            allowed = {
                record.claimer,
                self.holder.get(record.claimant, b""),
                self.account[record.claimant],
            }
            return None if who in allowed else "NotClaimant"
        if name == "releaseClaim":
            if status != CLAIMED:
                return "NotClaimed"
            idle = record.claim_ttl != 0 and now > record.claimed_at + record.claim_ttl
            return None if who == record.claimer or idle else "ClaimStillHeld"
        if name == "reclaimExpired":
            if status not in LIVE:
                return "NotReclaimable"
            if now <= record.expiry:
                return "NotYetExpired"
            pending = status == SUBMITTED and record.review_ttl != 0 and not record.rejected
            return "ReviewOpen" if pending and record.claimant in self.holder else None
        if name == "autoAccept":
            if status != SUBMITTED:
                return "NotSubmitted"
            if record.rejected:
                return "WasRejected"
            if not record.review_over(now):
                return "ReviewOpen"
            return None if record.claimant in self.holder else "TbaUnresolved"
        if who != record.poster:
            return "NotPoster"
        if name == "cancelBounty":
            return None if status == OPEN else "NotOpen"
        if status != SUBMITTED:
            return "NotSubmitted"
        if name == "acceptResult":
            return None if record.claimant in self.holder else "TbaUnresolved"
        if name == "requestRevision" and now > record.expiry - (600 if record.review_ttl else 0):
            return "Expired"
        if name == "rejectResult" and record.rejected:
            return "WasRejected"
        return "ReviewOver" if record.review_over(now) else None

    def perform(self, name: str, id_: int, who: bytes, identity: int) -> None:
        args = {"claimBounty": (identity,), "submitResult": (b"r",), "rejectResult": (nonce(1),)}
        expect = self.bounty_verdict(name, id_, who, identity)
        receipt = self.attempt(
            self.economy.bounty, name, id_, *args.get(name, ()), sender=who, expect=expect
        )
        if receipt is None:
            return
        record = self.bounties[id_]
        self.touched.add(id_)
        if name == "claimBounty":
            record.status, record.claimant, record.claimer = CLAIMED, identity, who
            record.claimed_at = self.now
        elif name == "submitResult":
            record.status, record.submitted_at = SUBMITTED, self.now
        elif name == "requestRevision":
            record.status, record.rejected, record.claimed_at = CLAIMED, False, self.now
        elif name == "releaseClaim":
            record.status, record.claimant, record.claimer = OPEN, 0, b""
            record.claimed_at = record.submitted_at = 0
        elif name == "rejectResult":
            record.rejected = True
            self.rejections[who] = self.rejections.get(who, 0) + 1
        else:
            self.leave(name, id_, record)

    def leave(self, name: str, id_: int, record: Record) -> None:
        """The reward leaves escrow, once (B-I3)."""
        self.exits[id_] = self.exits.get(id_, 0) + 1
        assert self.exits[id_] == 1
        if name in ("acceptResult", "autoAccept"):
            record.status = PAID
            self.release(self.account[record.claimant], record.reward, BOUNTY)
        else:
            record.status = CANCELLED if name == "cancelBounty" else RECLAIMED
            self.release(record.poster, record.reward, BOUNTY)

    def live_bounties_of(self, who: bytes) -> int:
        return sum(r.poster == who and r.status in LIVE for r in self.bounties.values())

    def check(self) -> None:
        super().check()
        live = sum(r.reward for r in self.bounties.values() if r.status in LIVE)
        assert self.held[BOUNTY] == live  # B-I1
        facet = self.economy.bounty
        for actor in self.actors:
            assert (
                facet.call("activeBountyCountOf", actor) == self.live_bounties_of(actor) <= 64
            )  # B-I2
            mine = tuple(i for i, r in self.bounties.items() if r.poster == actor)
            assert facet.call("bountiesOf", actor) == mine
            assert facet.call("rejections", actor) == self.rejections.get(actor, 0)
        unexpired = [
            id_ for id_, r in self.bounties.items() if r.status == OPEN and self.now <= r.expiry
        ]
        board = facet.call("openBounties", 0, 200)
        assert board == (tuple(unexpired), len(self.bounties))  # B-I6
        for id_ in self.touched:
            self.check_record(id_)
        self.touched.clear()

    def check_record(self, id_: int) -> None:
        """B-I4 and B-I5: status and claim are exactly where the table leads."""
        facet, record = self.economy.bounty, self.bounties[id_]
        expected = (record.poster, record.reward, record.expiry, record.status, record.claimant)
        assert facet.call("getBounty", id_) == expected
        details = facet.call("getBountyEx", id_)
        payee = self.account.get(record.claimant, b"\0" * 20)
        assert details[0] == (record.claimer or b"\0" * 20)
        assert details[5:] == (payee, record.rejected)
        paid = facet.call("wasPaid", id_, record.claimant)
        assert paid == (record.status == PAID)
