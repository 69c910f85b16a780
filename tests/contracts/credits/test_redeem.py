"""Redeem codes, function by function and attack by attack."""

from __future__ import annotations

import pytest

from tests.contracts.calls import Receipt, reverts
from tests.contracts.credits.codes import Codes
from tests.contracts.economy import ETHER, ZERO, Economy, bare
from tests.contracts.signing import INVITE_CLAIM, Key

MAX_BATCH = 500
HOUR = 3_600
MEMO = b"LH-REDEEM".ljust(32, b"\0")


class Mint:
    """The owner adds codes; alice redeems; carol is a stranger."""

    def __init__(self, economy: Economy) -> None:
        self.economy, self.facet, self.codes = economy, economy.redeem, Codes(economy)
        self.alice, self.carol = economy.address("alice"), economy.address("carol")
        self.owner = economy.owner.address

    def send(self, name: str, *args: object, sender: bytes | None = None) -> Receipt:
        return self.facet.send(name, *args, sender=sender or self.owner)

    def add(self, *names: str, amount: int = 10 * ETHER) -> Receipt:
        return self.send("addRedeemCodes", [self.codes.hash(n) for n in names], amount)

    def guard(self, *names: str, amount: int = 10 * ETHER) -> Receipt:
        keys = [self.codes.key(name).address for name in names]
        hashes = [self.codes.hash(name) for name in names]
        return self.send("addGuardedRedeemCodes", hashes, keys, amount)

    def redeem(self, name: str = "code", sender: bytes | None = None) -> Receipt:
        return self.send("redeem", name, sender=sender or self.alice)

    def claim(self, name: str = "code", to: bytes | None = None) -> Receipt:
        args = self.codes.redeem_claim(name, to or self.alice, self.economy.now)
        return self.send("redeemFor", *args, sender=self.carol)

    def view(self, name: str = "code") -> tuple[int, bool, bytes]:
        code = self.codes.hash(name)
        views = ("redeemAmountOf", "isRedeemed", "redeemClaimKeyOf")
        amount, used, key = (self.facet.call(view, code) for view in views)
        return amount, used, key


@pytest.fixture
def mint(economy: Economy) -> Mint:
    return Mint(economy)


def test_adding(mint: Mint) -> None:
    receipt = mint.add("a", "b")
    assert [event.args for event in receipt.events] == [
        {"codeHash": mint.codes.hash(n), "amountWei": 10 * ETHER, "claimKey": ZERO}
        for n in ("a", "b")
    ]
    key = mint.codes.key("c").address
    receipt = mint.guard("c", amount=7)
    assert receipt.only("RedeemCodeAdded") == {
        "codeHash": mint.codes.hash("c"),
        "amountWei": 7,
        "claimKey": key,
    }
    assert [mint.view(name) for name in "abcd"] == [
        (10 * ETHER, False, ZERO), (10 * ETHER, False, ZERO), (7, False, key), (0, False, ZERO),
    ]  # fmt: skip


