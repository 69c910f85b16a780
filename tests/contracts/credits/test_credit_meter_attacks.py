"""Attacks on deposited credits: the meter key, references, hostile tokens."""

from __future__ import annotations

import pytest

from tests.contracts.calls import Bound, reverts
from tests.contracts.credits.gate import DAY, Gate
from tests.contracts.economy import ETHER, METER, PURSE, TREASURY, Economy
from tests.contracts.signing import nonce

FALSE_RETURN, FEE, REENTER, WRONG_AMOUNT = 2, 5, 6, 10


@pytest.fixture
def gate(economy: Economy) -> Gate:
    return Gate(economy)


def hostile(gate: Gate, mode: int) -> Bound:
    """The credits token replaced by one that misbehaves; alice has a thousand of it."""
    economy = gate.economy
    token = economy.bound("HostileToken", economy.create("HostileToken"))
    economy.credits_facet.send("setCreditsToken", token.address, sender=gate.owner)
    token.send("mint", gate.alice, 1_000, sender=gate.alice)
    token.send("approve", economy.diamond, 2**255, sender=gate.alice)
    token.send("setMode", mode, sender=gate.alice)
    return token


def test_a_debit_beyond_the_balance_takes_nothing(gate: Gate) -> None:
    """No underflow, and none of what belongs to others."""
    gate.deposit(10)
    gate.deposit(1_000, gate.bob)
    for amount in (11, 1_010, 2**96, 2**128, 2**256 - 1):
        with reverts("InsufficientCredits"):
            gate.debit(amount)
        with reverts("InsufficientCredits"):
            gate.act("meterRef", gate.alice, amount, nonce(1), sender=gate.meter)
        receipt = gate.act("meterBatch", [gate.alice], [amount], [nonce(1)], sender=gate.meter)
        assert (list(receipt.value), receipt.events) == ([0], [])
    assert gate.act("meterUpTo", gate.alice, 2**256 - 1, sender=gate.meter).value == 10
    assert (gate.credit(), gate.credit(gate.bob)) == (0, 1_000)
    assert gate.economy.held(METER) == 1_000


def test_the_meter_key_cannot_pay_itself(gate: Gate) -> None:
    """All it can do with others' credits is move them to the treasury; it never has any itself."""
    economy = gate.economy
    gate.deposit(100)
    with reverts("InsufficientCredits"):
        gate.act("withdrawCredits", 1, sender=gate.meter)
    gate.debit(100)
    assert economy.balance(gate.meter) == 0
    assert (economy.held(METER), economy.held(TREASURY)) == (0, 100)
    with reverts("NotOwner"):
        economy.treasury.send("withdrawTreasury", gate.meter, 1, sender=gate.meter)


def test_the_meter_key_cannot_reach_a_wallet(gate: Gate) -> None:
    """Alice's allowance to the diamond is unlimited; without a deposit there is nothing to debit."""
    for name, args in (("meter", ()), ("meterRef", (nonce(1),))):
        with reverts("InsufficientCredits"):
            gate.act(name, gate.alice, 1, *args, sender=gate.meter)
    assert gate.act("meterUpTo", gate.alice, PURSE, sender=gate.meter).value == 0
    assert gate.economy.balance(gate.alice) == PURSE


def test_a_stolen_meter_key_is_bounded_by_the_cap(gate: Gate) -> None:
    gate.deposit(100 * ETHER)
    gate.act("setMeterCap", ETHER)
    for _ in range(3):
        assert gate.act("meterUpTo", gate.alice, 2**200, sender=gate.meter).value == ETHER
        assert gate.act("meterUpTo", gate.alice, 2**200, sender=gate.meter).value == 0
        with reverts("MeterCapExceeded"):
            gate.debit(1)
        gate.economy.later(DAY)
    gate.act("withdrawCredits", 97 * ETHER)  # and meanwhile she leaves


def test_a_reference_charges_once_over_all_paths(gate: Gate) -> None:
    gate.deposit(100)
    gate.deposit(100, gate.bob)
    gate.act("meterRef", gate.alice, 1, nonce(1), sender=gate.meter)
    gate.act("meterBatch", [gate.alice], [1], [nonce(2)], sender=gate.meter)
    for ref in (nonce(1), nonce(2)):
        for who in (gate.alice, gate.bob):
            with reverts("RefUsed"):
                gate.act("meterRef", who, 1, ref, sender=gate.meter)
            assert gate.act("meterBatch", [who], [1], [ref], sender=gate.meter).value == (0,)
    gate.act("setMeter", gate.carol, sender=gate.owner)  # not by another key either
    with reverts("RefUsed"):
        gate.act("meterRef", gate.alice, 1, nonce(1), sender=gate.carol)
    assert (gate.credit(), gate.credit(gate.bob)) == (98, 100)


@pytest.mark.parametrize(
    ("mode", "error"),
    [(FALSE_RETURN, "TokenCallFailed"), (FEE, "TokenDelta"), (WRONG_AMOUNT, "TokenDelta")],
)
def test_no_ghost_credit(gate: Gate, mode: int, error: str) -> None:
    """A deposit that does not arrive in full is no deposit."""
    token = hostile(gate, mode)
    token.send("setFee", 100, sender=gate.alice)
    with reverts(error):
        gate.deposit(100)
    assert (gate.credit(), gate.economy.held(METER, token.address)) == (0, 0)


def test_no_ghost_credit_by_calling_back(gate: Gate) -> None:
    token = hostile(gate, REENTER)
    for payload in (
        gate.meter_facet.data("depositCredits", 100),
        gate.meter_facet.data("withdrawCredits", 100),
    ):
        mark = gate.economy.evm.snapshot()
        token.send("setReentry", gate.economy.diamond, payload, sender=gate.alice)
        gate.deposit(100)
        _, ok, answer = token.call("reentry")
        assert (ok, gate.meter_facet.interface.error(answer)[0]) == (False, "Reentrancy")
        assert (gate.credit(), gate.economy.held(METER, token.address)) == (100, 100)
        gate.economy.evm.revert(mark)


def test_a_withdrawal_the_token_refuses_changes_nothing(gate: Gate) -> None:
    token = hostile(gate, 0)
    gate.deposit(100)
    token.send("setMode", FALSE_RETURN, sender=gate.alice)
    with reverts("TokenCallFailed"):
        gate.act("withdrawCredits", 100)
    assert (gate.credit(), gate.economy.held(METER, token.address)) == (100, 100)
    token.send("setMode", 0, sender=gate.alice)
    gate.act("withdrawCredits", 100)


def test_the_token_cannot_be_exchanged_under_deposits(gate: Gate) -> None:
    gate.deposit(1)
    other = gate.economy.create("HostileToken")
    with reverts("BucketsNotEmpty"):
        gate.economy.credits_facet.send("setCreditsToken", other, sender=gate.owner)
