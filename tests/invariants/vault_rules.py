"""The vault beside a Python model of it."""

from __future__ import annotations

from random import Random
from typing import NamedTuple

from hypothesis.stateful import rule

from tests.contracts.calls import Receipt
from tests.contracts.economy import ACTORS, DAY, USD_PURSE, VAULT, VAULT_FEES, ZERO
from tests.contracts.payments.tab import USD, Tab
from tests.contracts.signing import Key
from tests.invariants.machine import DICE
from tests.invariants.vault_model import Pair, Vault
from tests.invariants.world import World

CODES = {None: 0, "NoSessionKey": 1, "BadSignature": 2, "StaleReceipt": 3, "ExceedsReservation": 4}
AMOUNTS = (1, 7, USD // 3, 5 * USD)


class Signed(NamedTuple):
    """A receipt somebody holds."""

    consumer: bytes
    operator: bytes
    cumulative: int
    key: int
    epoch: int
    cycle: int
    signature: bytes


class VaultRules(World):
    """Three consumers with two keys each, four operators one of whom consumes too, and the people in charge."""

    def __init__(self) -> None:
        super().__init__()
        self.tab = Tab(self.economy)
        self.vault = Vault()
        self.consumers, self.operators = self.actors[:3], self.actors[2:]
        self.session_keys = [Key.named(f"vault key {n}") for n in range(2)]
        self.dollars = dict.fromkeys(self.actors, USD_PURSE)
        self.dollars[self.economy.fee_recipient] = 0
        self.receipts: list[Signed] = []
        self.salt = 0
        self.lasting: dict[object, int] = {}  # V-I5
        for who in self.actors:
            self.tab.token.send("approve", self.economy.diamond, 2**256 - 1, sender=who)
        for who in self.consumers[:2]:  # the third begins with nothing
            self.tab.deposit(50 * USD, who, self.session_keys[0])
            self.vault.deposit(who, 50 * USD, 0, own=True)
            self.dollars[who] -= 50 * USD

    @rule(dice=DICE)
    def vault_step(self, dice: Random) -> None:
        """Time, then something somebody does, usually something that works."""
        # Seeds repeat, the first ones most of all; the number of the step keeps their stories apart.
        dice = Random(f"{dice.random()} {self._steps}")
        self.time_passes(dice)
        if dice.random() < 0.1:
            self.economy.later(dice.choice((DAY, DAY, 2 * DAY, 2 * DAY, 30 * DAY)))
        many, some, few = (
            (self.vault_reserve, self.vault_redeem),
            (self.vault_deposit, self.vault_leave),
            (self.vault_release,),
        )
        rare = (self.vault_keys, self.vault_roles, self.vault_batch)
        dice.choice((*many * 3, *some * 2, self.vault_leave, *few, *rare))(dice)

    def vault_call(
        self, dice: Random, name: str, *args: object, sender: bytes, expect: str | None
    ) -> Receipt | None:
        """A call that the model expects to fail is mostly not made."""
        if expect is not None and dice.random() < 0.8:
            return None
        return self.attempt(self.economy.vault, name, *args, sender=sender, expect=expect)

    # -- consumers -------------------------------------------------------------------------

    def vault_deposit(self, dice: Random) -> None:
        who, payer = dice.choice(self.consumers), dice.choice(self.actors)
        amount = 0 if dice.random() < 0.03 else dice.choice(AMOUNTS)
        key = dice.randrange(2)
        address = self.session_keys[key].address
        way = dice.choice(("deposit", "depositFor", "depositWithAuthorization"))
        own = way != "depositFor"
        expect = self.vault.deposit_error(who, amount, self.now, own=own)
        if way == "deposit":
            receipt = self.vault_call(dice, way, amount, address, sender=who, expect=expect)
        elif way == "depositFor":
            receipt = self.vault_call(dice, way, who, amount, sender=payer, expect=expect)
        else:
            self.salt += 1
            holder = self.economy.keys[ACTORS[self.actors.index(who)]]
            args = self.tab.authorization(amount, address, self.salt, holder)
            receipt = self.vault_call(dice, way, *args, sender=payer, expect=expect)
        if receipt is None:
            return
        self.dollars[who if own else payer] -= amount
        registered = self.vault.person(who).key is None
        cancelled = self.vault.deposit(who, amount, key, own=own)
        expected = ["SessionKeySet"] * registered + ["WithdrawRequestCancelled"] * cancelled
        assert receipt.names() == [*expected, "Deposited"]

    def vault_leave(self, dice: Random) -> None:
        """Requests, withdrawals and cancellations."""
        who = dice.choice(self.consumers)
        person = self.vault.person(who)
        if not person.requested_at or dice.random() < 0.1:
            expect = None if person.free else "InsufficientWithdrawable"
            if self.vault_call(dice, "requestWithdraw", sender=who, expect=expect):
                self.vault.request(who, self.now)
            return
        if dice.random() < 0.1:
            if self.vault_call(dice, "cancelWithdraw", sender=who, expect=None):
                person.requested_at = person.authorized = 0
            return
        most = min(person.authorized, person.free)
        amount = dice.choice((1, most, most // 2, 0 if dice.random() < 0.2 else most, most + 1))
        expect = self.vault.withdraw_error(who, amount, self.now)
        to = dice.choice(self.actors)
        name, args = dice.choice(
            (("withdraw(uint256)", (amount,)), ("withdraw(uint256,address)", (amount, to)))
        )
        if self.vault_call(dice, name, *args, sender=who, expect=expect):
            self.vault.withdraw(who, amount, self.now)
            self.dollars[who if len(args) == 1 else to] += amount

    def vault_keys(self, dice: Random) -> None:
        who = dice.choice(self.consumers)
        person = self.vault.person(who)
        choice = dice.choice(("key", "freeze", "policy", "policy"))
        if choice == "freeze":
            frozen = not person.frozen or dice.random() < 0.5
            receipt = self.vault_call(dice, "setReservesFrozen", frozen, sender=who, expect=None)
            assert receipt is not None and bool(receipt.events) == (frozen != person.frozen)
            # Mostly thawed again at once: a frozen consumer is a short story.
            person.frozen = frozen
            if frozen and dice.random() < 0.7:
                self.attempt(self.economy.vault, "setReservesFrozen", False, sender=who)
                person.frozen = False
        elif choice == "policy":
            limits = dice.choice(((0, 0), (0, 0), (9 * USD, 0), (0, 6 * USD), (20 * USD, 10 * USD)))
            self.vault_call(dice, "setSpendPolicy", *limits, sender=who, expect=None)
            person.max_locked, person.daily = limits
        else:
            key = dice.randrange(2)
            expect = "SameSessionKey" if key == person.key else None
            if expect is None and person.locked:
                expect = "SessionKeyInUse"
            address = self.session_keys[key].address
            if self.vault_call(dice, "setSessionKey", address, sender=who, expect=expect):
                person.key, person.epoch = key, person.epoch + 1

    # -- reservations and receipts ---------------------------------------------------------

    def vault_reserve(self, dice: Random) -> None:
        who, operator = dice.choice(self.consumers), dice.choice(self.operators)
        person = self.vault.person(who)
        amount = min(dice.choice(AMOUNTS), person.free + (dice.random() < 0.05))
        ttl = dice.choice((60, 3_600, DAY, 30 * DAY))
        if dice.random() < 0.05:
            ttl = dice.choice((0, 30 * DAY + 1))
        nonce = person.nonce + (dice.random() < 0.03)
        key = dice.randrange(2) if dice.random() < 0.05 or person.key is None else person.key
        now, signer = self.now, self.session_keys[key]
        expect = self.vault.reserve_error(who, amount, now + ttl, nonce, key, now)
        if expect is not None and dice.random() < 0.8:
            return
        args = self.tab.reservation(
            amount, now + ttl, nonce, consumer=who, operator=operator, key=signer
        )
        anyone = dice.choice(self.actors)
        vault = self.economy.vault
        receipt = self.attempt(vault, "reserve", *args, sender=anyone, expect=expect)
        if receipt is not None:
            self.vault.reserve(who, operator, amount, now + ttl, now)
            pair = self.vault.pair(who, operator)
            event = receipt.only("Reserved")
            assert (event["expiry"], event["cycle"]) == (pair.expiry, pair.number)

    def vault_receipt(self, dice: Random, operator: bytes | None = None) -> Signed | None:
        """A fresh receipt or an old one; once in a while one that was never good."""
        if self.receipts and dice.random() < 0.1:
            return dice.choice(self.receipts)
        live = [
            (c, o) for (c, o), p in self.vault.pairs.items() if p.locked and operator in (None, o)
        ]
        if not live:
            return None
        consumer, operator = dice.choice(live)
        person, pair = self.vault.person(consumer), self.vault.pair(consumer, operator)
        assert person.key is not None
        more = dice.choice((1, 1 + pair.locked // 3, pair.locked, pair.locked + 5))
        wrong = dice.random()
        key = 1 - person.key if wrong < 0.02 else person.key
        epoch = person.epoch + (0.02 <= wrong < 0.04)
        cycle = pair.number - (0.04 <= wrong < 0.06)
        cumulative = pair.redeemed + (more if wrong > 0.07 else 0)
        signature = self.tab.receipt(
            cumulative, consumer=consumer, operator=operator, epoch=epoch, cycle=cycle,
            key=self.session_keys[key],
        )  # fmt: skip
        signed = Signed(consumer, operator, cumulative, key, epoch, cycle, signature)
        self.receipts.append(signed)
        return signed

    def vault_redeem(self, dice: Random) -> None:
        signed = self.vault_receipt(dice)
        if signed is None:
            return
        expect = self.vault.redeem_error(*signed[:6])
        consumer, operator, cumulative = signed[:3]
        quote = self.economy.vault.call("redeemable", consumer, operator, cumulative)
        args = (consumer, operator, cumulative, signed.signature)
        sender = dice.choice(self.actors)
        receipt = self.vault_call(dice, "redeem", *args, sender=sender, expect=expect)
        if receipt is None:
            return
        paid, fee = self.vault.redeem(consumer, operator, cumulative)
        assert quote == (paid, fee)
        event = receipt.only("Redeemed")
        assert (event["paid"], event["fee"]) == (paid, fee)
        self.dollars[operator] += paid - fee

    def vault_batch(self, dice: Random) -> None:
        operator = dice.choice(self.operators)
        drawn = [self.vault_receipt(dice, operator) for _ in range(dice.randint(1, 5))]
        items = [item for item in drawn if item is not None]
        # Each is judged after the ones before it, so the model runs first and is put back on failure.
        codes, net = [], 0
        for item in items:
            error = self.vault.redeem_error(item.consumer, operator, *item[2:6])
            if error is None and item.operator != operator:
                error = "BadSignature"
            if error is not None and item.operator != operator:
                known = self.vault.person(item.consumer).key is not None
                error = "BadSignature" if known else "NoSessionKey"
            codes.append(CODES[error])
            if error is None:
                paid, fee = self.vault.redeem(item.consumer, operator, item.cumulative)
                net += paid - fee
        if 0 not in codes and dice.random() < 0.8:
            return
        triples = [(i.consumer, i.cumulative, i.signature) for i in items]
        args = self.tab.batch_arguments(triples, operator)
        expect = None if 0 in codes else "NothingRedeemed"
        vault, sender = self.economy.vault, dice.choice(self.actors)
        receipt = self.attempt(vault, "redeemBatch", *args, sender=sender, expect=expect)
        if receipt is not None:
            assert receipt.value == (net, tuple(codes))
            self.dollars[operator] += net

    def vault_release(self, dice: Random) -> None:
        live = [key for key, pair in self.vault.pairs.items() if pair.locked]
        if not live:
            return
        due = [key for key in live if self.vault.is_due(self.vault.pairs[key], self.now)]
        who, operator = dice.choice(due or live)
        pair = self.vault.pair(who, operator)
        way = dice.random()
        if way < 0.25:
            amount = dice.choice((1, pair.locked, pair.locked // 2, pair.locked + 1))
            expect = None if 0 < amount <= pair.locked else "BadAmount"
            args = (who, amount)
            if self.vault_call(dice, "releaseByOperator", *args, sender=operator, expect=expect):
                self.vault.release(who, operator, amount)
        elif way < 0.75:
            expect = None if due else "NotExpired"
            args = (who, operator)
            anyone = dice.choice(self.actors)
            if self.vault_call(dice, "releaseExpired", *args, sender=anyone, expect=expect):
                self.vault.release(who, operator, pair.locked)
        elif due:
            consumers, operators = [c for c, _ in live], [o for _, o in live]
            vault, anyone = self.economy.vault, dice.choice(self.actors)
            self.attempt(vault, "releaseExpiredBatch", consumers, operators, sender=anyone)
            for consumer, operator in due:
                self.vault.release(consumer, operator, self.vault.pair(consumer, operator).locked)

    # -- the people in charge --------------------------------------------------------------

    def vault_roles(self, dice: Random) -> None:
        choice = dice.choice(("pause", "fee", "fee", "collect", "collect"))
        facet, model, now = self.economy.vault_admin, self.vault, self.now
        anyone = dice.choice(self.actors)
        if choice == "pause":
            on = dice.random() < 0.5
            expect, guardian = model.pause_error(on, now), self.economy.guardian.address
            receipt = self.attempt(facet, "setPaused", on, sender=guardian, expect=expect)
            if receipt is not None:
                assert bool(receipt.events) == model.pause(on, now)
            if on and receipt and dice.random() < 0.7:  # a pause is a short story as well
                self.attempt(facet, "setPaused", False, sender=guardian)
                model.pause(False, now)
        elif choice == "collect":
            if model.fees:
                self.attempt(facet, "collectFees", sender=anyone)
                self.dollars[self.economy.fee_recipient] += model.fees
                model.fees = 0
        elif model.proposed is None:
            bps = dice.choice((0, 1, 30, 500, 5_000))
            self.attempt(facet, "proposeFee", bps, sender=self.economy.fee_admin.address)
            model.propose(bps, now)
        elif self.attempt(facet, "applyFee", sender=anyone, expect=model.apply_error(now)):
            model.fee_bps, model.proposed = model.proposed[0], None

    # -- reading it all back ---------------------------------------------------------------

    def check(self) -> None:
        super().check()
        self.vault.check()
        read, token = self.economy.vault.call, self.tab.token.address
        total, fees = self.vault.total(), self.vault.fees
        assert read("totalBalance") == total == self.economy.held(VAULT, token)  # V-I1, V-I3
        accrued = self.economy.vault_admin.call("feesAccrued")
        assert accrued == fees == self.economy.held(VAULT_FEES, token)  # V-I3
        assert self.tab.balance_of(self.economy.diamond) == total + fees  # INV-SOLV
        for account, dollars in self.dollars.items():
            assert self.tab.balance_of(account) == dollars
        for who in self.consumers:
            self.check_vault_person(who)
        for (who, operator), pair in self.vault.pairs.items():
            self.check_vault_pair(who, operator, pair)

    def check_vault_person(self, who: bytes) -> None:
        read, person = self.economy.vault.call, self.vault.person(who)
        assert (read("withdrawable", who), read("lockedTotal", who)) == (person.free, person.locked)
        assert read("balance", who) == person.free + person.locked  # V-I2
        key = ZERO if person.key is None else self.session_keys[person.key].address
        assert (read("sessionKey", who), read("keyEpoch", who)) == (key, person.epoch)
        assert read("reserveNonce", who) == person.nonce
        assert read("withdrawRequestedAt", who) == person.requested_at
        assert read("withdrawAuthorized", who) == person.authorized
        assert read("reservesFrozen", who) is person.frozen
        today = person.reserved_today if person.day == self.now // DAY else 0
        assert read("spendPolicy", who) == (person.max_locked, person.daily, today)
        self.never_falls((who, "epoch"), person.epoch)
        self.never_falls((who, "nonce"), person.nonce)

    def check_vault_pair(self, who: bytes, operator: bytes, pair: Pair) -> None:
        found = self.economy.vault.call("ops", who, operator)
        assert found == (pair.locked, pair.redeemed, pair.expiry, pair.created, pair.number)
        assert self.economy.vault.call("cycleFeeBps", who, operator) == pair.fee_bps
        self.never_falls((who, operator), pair.number)

    def never_falls(self, what: object, value: int) -> None:
        """V-I5."""
        assert value >= self.lasting.get(what, 0)
        self.lasting[what] = value
