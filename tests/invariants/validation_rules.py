"""Staked verdicts beside a Python model of them."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from hypothesis.stateful import rule

from tests.contracts.economy import ETHER, VALIDATION, ZERO
from tests.contracts.market.court import (
    CHALLENGE_WINDOW,
    CHALLENGED,
    CHALLENGER_WON,
    DRAWN,
    MAX_STAKED,
    OPEN,
    OTHER_WORK,
    RECLAIMED,
    RESOLUTION_WINDOW,
    VALIDATOR_WON,
)
from tests.contracts.signing import nonce
from tests.invariants.bounty_rules import BountyRules
from tests.invariants.machine import DICE

MOST_ACTIVE = 64
STEPS = ("challengeValidation", "resolveValidation", "reclaimStake", "reclaimUnresolved")


@dataclass
class VerdictRecord:
    """One staked verdict as the model has it. `judge` is None for the diamond's owner."""

    validator: bytes
    subject: int
    work: bytes
    valid: bool
    stake: int
    deadline: int
    judge: bytes | None
    challenger: bytes = ZERO
    resolve_by: int = 0
    status: int = OPEN

    @property
    def escrowed(self) -> int:
        return self.stake * {OPEN: 1, CHALLENGED: 2}.get(self.status, 0)


class ValidationRules(BountyRules):
    """Verdicts about bounties that exist, that will exist, and about other work."""

    def __init__(self) -> None:
        super().__init__()
        self.verdicts: dict[int, VerdictRecord] = {}
        self.judged: set[tuple[bytes, int, bytes]] = set()
        self.verdicts_touched: set[int] = set()

    @rule(dice=DICE)
    def validation_step(self, dice: Random) -> None:
        """Time, a stake, or a step of one verdict: mostly one that works."""
        self.time_passes(dice)
        live = [verdict for verdict in self.verdicts.values() if verdict.escrowed]
        if live and dice.random() < 0.1:
            self.to_an_edge(dice.choice(live), dice)
        if not live or dice.random() < 0.35:
            self.stake_verdict(dice)
            return
        moves = [
            (name, id_, who)
            for id_, verdict in self.verdicts.items()
            if verdict.escrowed
            for name in STEPS
            for who in (*self.actors, self.economy.owner.address)
        ]
        good = [move for move in moves if self.verdict_on(*move) is None]
        if good and dice.random() < 0.9:
            # By kind first, or the many who may reclaim would hide the one who may resolve.
            kind = dice.choice(sorted({name for name, _, _ in good}))
            self.perform_verdict(*dice.choice([move for move in good if move[0] == kind]), dice)
        elif dice.random() < 0.6:
            id_ = dice.randint(1, len(self.verdicts) + 1)
            self.perform_verdict(dice.choice(STEPS), id_, dice.choice(self.actors), dice)

    def to_an_edge(self, verdict: VerdictRecord, dice: Random) -> None:
        """To the last second of a window, or the first after it."""
        edge = verdict.resolve_by if verdict.status == CHALLENGED else verdict.deadline
        self.economy.later(max(0, edge - self.now + dice.choice((0, 1))))

    def stake_verdict(self, dice: Random) -> None:
        who = dice.choice(self.actors)
        subject = dice.choice(sorted(self.holder))
        works = [OTHER_WORK, *map(nonce, range(1, len(self.bounties) + 2))]
        work = dice.choice(works)
        tries = [(subject, work, who), *((s, w, who) for s in sorted(self.holder) for w in works)]
        fresh = [t for t in tries if self.stake_error(*t, 1) is None]
        if fresh and dice.random() < 0.9:
            subject, work, who = dice.choice(fresh)
        elif dice.random() < 0.3:
            subject = dice.choice((0, 10_000))
        amount = self.within_purse(who, dice.choice((1, 7, ETHER, ETHER, 400_000 * ETHER)))
        if dice.random() < 0.03:
            amount = dice.choice((0, MAX_STAKED + 1))
        expect = self.stake_error(subject, work, who, amount)
        if expect and dice.random() < 0.5:
            return
        valid = dice.random() < 0.5
        args = (work, subject, valid, amount)
        facet = self.economy.validation
        receipt = self.attempt(facet, "stakeValidation", *args, sender=who, expect=expect)
        if receipt is None:
            return
        assert receipt.value == len(self.verdicts) + 1
        bounty = self.bounties.get(int.from_bytes(work, "big"))
        self.verdicts[receipt.value] = VerdictRecord(
            who, subject, work, valid, amount, self.now + CHALLENGE_WINDOW,
            bounty.poster if bounty else None,
        )  # fmt: skip
        self.verdicts_touched.add(receipt.value)
        self.judged.add((who, subject, work))
        self.escrow(who, amount, VALIDATION)

    def stake_error(self, subject: int, work: bytes, who: bytes, amount: int) -> str | None:
        """The error the facet must raise, in its documented order."""
        if amount == 0:
            return "ZeroStake"
        if self.staked_by(who) + amount > MAX_STAKED:
            return "StakeCapExceeded"
        if subject not in self.holder:
            return "UnknownSubject"
        if who in (self.holder[subject], self.account[subject]):
            return "SelfValidation"
        if (who, subject, work) in self.judged:
            return "AlreadyValidated"
        if self.active_verdicts_of(who) >= MOST_ACTIVE:
            return "TooManyActiveValidations"
        return "TokenCallFailed" if amount > self.balances[who] else None

    def verdict_on(self, name: str, id_: int, who: bytes) -> str | None:
        """The error the facet must raise, in its documented order. Windows are disjoint: VA-I2."""
        verdict = self.verdicts.get(id_)
        if verdict is None:
            return "UnknownValidation"
        if name in ("challengeValidation", "reclaimStake"):
            if verdict.status != OPEN:
                return "NotOpen"
            late = self.now > verdict.deadline
            if name == "reclaimStake":
                return None if late else "ChallengeWindowStillOpen"
            if late:
                return "ChallengeWindowClosed"
            if who == verdict.validator:
                return "SelfChallenge"
            if self.staked_by(who) + verdict.stake > MAX_STAKED:
                return "StakeCapExceeded"
            return "TokenCallFailed" if verdict.stake > self.balances.get(who, 0) else None
        if verdict.status != CHALLENGED:
            return "NotChallenged"
        late = self.now > verdict.resolve_by
        if name == "reclaimUnresolved":
            return None if late else "ResolveWindowStillOpen"
        if late:
            return "ResolveWindowClosed"
        if who != (verdict.judge or self.economy.owner.address):
            return "NotResolver"
        sides = (verdict.validator, verdict.challenger)
        return "ResolverIsDisputant" if who in sides else None

    def perform_verdict(self, name: str, id_: int, who: bytes, dice: Random) -> None:
        expect = self.verdict_on(name, id_, who)
        wins = dice.random() < 0.5
        args = (id_, wins) if name == "resolveValidation" else (id_,)
        facet = self.economy.validation
        if self.attempt(facet, name, *args, sender=who, expect=expect) is None:
            return
        self.verdicts_touched.add(id_)
        if name == "challengeValidation":
            verdict = self.verdicts[id_]
            verdict.status, verdict.challenger = CHALLENGED, who
            verdict.resolve_by = self.now + RESOLUTION_WINDOW
            self.escrow(who, verdict.stake, VALIDATION)
        else:
            self.end_verdict(name, id_, wins)

    def end_verdict(self, name: str, id_: int, wins: bool) -> None:
        """Everything in escrow leaves, once."""
        verdict = self.verdicts[id_]
        before, escrowed = self.held[VALIDATION], verdict.escrowed
        assert escrowed > 0
        stake = verdict.stake
        if name == "resolveValidation":
            verdict.status = VALIDATOR_WON if wins else CHALLENGER_WON
            self.release(verdict.validator if wins else verdict.challenger, 2 * stake, VALIDATION)
        else:
            verdict.status = RECLAIMED if name == "reclaimStake" else DRAWN
            self.release(verdict.validator, stake, VALIDATION)
            if verdict.status == DRAWN:
                self.release(verdict.challenger, stake, VALIDATION)
        assert before - self.held[VALIDATION] == escrowed

    def staked_by(self, who: bytes) -> int:
        live = [v for v in self.verdicts.values() if v.escrowed]
        sides = [side for v in live for side in ((v.validator, v.stake), (v.challenger, v.stake))]
        return sum(stake for side, stake in sides if side == who)

    def active_verdicts_of(self, who: bytes) -> int:
        return sum(v.validator == who and v.escrowed > 0 for v in self.verdicts.values())

    def check(self) -> None:
        super().check()
        facet = self.economy.validation
        held = self.economy.held(VALIDATION)
        assert held == sum(v.escrowed for v in self.verdicts.values())  # VA-I1
        assert held == self.held[VALIDATION]
        for actor in self.actors:
            assert facet.call("validationStakedOf", actor) == self.staked_by(actor)  # VA-I3
            active = facet.call("activeValidationCountOf", actor)
            assert active == self.active_verdicts_of(actor) <= MOST_ACTIVE
            mine = tuple(i for i, v in self.verdicts.items() if v.validator == actor)
            assert facet.call("validationsOf", actor) == mine
        for id_ in self.verdicts_touched:
            self.check_verdict(id_)
        self.verdicts_touched.clear()

    def check_verdict(self, id_: int) -> None:
        facet, v = self.economy.validation, self.verdicts[id_]
        expected = (
            v.validator, v.challenger, v.subject, v.work, v.stake, v.deadline, v.resolve_by,
            v.status, v.valid,
        )  # fmt: skip
        assert facet.call("getValidation", id_) == expected
        judge = v.judge or self.economy.owner.address
        assert facet.call("validationResolverOf", id_) == judge
        assert facet.call("hasValidated", v.validator, v.subject, v.work)
        same = tuple(i for i, other in self.verdicts.items() if other.work == v.work)
        assert facet.call("validationsOfWork", v.work) == same

    def teardown(self) -> None:
        """Liveness: ten days after the last call a stranger gets every stake to where it belongs."""
        facet, stranger = self.economy.validation, self.economy.scheduler.address
        self.economy.later(RESOLUTION_WINDOW + CHALLENGE_WINDOW + 1)
        for id_, verdict in self.verdicts.items():
            ways = {OPEN: "reclaimStake", CHALLENGED: "reclaimUnresolved"}
            name = ways.get(verdict.status)
            if name is not None:
                facet.send(name, id_, sender=stranger)
                self.verdicts_touched.add(id_)
                self.end_verdict(name, id_, wins=False)
        assert self.held[VALIDATION] == 0 == self.economy.held(VALIDATION)
        super().teardown()
