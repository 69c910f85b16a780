"""LibToken against every token misbehaviour: what moves, what the ledger says, what reverts."""

from __future__ import annotations

import pytest

from tests.contracts.calls import Bound, reverts
from tests.contracts.economy import BOUNTY, OWED, SCHEDULE, TREASURY, ZERO, Economy

NORMAL, NO_RETURN, FALSE, SHORT, LONG, FEE, REENTER, BLOCK, REVERT, BURN, WRONG, TWO = range(12)
OWN_MONEY = 12
MAX = 2**256 - 1


class Ledger:
    """The probe facet over one hostile token; alice has 1,000 units and approved the diamond."""

    def __init__(self, economy: Economy) -> None:
        self.economy = economy
        self.probe: Bound = economy.add_facet("LedgerProbeFacet")
        self.token: Bound = economy.bound("HostileToken", economy.create("HostileToken"))
        self.alice = economy.address("alice")
        self.bob = economy.address("bob")
        self.token.send("mint", self.alice, 1_000, sender=self.alice)
        self.token.send("approve", economy.diamond, MAX // 2, sender=self.alice)

    def do(self, name: str, *args: object):
        return self.probe.send(f"probe{name}", self.token.address, *args, sender=self.bob)

    def mode(self, mode: int) -> None:
        self.token.send("setMode", mode, sender=self.bob)

    def held(self, bucket: int) -> int:
        return self.economy.held(bucket, self.token.address)

    def balance(self, account: bytes) -> int:
        return int(self.token.call("balanceOf", account))

    def fill(self, amount: int = 100, bucket: int = BOUNTY) -> None:
        self.do("PullExact", self.alice, amount, bucket)

    def solvent(self) -> bool:
        total = sum(self.held(bucket) for bucket in range(1, 17))
        return self.balance(self.economy.diamond) >= total


@pytest.fixture
def ledger(economy: Economy) -> Ledger:
    return Ledger(economy)


@pytest.mark.parametrize("mode", [NORMAL, NO_RETURN, LONG])
def test_tokens_that_behave_or_merely_talk_too_little_or_too_much_work(
    ledger: Ledger, mode: int
) -> None:
    ledger.mode(mode)
    ledger.fill(100)
    assert ledger.held(BOUNTY) == 100
    ledger.do("Push", ledger.bob, 40, BOUNTY)
    assert (ledger.held(BOUNTY), ledger.balance(ledger.bob)) == (60, 40)
    receipt = ledger.do("PushOrOwe", ledger.bob, 60, BOUNTY)
    assert receipt.value is True
    assert (ledger.held(BOUNTY), ledger.held(OWED), ledger.balance(ledger.bob)) == (0, 0, 100)
    ledger.do("Relay", ledger.alice, ledger.bob, 5)
    assert ledger.balance(ledger.bob) == 105
    assert ledger.solvent()


@pytest.mark.parametrize("mode", [SHORT, TWO])
def test_a_refusal_that_moved_money_is_not_owed_on_top(ledger: Ledger, mode: int) -> None:
    """INV-SOLV: what left the diamond is not also claimable from it."""
    ledger.fill(100)
    ledger.mode(mode)
    for name in ("PushOrOwe", "Push"):
        with reverts("TokenDelta", 0, 30):
            ledger.do(name, ledger.bob, 30, BOUNTY)
    assert (ledger.held(BOUNTY), ledger.held(OWED), ledger.balance(ledger.bob)) == (100, 0, 0)
    assert ledger.solvent()


@pytest.mark.parametrize("mode", [FALSE, SHORT, REVERT, BURN, TWO])
def test_tokens_that_refuse_fail_the_call(ledger: Ledger, mode: int) -> None:
    ledger.fill(100)
    ledger.mode(mode)
    token = ledger.token.address
    calls = {
        "PullExact": (ledger.alice, 10, BOUNTY),
        "PullDelta": (ledger.alice, 10, BOUNTY),
        "Push": (ledger.bob, 10, BOUNTY),
        "Relay": (ledger.alice, ledger.bob, 10),
    }
    if mode in (SHORT, TWO):
        del calls["Push"]  # it moves what it refuses: the test above
    for name, args in calls.items():
        with reverts("TokenCallFailed", token):
            ledger.do(name, *args)
    assert (ledger.held(BOUNTY), ledger.balance(ledger.bob)) == (100, 0)


@pytest.mark.parametrize("mode", [FALSE, REVERT, BLOCK])
def test_a_refused_payout_is_owed_and_can_be_claimed(ledger: Ledger, mode: int) -> None:
    ledger.fill(100)
    ledger.token.send("setBlocked", ledger.bob, sender=ledger.alice)
    ledger.mode(mode)
    receipt = ledger.do("PushOrOwe", ledger.bob, 30, BOUNTY)
    assert receipt.value is False
    token, treasury = ledger.token.address, ledger.economy.treasury
    assert receipt.only("Owed") == {"token": token, "to": ledger.bob, "amount": 30}
    assert (ledger.held(BOUNTY), ledger.held(OWED)) == (70, 30)
    assert treasury.call("owedOf", token, ledger.bob) == 30
    # Nothing to gain while the token still refuses, and nothing lost.
    with reverts("TokenCallFailed", token):
        treasury.send("claimOwed", token, sender=ledger.bob)
    if mode == BLOCK:  # another address may receive it
        carol = ledger.economy.address("carol")
        claimed = treasury.send("claimOwedTo", token, carol, sender=ledger.bob)
        expected = {"token": token, "account": ledger.bob, "to": carol, "amount": 30}
        assert claimed.only("OwedClaimed") == expected
        assert ledger.balance(carol) == 30
    else:
        ledger.mode(NORMAL)
        assert treasury.send("claimOwed", token, sender=ledger.bob).value == 30
        assert ledger.balance(ledger.bob) == 30
    assert (ledger.held(OWED), treasury.call("owedOf", token, ledger.bob)) == (0, 0)
    with reverts("ZeroAmount"):
        treasury.send("claimOwed", token, sender=ledger.bob)
    with reverts("ZeroAmount"):
        treasury.send("claimOwedTo", token, ledger.alice, sender=ledger.bob)


def test_pulls_measure_what_arrives(ledger: Ledger) -> None:
    ledger.token.send("setFee", 1_000, sender=ledger.bob)
    ledger.mode(FEE)
    with reverts("TokenDelta", 100, 90):
        ledger.do("PullExact", ledger.alice, 100, BOUNTY)
    assert ledger.do("PullDelta", ledger.alice, 100, BOUNTY).value == 90
    assert ledger.held(BOUNTY) == 90
    ledger.token.send("setFee", 10_000, sender=ledger.bob)
    with reverts("ZeroAmount"):
        ledger.do("PullDelta", ledger.alice, 100, BOUNTY)
    ledger.mode(WRONG)
    with reverts("TokenDelta", 100, 99):
        ledger.do("PullExact", ledger.alice, 100, BOUNTY)
    assert ledger.do("PullDelta", ledger.alice, 100, BOUNTY).value == 99
    assert ledger.solvent()


def test_payouts_measure_what_leaves_and_relays_what_arrives(ledger: Ledger) -> None:
    ledger.fill(100)
    ledger.mode(WRONG)
    with reverts("TokenDelta", 50, 49):
        ledger.do("Push", ledger.bob, 50, BOUNTY)
    with reverts("TokenDelta", 50, 49):
        ledger.do("PushOrOwe", ledger.bob, 50, BOUNTY)
    with reverts("TokenDelta", 50, 49):
        ledger.do("Relay", ledger.alice, ledger.bob, 50)
    ledger.token.send("setFee", 100, sender=ledger.bob)
    ledger.mode(FEE)
    with reverts("TokenDelta", 100, 99):
        ledger.do("Relay", ledger.alice, ledger.bob, 100)
    assert ledger.held(BOUNTY) == 100


def test_relay_to_oneself_needs_no_gain(ledger: Ledger) -> None:
    ledger.do("Relay", ledger.alice, ledger.alice, 50)
    assert ledger.balance(ledger.alice) == 1_000


def test_relay_to_oneself_still_needs_a_token(ledger: Ledger) -> None:
    """Without a balance to compare, only the call itself tells that nobody is there."""
    alice = ledger.alice
    fake = ledger.economy.address("erin")
    with reverts("TokenCallFailed", fake):
        ledger.probe.send("probeRelay", fake, alice, alice, 1, sender=ledger.bob)


def test_relay_of_nothing_calls_nobody(ledger: Ledger) -> None:
    ledger.mode(REVERT)
    ledger.do("Relay", ledger.alice, ledger.bob, 0)


def test_buckets_are_walls(ledger: Ledger) -> None:
    ledger.fill(100, BOUNTY)
    ledger.fill(5, SCHEDULE)
    for name in ("Push", "PushOrOwe"):
        with reverts("BucketUnderflow", SCHEDULE):
            ledger.do(name, ledger.bob, 6, SCHEDULE)
        with reverts("BucketUnderflow", TREASURY):
            ledger.do(name, ledger.bob, 1, TREASURY)
    with reverts("BucketUnderflow", SCHEDULE):
        ledger.do("Move", SCHEDULE, TREASURY, 6)
    ledger.do("Move", SCHEDULE, TREASURY, 5)
    assert (ledger.held(SCHEDULE), ledger.held(TREASURY), ledger.held(BOUNTY)) == (0, 5, 100)


def test_impossible_payees_are_refused_before_any_effect(ledger: Ledger) -> None:
    ledger.fill(100)
    diamond, token = ledger.economy.diamond, ledger.token.address
    with reverts("ZeroAddress"):
        ledger.do("Push", ZERO, 1, BOUNTY)
    with reverts("TokenCallFailed", token):
        ledger.do("Push", diamond, 1, BOUNTY)
    with reverts("ZeroAddress"):
        ledger.do("Relay", ledger.alice, ZERO, 1)
    with reverts("TokenCallFailed", token):
        ledger.do("Relay", ledger.alice, diamond, 1)
    with reverts("TokenCallFailed", token):
        ledger.do("Relay", diamond, ledger.bob, 1)


def test_escrow_is_nobodys_payment(ledger: Ledger) -> None:
    """Some tokens ask for no allowance where payer and spender are one: the diamond pays nobody so."""
    ledger.fill(100)
    ledger.mode(OWN_MONEY)
    with reverts("TokenCallFailed", ledger.token.address):
        ledger.do("Relay", ledger.economy.diamond, ledger.bob, 10)
    ledger.do("Relay", ledger.alice, ledger.bob, 10)
    assert (ledger.balance(ledger.economy.diamond), ledger.held(BOUNTY)) == (100, 100)


def test_the_diamond_and_plain_accounts_are_no_tokens(ledger: Ledger) -> None:
    economy = ledger.economy
    for fake in (economy.diamond, economy.address("erin")):
        with reverts("TokenCallFailed", fake):
            ledger.probe.send("probePullExact", fake, ledger.alice, 0, BOUNTY, sender=ledger.bob)
        with reverts("TokenCallFailed", fake):
            ledger.probe.send("probeRelay", fake, ledger.alice, ledger.bob, 1, sender=ledger.bob)
        with reverts("TokenCallFailed", fake):
            ledger.probe.send("probePush", fake, ledger.bob, 0, BOUNTY, sender=ledger.bob)


def test_an_identity_is_no_money(ledger: Ledger) -> None:
    """The diamond answers ERC-721's `transferFrom` and `balanceOf`: identity 1 would pass for one unit."""
    economy, diamond = ledger.economy, ledger.economy.diamond
    assert economy.register("alice", "mine") == 1
    economy.erc721.send("setApprovalForAll", diamond, True, sender=ledger.alice)
    for name in ("PullExact", "PullDelta"):
        with reverts("TokenCallFailed", diamond):
            ledger.probe.send(f"probe{name}", diamond, ledger.alice, 1, BOUNTY, sender=ledger.bob)
    with reverts("TokenCallFailed", diamond):
        ledger.probe.send("probeRelay", diamond, ledger.alice, ledger.bob, 1, sender=ledger.bob)
    assert economy.registry.call("ownerOfId", 1) == ledger.alice


def test_a_shrinking_balance_cannot_be_paid_twice_inv_solv(ledger: Ledger) -> None:
    ledger.fill(100, BOUNTY)
    ledger.fill(100, SCHEDULE)
    ledger.token.send("setBalance", ledger.economy.diamond, 120, sender=ledger.bob)
    ledger.do("Push", ledger.bob, 100, BOUNTY)
    # The token took 80; what is missing is missing, no bucket is filled from another by accident.
    assert not ledger.solvent()
    receipt = ledger.do("PushOrOwe", ledger.bob, 100, SCHEDULE)
    assert receipt.value is False
    assert ledger.held(OWED) == 100


def test_gas_of_a_movement_is_one_ledger_write(ledger: Ledger) -> None:
    economy = ledger.economy
    ledger.fill(100)
    written: set[int] = set()
    before = economy.evm.storage(economy.diamond)
    ledger.do("Push", ledger.bob, 10, BOUNTY)
    after = economy.evm.storage(economy.diamond)
    written = {slot for slot in after if after[slot] != before.get(slot)}
    assert len(written) == 1