def test_adding_refusals_in_order(mint: Mint) -> None:
    many = [bytes([n % 256, n // 256]).rjust(32) for n in range(MAX_BATCH + 1)]
    with reverts("NotOwner"):
        mint.send("addRedeemCodes", many, 0, sender=mint.alice)
    with reverts("NotOwner"):
        mint.send("addGuardedRedeemCodes", many, [], 0, sender=mint.alice)
    with reverts("LengthMismatch"):
        mint.send("addGuardedRedeemCodes", many, [], 0)
    mint.add("there")
    there = [mint.codes.hash("there")]
    for name, extra in (("addRedeemCodes", []), ("addGuardedRedeemCodes", [[ZERO]])):
        keys = [[ZERO] * len(many)] if extra else []
        with reverts("BatchTooLarge", MAX_BATCH):
            mint.send(name, many, *keys, 0)
        with reverts("InvalidCode"):
            mint.send(name, there, *extra, 0)
        with reverts("CastOverflow"):
            mint.send(name, there, *extra, 2**88)
    with reverts("ZeroAddress"):
        mint.send("addGuardedRedeemCodes", there, [ZERO], 1)
    with reverts("CodeExists"):
        mint.add("new", "there")
    with reverts("CodeExists"):
        mint.guard("there")
    with reverts("CodeExists"):
        mint.add("twice", "twice")
    assert mint.view("new") == (0, False, ZERO)  # all or nothing
    assert mint.add(amount=1).events == []
    mint.add("most", amount=2**88 - 1)


def test_five_hundred_codes_fit_a_block(mint: Mint) -> None:
    receipt = mint.add(*(f"code {n}" for n in range(MAX_BATCH)))
    assert receipt.outcome.transaction_gas < 16_000_000
    assert mint.redeem("code 499").value == 10 * ETHER


def test_redeeming_mints_once_rd_i2(mint: Mint) -> None:
    economy = mint.economy
    mint.add("code")
    before, supply = economy.balance(mint.alice), economy.credits.call("totalSupply")
    receipt = mint.redeem()
    code = mint.codes.hash("code")
    assert receipt.value == 10 * ETHER
    assert receipt.only("Redeemed") == {
        "user": mint.alice,
        "amount": 10 * ETHER,
        "codeHash": code,
    }
    (memo,) = [
        event.args["memo"]
        for log in receipt.outcome.logs
        if (event := economy.credits.interface.event(log)) and event.name == "TransferWithMemo"
    ]
    assert memo == MEMO
    assert economy.balance(mint.alice) - before == 10 * ETHER
    assert economy.credits.call("totalSupply") - supply == 10 * ETHER
    assert mint.view() == (10 * ETHER, True, ZERO)


def test_redeeming_refusals_in_order(mint: Mint) -> None:
    mint.send("setRedeemRequiresIdentity", True)
    mint.add("plain", "used")
    mint.guard("guarded")
    now = mint.economy.now
    with reverts("InvalidCode"):
        mint.redeem("unknown")
    with reverts("InvalidCode"):
        mint.claim("unknown")
    with reverts("ClaimKeyRequired"):
        mint.redeem("guarded")
    with reverts("NotGuarded"):
        mint.claim("plain")
    past = mint.codes.redeem_claim("guarded", mint.alice, now - 1)
    with reverts("AuthExpired"):
        mint.send("redeemFor", *past, sender=mint.carol)
    with reverts("BadSignature"):
        mint.send("redeemFor", past[0], mint.alice, now, past[3], sender=mint.carol)
    for act in (lambda: mint.redeem("plain"), lambda: mint.claim("guarded")):
        with reverts("NoIdentity"):
            act()
    mint.economy.register("alice", "alice")
    mint.redeem("plain")
    mint.claim("guarded")
    for act in (lambda: mint.redeem("plain"), lambda: mint.claim("guarded")):
        with reverts("CodeAlreadyUsed"):
            act()


def test_the_recipient_needs_the_identity_not_the_sender(mint: Mint) -> None:
    receipt = mint.send("setRedeemRequiresIdentity", True)
    assert receipt.only("RedeemRequiresIdentitySet") == {"required": True}
    assert mint.facet.call("redeemRequiresIdentity") is True
    mint.guard("code")
    mint.economy.register("carol", "carol")  # carol sends, alice would be paid
    with reverts("NoIdentity"):
        mint.claim()
    mint.send("setRedeemRequiresIdentity", False)
    mint.claim()


def test_redeeming_needs_a_token() -> None:
    mint = Mint(bare())
    mint.add("plain")
    mint.guard("guarded")
    for act in (lambda: mint.redeem("plain"), lambda: mint.claim("guarded")):
        with reverts("NotConfigured"):
            act()


@pytest.mark.parametrize(("late", "error"), [(-1, None), (0, None), (1, "AuthExpired")])
def test_a_claim_is_good_until_its_deadline(mint: Mint, late: int, error: str | None) -> None:
    mint.guard("code")
    args = mint.codes.redeem_claim("code", mint.alice, mint.economy.now + HOUR)
    mint.economy.later(HOUR + late)
    if error is None:
        mint.send("redeemFor", *args, sender=mint.carol)
    else:
        with reverts(error):
            mint.send("redeemFor", *args, sender=mint.carol)


def test_disabled_codes_mint_nothing(mint: Mint) -> None:
    mint.add("a", "used")
    mint.guard("b")
    mint.redeem("used")
    hashes = [mint.codes.hash(name) for name in ("a", "used", "unknown", "b", "a")]
    with reverts("NotOwner"):
        mint.send("disableRedeemCodes", hashes, sender=mint.alice)
    with reverts("BatchTooLarge", MAX_BATCH):
        mint.send("disableRedeemCodes", hashes[:1] * (MAX_BATCH + 1))
    receipt = mint.send("disableRedeemCodes", hashes)
    assert [event.args["codeHash"] for event in receipt.events] == [hashes[0], hashes[3]]
    with reverts("InvalidCode"):
        mint.redeem("a")
    with reverts("InvalidCode"):
        mint.claim("b")
    assert mint.view("used") == (10 * ETHER, True, ZERO)  # still used
    mint.guard("a", amount=3)  # back, on other terms
    assert mint.claim("a").value == 3


def test_a_code_mints_once_whatever_the_owner_does_rd_i1(mint: Mint) -> None:
    """Used, then disabled, then added again: used it stays."""
    mint.add("code")
    mint.redeem()
    mint.send("disableRedeemCodes", [mint.codes.hash("code")])
    for again in (mint.add, mint.guard):
        with reverts("CodeExists"):
            again("code")
    for sender in (mint.alice, mint.carol):
        with reverts("CodeAlreadyUsed"):
            mint.redeem(sender=sender)


def test_running_ahead_of_a_guarded_code(mint: Mint) -> None:
    """The claim pays alice whoever sends it, and nobody else however it is bent."""
    mint.guard("code", "other")
    now, mallory = mint.economy.now, Key.named("mallory")
    good = mint.codes.redeem_claim("code", mint.alice, now)
    code, _, deadline, sig = good
    bad = [
        (code, mint.carol, deadline, sig),
        (code, mint.alice, deadline + 1, sig),
        (mint.codes.hash("other"), mint.alice, deadline, sig),
        mint.codes.redeem_claim("code", mint.carol, now, mallory),
        mint.codes._claim(INVITE_CLAIM, "code", mint.alice, now, None),
    ]
    for claim in bad:
        with reverts("BadSignature"):
            mint.send("redeemFor", *claim, sender=mint.carol)
    before = mint.economy.balance(mint.alice)
    mint.send("redeemFor", *good, sender=mint.carol)
    assert mint.economy.balance(mint.alice) - before == 10 * ETHER
    with reverts("CodeAlreadyUsed"):
        mint.send("redeemFor", *good, sender=mint.carol)


def test_junk_cannot_exhaust_the_mint_window(mint: Mint) -> None:
    """Guesses mint nothing; a code met by a closed window stays good until it opens."""
    mint.economy.credits.send("tightenMintWindow", 15 * ETHER, 240, sender=mint.owner)
    mint.add("first", "second")
    for n in range(20):
        with reverts("InvalidCode"):
            mint.redeem(f"guess {n}", mint.carol)
    mint.redeem("first")
    with reverts("TokenCallFailed", mint.economy.credits.address):
        mint.redeem("second")
    assert mint.view("second") == (10 * ETHER, False, ZERO)
    mint.economy.later(251)
    mint.redeem("second")


def test_a_token_that_calls_back_finds_the_door_closed_and_the_code_used(mint: Mint) -> None:
    economy = mint.economy
    token = economy.bound("HostileToken", economy.create("HostileToken"))
    economy.credits_facet.send("setCreditsToken", token.address, sender=mint.owner)
    mint.add("code", "other")
    for again in ("code", "other"):
        mark = economy.evm.snapshot()
        payload = mint.facet.data("redeem", again)
        token.send("setReentry", economy.diamond, payload, sender=mint.alice)
        token.send("setMode", 6, sender=mint.alice)
        mint.redeem()
        _, ok, answer = token.call("reentry")
        assert (ok, mint.facet.interface.error(answer)[0]) == (False, "Reentrancy")
        assert token.call("balanceOf", mint.alice) == 10 * ETHER
        assert mint.view("other") == (10 * ETHER, False, ZERO)
        economy.evm.revert(mark)
