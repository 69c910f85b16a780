"""The payment rail beside a Python model of it."""

from __future__ import annotations

from random import Random
from typing import Any, NamedTuple

from hypothesis.stateful import rule

from tests.contracts import signing
from tests.contracts.calls import Receipt
from tests.contracts.economy import ACTORS, ZERO
from tests.contracts.signing import Auth, nonce
from tests.invariants.machine import DICE
from tests.invariants.world import World

FOREVER = 2**40
CODES = {
    None: 0,
    "AuthAlreadyUsed": 1,
    "AuthNotYetValid": 2,
    "AuthExpired": 3,
    "BadSignature": 4,
    "TokenCallFailed": 5,
    "BadPayee": 6,
    "AmountExceedsMax": 7,
    "NotFacilitator": 8,
}


class Signed(NamedTuple):
    """An authorisation, who really signed it, and the signature."""

    auth: Auth
    honest: bool
    signature: bytes


class X402Rules(World):
    """Six actors pay each other; strangers submit, replay, tamper and front-run."""

    def __init__(self) -> None:
        super().__init__()
        self.used: set[tuple[bytes, bytes]] = set()
        self.facilitators: dict[bytes, set[bytes]] = {}
        self.seen: list[Signed] = []
        self.next_nonce = 0
        self.settled: dict[tuple[bytes, bytes], int] = {}
        self.domain = self.economy.x402.call("x402DomainSeparator")

    # -- drawing -------------------------------------------------------------------------------

    def signed(self, dice: Random, payer: int | None = None, to: bytes | None = None) -> Signed:
        """Mostly fresh and good; sometimes a replay, an edge of the window, a forgery."""
        if self.seen and dice.random() < 0.1:
            return dice.choice(self.seen)
        payer = dice.randrange(6) if payer is None else payer
        sender = self.actors[payer]
        self.next_nonce += 1
        dense = dice.random() < 0.8
        number = self.next_nonce if dense else dice.getrandbits(256)
        balance = self.balances[sender]
        value = dice.choice((0, 1, 10**15, balance // 7, balance // 2, balance))
        if dice.random() < 0.05:
            value = balance + dice.choice((1, 2**200))
        after, before = 0, FOREVER
        if dice.random() < 0.1:
            after = self.now + dice.choice((-1, 0, 1))
        if dice.random() < 0.1:
            before = self.now + dice.choice((-1, 0, 1, 60))
        if to is None:
            to = dice.choice([*self.actors, *self.account.values()])
        if dice.random() < 0.03:
            to = dice.choice((ZERO, self.economy.diamond))
        auth = Auth(sender, to, value, after, before, nonce(number))
        honest = dice.random() > 0.05
        key = self.economy.keys[ACTORS[payer if honest else (payer + 1) % 6]]
        digest = signing.auth_digest(self.domain, signing.PAYMENT, auth)
        item = Signed(auth, honest, key.sign(digest))
        self.seen.append(item)
        return item

    # -- model ---------------------------------------------------------------------------------

    def x402_verdict(
        self, item: Signed, amount: int | None = None, caller: bytes = b""
    ) -> str | None:
        """The error of settle, or with an amount and a caller of settleUpto."""
        auth = item.auth
        if amount is not None:
            if amount > auth.value:
                return "AmountExceedsMax"
            listed = self.facilitators.get(auth.to)
            if listed and caller != auth.to and caller not in listed:
                return "NotFacilitator"
        moved = auth.value if amount is None else amount
        if (auth.sender, auth.nonce) in self.used:
            return "AuthAlreadyUsed"
        if self.now <= auth.valid_after:
            return "AuthNotYetValid"
        if self.now >= auth.valid_before:
            return "AuthExpired"
        if auth.to in (ZERO, self.economy.diamond):
            return "BadPayee"
        if not item.honest:
            return "BadSignature"
        return "TokenCallFailed" if moved > self.balances[auth.sender] else None

    def moved(self, auth: Auth, amount: int) -> None:
        key = (auth.sender, auth.nonce)
        self.settled[key] = self.settled.get(key, 0) + 1
        assert self.settled[key] == 1  # X-I1
        self.used.add(key)
        self.balances[auth.sender] -= amount
        self.balances[auth.to] += amount

    # -- rules ---------------------------------------------------------------------------------

    @rule(dice=DICE)
    def x402_step(self, dice: Random) -> None:
        self.time_passes(dice)
        step = dice.choice(
            (self.settle, self.settle, self.upto, self.batch, self.cancel, self.list_facilitator)
        )
        step(dice)

    def settle(self, dice: Random) -> None:
        item = self.signed(dice)
        args = (*item.auth, item.signature)
        caller = dice.choice(self.actors)
        expect = self.x402_verdict(item)
        facet = self.economy.x402
        receipt = self.attempt(facet, "settle", *args, sender=caller, expect=expect)
        if receipt is not None:
            self.check_event(receipt, item.auth, item.auth.value)
            self.moved(item.auth, item.auth.value)

    def upto(self, dice: Random) -> None:
        item = self.signed(dice)
        auth = item.auth
        actual = dice.choice((0, auth.value // 3, auth.value))
        if dice.random() < 0.05:
            actual = auth.value + 1
        listed = sorted(self.facilitators.get(auth.to, ()))
        caller = dice.choice([*listed, auth.to] if listed and dice.random() < 0.8 else self.actors)
        expect = self.x402_verdict(item, actual, caller)
        args = (*auth[:3], actual, *auth[3:], item.signature)
        facet = self.economy.x402
        receipt = self.attempt(facet, "settleUpto", *args, sender=caller, expect=expect)
        if receipt is not None:
            self.check_event(receipt, auth, actual)  # X-I2
            self.moved(auth, actual)

    def batch(self, dice: Random) -> None:
        """A batch ends where settling one by one and ignoring failures ends (X-I5)."""
        items: list[Signed] = []
        while len(items) < dice.randint(1, 8):
            payer, to = dice.randrange(6), dice.choice(self.actors)
            items += [self.signed(dice, payer, to) for _ in range(dice.randint(1, 3))]
        auths = [tuple(item.auth) for item in items]
        signatures = [item.signature for item in items]
        caller = dice.choice(self.actors)
        strict = dice.random() < 0.1
        expect = self.strict_error(items) if strict else None
        results: list[str | None] = []
        for item in items if expect is None else ():
            verdict = self.x402_verdict(item)
            results.append(verdict)
            if verdict is None:
                self.moved(item.auth, item.auth.value)
        receipt = self.attempt(
            self.economy.x402,
            "settleBatch",
            auths,
            signatures,
            strict,
            sender=caller,
            expect=expect,
        )
        if receipt is not None:
            assert receipt.value == tuple(CODES[result] for result in results)  # X-I5
            paid = [i.auth.nonce for i, r in zip(items, results, strict=True) if r is None]
            assert [event.args["nonce"] for event in receipt.events] == paid

    def strict_error(self, items: list[Signed]) -> str | None:
        """Run by run: first every member's own fault, then the sum against the payer's balance."""
        spent: set[tuple[bytes, bytes]] = set()
        change = dict.fromkeys(self.balances, 0)
        start = 0
        while start < len(items):
            sender, to = items[start].auth[:2]
            total, end = 0, start
            while end < len(items) and items[end].auth[:2] == (sender, to):
                key = (sender, items[end].auth.nonce)
                own = "AuthAlreadyUsed" if key in spent else self.x402_verdict(items[end])
                if own not in (None, "TokenCallFailed"):
                    return own
                spent.add(key)
                total += items[end].auth.value
                end += 1
            if total > self.balances[sender] + change[sender]:
                return "TokenCallFailed"
            change[sender] -= total
            change[to] += total
            start = end
        return None

    def cancel(self, dice: Random) -> None:
        item = self.signed(dice)
        auth = item.auth
        key = (auth.sender, auth.nonce)
        caller = auth.sender if dice.random() < 0.8 else dice.choice(self.actors)
        expect = "BadSignature" if caller != auth.sender else None
        if key in self.used:
            expect = "AuthAlreadyUsed"
        receipt = self.attempt(
            self.economy.x402,
            "cancelAuthorization",
            auth.sender,
            auth.nonce,
            b"",
            sender=caller,
            expect=expect,
        )
        if receipt is not None:
            self.used.add(key)

    def list_facilitator(self, dice: Random) -> None:
        payee, who = dice.choice(self.actors[:2]), dice.choice(self.actors)
        allowed = dice.random() < 0.6
        args: tuple[Any, ...] = (who, allowed)
        self.attempt(self.economy.x402, "setFacilitator", *args, sender=payee)
        listed = self.facilitators.setdefault(payee, set())
        (listed.add if allowed else listed.discard)(who)

    # -- invariants ----------------------------------------------------------------------------

    def check_event(self, receipt: Receipt, auth: Auth, amount: int) -> None:
        expected = {"from": auth.sender, "to": auth.to, "value": amount, "nonce": auth.nonce}
        assert receipt.only("PaymentSettled") == expected

    def check(self) -> None:
        super().check()
        for item in self.seen[-12:]:  # X-I4: used stays used, and nothing else is
            key = (item.auth.sender, item.auth.nonce)
            assert self.economy.x402.call("authorizationState", *key) == (key in self.used)
        for payee, listed in self.facilitators.items():
            assert self.economy.x402.call("facilitatorCount", payee) == len(listed)
