"""Deposited credits and the fiat gate beside a Python model of them."""

from __future__ import annotations

from random import Random

from hypothesis.stateful import rule

from tests.contracts.credits.gate import FOREVER, Gate
from tests.contracts.economy import ETHER, METER, TREASURY
from tests.contracts.signing import Key, nonce
from tests.invariants.machine import DICE
from tests.invariants.meter_model import DAY, Account, Purchase
from tests.invariants.world import World

HOUR = 3_600
WINDOW = 240
GATE_CAP, GATE_WINDOW_CAP = 100 * ETHER, 600 * ETHER
AMOUNTS = (1, 2, 3, 7, ETHER, 3 * ETHER, 50 * ETHER)
LOCKS = (0, 60, HOUR, HOUR, HOUR, DAY)


class MeterRules(World):
    """Six users deposit, buy, are metered, clawed back and withdraw; the owner changes the terms."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = Gate(self.economy)
        self.accounts = {actor: Account() for actor in self.actors}
        self.purchases: dict[str, Purchase] = {}
        self.meter_refs: set[int] = set()
        self.fiat_minted: list[tuple[int, int]] = []  # (time, amount)
        self.fiat_lock = HOUR
        self.fiat_cap = GATE_WINDOW_CAP
        self.fiat_issuer = self.economy.fiat_issuer
        self.gate.send("setFiatLockSecs", HOUR)
        self.gate.send("setPerReceiptMaxWei", GATE_CAP)
        self.gate.send("setFiatMintWindow", GATE_WINDOW_CAP, WINDOW)

    @rule(dice=DICE)
    def meter_step(self, dice: Random) -> None:
        self.meter_time(dice)
        # Most of what happens happens to one user, who has many lots.
        who = self.actors[0] if dice.random() < 0.6 else dice.choice(self.actors)
        action = dice.choice(
            (
                self.meter_deposit,
                self.meter_withdraw,
                self.meter_debit,
                self.meter_debit,
                self.meter_batch,
                self.fiat_mints,
                self.fiat_mints,
                self.fiat_claw,
                self.fiat_claw,
                self.fiat_dispute,
                self.meter_terms,
            )
        )
        action(dice, who)

    def meter_time(self, dice: Random) -> None:
        if dice.random() < 0.3:
            step = self.fiat_lock // 7 + 1
            self.economy.later(dice.choice((1, 10, 59, 60, step, step)))
        if dice.random() < 0.02:
            self.economy.later(self.fiat_lock)

    def meter_account(self, who: bytes) -> Account:
        account = self.accounts[who]
        account.unlock(self.now)
        return account

    # -- users ---------------------------------------------------------------------------------

    def meter_deposit(self, dice: Random, who: bytes) -> None:
        amount = self.within_purse(who, dice.choice(AMOUNTS))
        expect = None if amount else "ZeroAmount"
        facet = self.economy.credit_meter
        if self.attempt(facet, "depositCredits", amount, sender=who, expect=expect):
            self.accounts[who].credits += amount
            self.escrow(who, amount, METER)

    def meter_withdraw(self, dice: Random, who: bytes) -> None:
        account = self.meter_account(who)
        if account.free == 0 and dice.random() < 0.9:
            return
        amount = dice.choice((1, max(1, account.free // 2), max(1, account.free)))
        if dice.random() < 0.1:
            amount = account.free + 1  # the locked part, when there is one
        expect = "InsufficientCredits" if amount > account.free else None
        facet = self.economy.credit_meter
        if self.attempt(facet, "withdrawCredits", amount, sender=who, expect=expect):
            account.credits -= amount
            self.release(who, amount, METER)

    # -- meter ---------------------------------------------------------------------------------

    def meter_debit(self, dice: Random, who: bytes) -> None:
        account = self.meter_account(who)
        room = min(account.credits, account.cap_left(self.now))
        if room == 0 and dice.random() < 0.8:
            return
        # Often a part of the oldest lot: so it has shares to be clawed back from.
        oldest = account.lots[0].left if account.lots else 0
        part = min(room, account.free + max(1, 2 * oldest // 3))
        amount = dice.choice((1, 2, max(1, part), max(1, part), max(1, part), max(1, room // 3)))
        if dice.random() < 0.15:
            amount = room + dice.randint(0, 1)
        name = dice.choice(("meter", "meterUpTo", "meterRef"))
        ref = self.meter_ref(dice)
        expect = None
        if name != "meterUpTo" and amount == 0:
            expect = "ZeroAmount"
        elif name == "meterRef" and ref in self.meter_refs:
            expect = "RefUsed"
        elif name != "meterUpTo" and amount > account.credits:
            expect = "InsufficientCredits"
        elif name != "meterUpTo" and amount > account.cap_left(self.now):
            expect = "MeterCapExceeded"
        extra = (nonce(ref),) if name == "meterRef" else ()
        receipt = self.attempt(
            self.economy.credit_meter,
            name,
            who,
            amount,
            *extra,
            sender=self.gate.meter,
            expect=expect,
        )
        if receipt is None:
            return
        if name == "meterUpTo":
            assert receipt.value == min(amount, room)
            amount = receipt.value
        if name == "meterRef":
            self.meter_refs.add(ref)
        self.meter_charge(account, amount)

    def meter_batch(self, dice: Random, who: bytes) -> None:
        entries = []
        for _ in range(dice.randint(1, 6)):
            user = who if dice.random() < 0.5 else dice.choice(self.actors)
            entries.append((user, dice.choice(AMOUNTS[:4]), self.meter_ref(dice)))
        columns = [list(column) for column in zip(*entries, strict=True)]
        refs = [nonce(ref) for ref in columns[2]]
        receipt = self.attempt(
            self.economy.credit_meter,
            "meterBatch",
            columns[0],
            columns[1],
            refs,
            sender=self.gate.meter,
        )
        assert receipt is not None
        for (user, amount, ref), debited in zip(entries, receipt.value, strict=True):
            account = self.meter_account(user)
            fits = amount <= min(account.credits, account.cap_left(self.now))
            good = fits and ref not in self.meter_refs
            assert debited == (amount if good else 0)
            if good:
                self.meter_refs.add(ref)
                self.meter_charge(account, amount)

    def meter_ref(self, dice: Random) -> int:
        used = sorted(self.meter_refs)
        return dice.choice(used) if used and dice.random() < 0.15 else len(used) + 1_000

    def meter_charge(self, account: Account, amount: int) -> None:
        account.debit(amount, self.now)
        self.held[METER] -= amount
        self.held[TREASURY] += amount

    # -- the gate ------------------------------------------------------------------------------

    def fiat_counted(self) -> int:
        """Everything in the current 24th of the window or the 24 before it."""
        sub = WINDOW // 24
        return sum(a for t, a in self.fiat_minted if t // sub >= self.now // sub - 24)

    def fiat_mints(self, dice: Random, who: bytes) -> None:
        """Purchases come alone, at once, seconds apart or steps apart."""
        apart = dice.choice((0, 0, 1, 1, self.fiat_lock // 7 + 1))
        for _ in range(dice.choice((1, 2, 3, 6))):
            self.fiat_mint(dice, who)
            self.economy.later(apart)

    def fiat_dispute(self, dice: Random, who: bytes) -> None:
        """Several purchases in one lot, some of it spent, then clawed back piece by piece."""
        who = min(self.actors, key=lambda actor: len(self.meter_account(actor).lots))
        for _ in range(3):
            self.fiat_mint(dice, who)
        account = self.meter_account(who)
        if not account.lots:
            return
        spent = account.free + dice.randint(1, max(1, account.lots[0].left - 1))
        spent = min(spent, account.credits, account.cap_left(self.now))
        facet, meter = self.economy.credit_meter, self.gate.meter
        self.attempt(facet, "meterUpTo", who, spent, sender=meter)
        if spent:
            self.meter_charge(account, spent)
        for _ in range(dice.randint(1, 4)):
            self.fiat_claw(dice, who)

    def fiat_mint(self, dice: Random, who: bytes) -> None:
        names = sorted(self.purchases)
        fresh = not names or dice.random() < 0.95
        name = f"r{len(names)}" if fresh else dice.choice(names)
        amount = dice.choice(AMOUNTS)
        if dice.random() < 0.03:
            amount = GATE_CAP + 1
        if fresh and self.fiat_counted() + amount > self.fiat_cap and dice.random() < 0.8:
            self.economy.later(WINDOW // 8)
        signer, until = self.fiat_issuer, FOREVER
        if dice.random() < 0.05:
            signer = dice.choice((Key.named("a former issuer"), self.economy.clawbacker))
        if dice.random() < 0.05:
            until = self.now + dice.choice((0, 1))
        expect = None
        if until <= self.now:
            expect = "AuthExpired"
        elif not fresh:
            expect = "ReceiptUsed"  # MG-I2
        elif amount > GATE_CAP:
            expect = "PerReceiptCapExceeded"
        elif signer is not self.fiat_issuer:
            expect = "BadSignature"
        elif self.fiat_counted() + amount > self.fiat_cap:
            expect = "FiatWindowCapExceeded"
        args = self.gate.signed(name, amount, who, until=until, key=signer)
        account = self.meter_account(who)
        before = list(account.lots)
        receipt = self.attempt(
            self.economy.mint_gate,
            "mintFromFiat",
            *args,
            sender=dice.choice(self.actors),
            expect=expect,
        )
        if receipt is None:
            return
        purchase, unlock_at = account.buy(name, amount, self.fiat_lock, self.now)
        purchase.to = who
        self.purchases[name] = purchase
        assert receipt.only("FiatMinted")["unlockAt"] == unlock_at
        assert self.now + self.fiat_lock <= unlock_at
        assert len(account.lots) <= 16
        assert [lot for lot in before if lot not in account.lots] in ([], before[:1])
        self.fiat_minted.append((self.now, amount))
        recent = sum(a for t, a in self.fiat_minted if t > self.now - WINDOW)
        assert recent <= self.fiat_cap  # MG-I3
        self.held[METER] += amount
        self.supply += amount

    def fiat_claw(self, dice: Random, who: bytes) -> None:
        names = [n for n, p in self.purchases.items() if p.to == who and not p.closed]
        oldest = next(iter(self.meter_account(who).lots), None)
        shared = [n for n in names if oldest is not None and self.purchases[n].lot is oldest]
        if len(shared) > 1 and dice.random() < 0.6:
            names = shared
        if not names or dice.random() < 0.05:
            names = sorted(self.purchases)
        if not names:
            return
        name = dice.choice(names)
        purchase = self.purchases[name]
        if purchase.closed and dice.random() < 0.7:
            return
        account = self.meter_account(purchase.to)
        others = self.fiat_shares()
        free, own = account.free, account.share(name, purchase)
        most = None if dice.random() < 0.5 else dice.choice((0, 1, own // 2, own, own + 1))
        call = "clawbackFiatMint" if most is None else "clawbackFiatMintUpTo"
        stranger = dice.random() < 0.05
        sender = dice.choice((self.gate.clawbacker, self.gate.owner))
        expect = None
        if stranger:
            sender, expect = self.gate.meter, "NotClawbacker"
        elif purchase.closed:
            expect = "AlreadyClawed"
        receipt = self.attempt(
            self.economy.mint_gate,
            call,
            self.gate.receipt_id(name),
            *(() if most is None else (most,)),
            sender=sender,
            expect=expect,
        )
        if receipt is None:
            return
        taken = account.claw(name, purchase, 2**256 if most is None else most)
        assert receipt.value == taken == min(own, own if most is None else most)
        purchase.closed = most is None or purchase.clawed == purchase.amount
        assert purchase.clawed <= purchase.amount  # MG-I4
        assert account.free == free  # MG-I4: deposits
        for other, share in self.fiat_shares().items():
            assert other == name or share >= others[other]  # MG-I4: other receipts
        self.held[METER] -= taken  # MG-I5, with the supply
        self.supply -= taken

    def fiat_shares(self) -> dict[str, int]:
        """What each receipt could recover, by the model."""
        return {n: self.meter_account(p.to).share(n, p) for n, p in self.purchases.items()}

    # -- terms ---------------------------------------------------------------------------------

    def meter_terms(self, dice: Random, who: bytes) -> None:
        choice = dice.random()
        account = self.accounts[who]
        if choice < 0.5:
            cap = dice.choice((0, 0, 10, 10 * ETHER, 1_000 * ETHER))
            self.attempt(self.economy.credit_meter, "setMeterCap", cap, sender=who)
            account.cap = cap
        elif choice < 0.7:
            lock = dice.choice(LOCKS)
            self.attempt(self.economy.mint_gate, "setFiatLockSecs", lock, sender=self.gate.owner)
            self.fiat_lock = lock
        elif choice < 0.75:
            self.fiat_issuer = Key.named(f"issuer {dice.randint(0, 2)}")
            self.attempt(
                self.economy.mint_gate,
                "setFiatIssuerSigner",
                self.fiat_issuer.address,
                sender=self.gate.owner,
            )

        else:
            self.fiat_fill(dice, who)

    def fiat_fill(self, dice: Random, who: bytes) -> None:
        """As many lots as a lock has room for, and then a longer lock."""
        lock = self.fiat_lock
        for n in range(16):
            self.fiat_mint(dice, who)
            self.economy.later(1 if n < 8 else lock // 7 + 1)
        if dice.random() < 0.5:
            facet, longer = self.economy.mint_gate, min(10 * lock, 365 * DAY)
            self.attempt(facet, "setFiatLockSecs", longer, sender=self.gate.owner)
            self.fiat_lock = longer
            self.fiat_mint(dice, who)

    # -- the whole state -----------------------------------------------------------------------

    def check(self) -> None:
        super().check()
        meter, gate = self.economy.credit_meter, self.economy.mint_gate
        assert self.economy.held(METER) == self.held[METER]
        assert self.held[METER] == sum(a.credits for a in self.accounts.values())  # CM-I1
        total = 0
        for who in self.actors:
            account = self.meter_account(who)
            credit = meter.call("creditOf", who)
            assert credit == account.credits  # CM-I2: no rule but the model's changes it
            total += credit
            locked, unlock_at = gate.call("fiatLockedOf", who)
            assert (locked, locked <= credit) == (account.locked, True)  # MG-I1
            assert meter.call("withdrawableOf", who) + locked == credit  # CM-I3
            live = [(lot.left, lot.unlock_at) for lot in account.lots if lot.left]
            amounts, times = gate.call("lotsOf", who)
            assert list(zip(amounts, times, strict=True)) == live
            assert sum(amounts) == locked  # MG-I1, exactly
            assert unlock_at == (live[-1][1] if live else 0)
            assert times == tuple(sorted(times))
            policy = (account.cap, account.debited_today(self.now))
            assert meter.call("meterPolicyOf", who) == policy
        assert total == self.economy.held(METER)  # CM-I1
        assert gate.call("fiatMintWindow")[3] == self.fiat_counted()
        assert self.economy.credits.call("totalSupply") == self.supply  # MG-I5
        circulating = self.supply - self.economy.balance(self.economy.diamond)
        assert gate.call("circulatingSupply") == circulating
        for name, share in list(self.fiat_shares().items())[-8:]:
            p = self.purchases[name]
            assert self.gate.recoverable(name) == share
            assert self.gate.info(name) == (p.to, p.amount, True, p.closed, p.clawed)  # MG-I2
