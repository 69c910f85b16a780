"""Invites and redeem codes beside a Python model of them."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from hypothesis.stateful import rule

from tests.contracts.credits.codes import Codes
from tests.contracts.economy import ETHER, INVITE, ZERO
from tests.contracts.signing import Key, nonce
from tests.invariants.machine import DICE
from tests.invariants.world import World

OPEN, ACCEPTED, RECLAIMED = range(3)
BEARER, RECIPIENT, CLAIM_KEY, COMMIT = range(4)
HOUR = 3_600
STRANGER = Key.named("not the claim key")


@dataclass
class InviteRecord:
    """One invite as the model has it."""

    funder: bytes
    amount: int
    expiry: int
    mode: int
    party: bytes
    status: int = OPEN


class InviteRules(World):
    """Everybody invites; the invited, strangers and funders try every door."""

    def __init__(self) -> None:
        super().__init__()
        self.codes = Codes(self.economy)
        self.invites: dict[str, InviteRecord] = {}
        self.commits: dict[bytes, tuple[int, int]] = {}
        self.payouts: dict[str, int] = {}

    @rule(dice=DICE)
    def invite_step(self, dice: Random) -> None:
        if dice.random() < 0.3:
            self.economy.evm.mine(1, dice.choice((1, 29, 30, 31, HOUR, HOUR + 1)))
        if not self.invites or dice.random() < 0.3:
            self.invite(dice)
            return
        tries = [
            (name, code, who)
            for code, record in self.invites.items()
            if record.status == OPEN or dice.random() < 0.02
            for name in (
                "acceptInvite",
                "acceptInviteFor",
                "acceptInviteCommitted",
                "reclaimInvite",
            )
            for who in self.actors
        ]
        good = [t for t in tries if self.code_verdict(*t) is None]
        waiting = [c for c, r in self.invites.items() if r.mode == COMMIT and r.status == OPEN]
        if waiting and dice.random() < 0.3:
            self.commit(dice.choice(waiting), dice.choice(self.actors))
        elif good and dice.random() < 0.85:
            self.end_code(*dice.choice(good))
        elif tries and dice.random() < 0.4:
            self.end_code(*dice.choice(tries))

    def invite(self, dice: Random) -> None:
        who, mode = dice.choice(self.actors), dice.randint(0, 3)
        fresh = dice.random() < 0.95 or not self.invites
        code = f"code {len(self.invites)}" if fresh else dice.choice(sorted(self.invites))
        amount = self.within_purse(who, dice.choice((1, ETHER, 400_000 * ETHER)))
        ttl = dice.choice((HOUR, HOUR, 2 * HOUR, 90 * 86_400))
        parties = {RECIPIENT: dice.choice(self.actors), CLAIM_KEY: self.codes.key(code).address}
        args = (amount, ttl, mode, parties.get(mode, ZERO))
        expect = None
        if not fresh:
            expect = "CodeTaken"
        elif amount == 0:
            expect = "ZeroAmount"
        elif self.escrowed(who) + amount > 1_000_000 * ETHER:
            expect = "EscrowCapExceeded"
        receipt = self.attempt(
            self.economy.invite,
            "createInviteEx",
            self.codes.hash(code),
            *args,
            sender=who,
            expect=expect,
        )
        if receipt is not None:
            self.invites[code] = InviteRecord(who, amount, self.now + ttl, *args[2:])
            self.escrow(who, amount, INVITE)

    def commit(self, code: str, who: bytes) -> None:
        commitment = self.codes.commitment(code, who, nonce(1))
        made = self.commits.get(commitment)
        pending = made is not None and self.now <= made[0] + HOUR
        expect = "CommitPending" if pending else None
        facet = self.economy.invite
        if self.attempt(facet, "commitInvite", commitment, sender=who, expect=expect):
            self.commits[commitment] = (self.now, self.economy.evm.block_number)

    def mature(self, code: str, who: bytes) -> bool:
        time, block = self.commits.get(self.codes.commitment(code, who, nonce(1)), (0, 0))
        young = self.now < time + 30 or self.economy.evm.block_number <= block
        return time != 0 and not young and self.now <= time + HOUR

    def code_verdict(self, name: str, code: str, who: bytes) -> str | None:
        """The error the facet must raise, in its documented order."""
        record = self.invites[code]
        if record.status != OPEN:
            return "NotOpen"
        if name == "reclaimInvite":
            return None if self.now > record.expiry else "NotYetExpired"
        if self.now > record.expiry:
            return "Expired"
        if name == "acceptInvite":
            refusals = {CLAIM_KEY: "ClaimKeyRequired", COMMIT: "CommitRequired"}
            stranger = record.mode == RECIPIENT and who != record.party
            return "NotRecipient" if stranger else refusals.get(record.mode)
        if name == "acceptInviteFor":
            if record.mode != CLAIM_KEY:
                return "BadMode"
            return "BadSignature" if who == self.actors[5] else None  # frank does not know the code
        if record.mode != COMMIT:
            return "BadMode"
        return None if self.mature(code, who) else "CommitRequired"

    def end_code(self, name: str, code: str, who: bytes) -> None:
        args: tuple[object, ...] = (code,)
        if name == "acceptInviteFor":
            signer = STRANGER if who == self.actors[5] else None
            args = self.codes.invite_claim(code, who, self.now, signer)
        elif name == "acceptInviteCommitted":
            args = (code, nonce(1))
        elif name == "reclaimInvite":
            args = (self.codes.hash(code),)
        expect = self.code_verdict(name, code, who)
        if self.attempt(self.economy.invite, name, *args, sender=who, expect=expect) is None:
            return
        record = self.invites[code]
        self.payouts[code] = self.payouts.get(code, 0) + 1
        assert self.payouts[code] == 1  # IV-I2
        reclaimed = name == "reclaimInvite"
        record.status = RECLAIMED if reclaimed else ACCEPTED
        self.release(record.funder if reclaimed else who, record.amount, INVITE)
        if name == "acceptInviteCommitted":
            del self.commits[self.codes.commitment(code, who, nonce(1))]

    def escrowed(self, who: bytes) -> int:
        mine = (r for r in self.invites.values() if r.funder == who and r.status == OPEN)
        return sum(record.amount for record in mine)

    def check(self) -> None:
        super().check()
        facet = self.economy.invite
        for actor in self.actors:
            assert facet.call("escrowedOf", actor) == self.escrowed(actor)
        assert self.economy.held(INVITE) == sum(map(self.escrowed, self.actors))  # IV-I1
        assert self.economy.credits.call("totalSupply") == self.supply  # IV-I3
        for code, r in self.invites.items():
            hash_ = self.codes.hash(code)
            assert facet.call("getInvite", hash_) == (r.funder, r.amount, r.expiry, r.status)
            assert facet.call("inviteModeOf", hash_) == (r.mode, r.party)


class RedeemRules(World):
    """The owner adds and disables codes; people redeem them, and guess."""

    def __init__(self) -> None:
        super().__init__()
        self.redeem_codes = Codes(self.economy)
        self.tickets: dict[str, tuple[int, bool]] = {}  # amount, guarded
        self.redeemed: dict[str, int] = {}

    @rule(dice=DICE)
    def redeem_step(self, dice: Random) -> None:
        if dice.random() < 0.35:
            self.print(dice)
        elif self.tickets or dice.random() < 0.1:
            self.redeem(dice)

    def print(self, dice: Random) -> None:
        boss, codes = self.economy.owner.address, self.redeem_codes
        names = [f"ticket {dice.randint(0, 60)}" for _ in range(dice.randint(1, 3))]
        hashes = [codes.hash(name) for name in names]
        facet = self.economy.redeem
        if dice.random() < 0.2:
            self.attempt(facet, "disableRedeemCodes", hashes, sender=boss)
            for name in names:
                if name not in self.redeemed:
                    self.tickets.pop(name, None)
            return
        known = len(set(names)) < len(names) or any(name in self.tickets for name in names)
        if known and dice.random() < 0.7:
            return
        amount, guarded = dice.choice((10, 100, 1_000)) * ETHER, dice.random() < 0.5
        keys = ([codes.key(name).address for name in names],) if guarded else ()
        call = "addGuardedRedeemCodes" if guarded else "addRedeemCodes"
        expect = "CodeExists" if known else None
        if self.attempt(facet, call, hashes, *keys, amount, sender=boss, expect=expect):
            self.tickets |= dict.fromkeys(names, (amount, guarded))

    def redeem(self, dice: Random) -> None:
        live = sorted(set(self.tickets) - set(self.redeemed))
        name = (
            dice.choice(live) if live and dice.random() < 0.9 else f"ticket {dice.randint(0, 70)}"
        )
        amount, guarded = self.tickets.get(name, (0, False))
        sign = guarded if dice.random() < 0.95 else not guarded
        who, codes = dice.choice(self.actors), self.redeem_codes
        expect = None
        if name not in self.tickets:
            expect = "InvalidCode"
        elif name in self.redeemed:
            expect = "CodeAlreadyUsed"
        elif sign != guarded:
            expect = "NotGuarded" if sign else "ClaimKeyRequired"
        args: tuple[object, ...] = codes.redeem_claim(name, who, self.now) if sign else (name,)
        call, sender = ("redeemFor", self.actors[5]) if sign else ("redeem", who)
        if self.attempt(self.economy.redeem, call, *args, sender=sender, expect=expect):
            self.redeemed[name] = self.redeemed.get(name, 0) + 1
            assert self.redeemed[name] == 1  # RD-I1
            self.balances[who] += amount
            self.supply += amount  # RD-I2

    def check(self) -> None:
        super().check()
        assert self.economy.credits.call("totalSupply") == self.supply  # RD-I2
        for n in range(0, 61, 3):
            name = f"ticket {n}"
            hash_ = self.redeem_codes.hash(name)
            amount, guarded = self.tickets.get(name, (0, False))
            facet = self.economy.redeem
            assert facet.call("redeemAmountOf", hash_) == amount
            assert facet.call("isRedeemed", hash_) == (name in self.redeemed)
            assert (facet.call("redeemClaimKeyOf", hash_) != ZERO) == guarded


class CodeRules(InviteRules, RedeemRules):
    """Both kinds of codes."""
