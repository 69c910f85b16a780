"""CreditMeterFacet, function by function."""

from __future__ import annotations

import pytest

from tests.contracts.calls import reverts
from tests.contracts.credits.gate import DAY, LOCK, Gate
from tests.contracts.economy import METER, PURSE, TREASURY, ZERO, Economy, bare
from tests.contracts.signing import nonce

MAX_BATCH = 128


@pytest.fixture
def gate(economy: Economy) -> Gate:
    return Gate(economy)


def test_depositing(gate: Gate) -> None:
    receipt = gate.deposit(7)
    assert receipt.only("CreditsDeposited") == {"user": gate.alice, "amount": 7, "newBalance": 7}
    assert gate.deposit(3).only("CreditsDeposited")["newBalance"] == 10
    assert (gate.credit(), gate.withdrawable(), gate.locked()) == (10, 10, (0, 0))
    assert gate.economy.held(METER) == 10
    assert gate.economy.balance(gate.alice) == PURSE - 10


def test_depositing_refusals_in_order(gate: Gate) -> None:
    economy = gate.economy
    with reverts("ZeroAmount"):
        gate.deposit(0)
    with reverts("TokenCallFailed", economy.credits.address):
        gate.deposit(PURSE + 1)
    with reverts("CastOverflow"):
        gate.deposit(2**96)
    unset = Gate(bare())
    with reverts("ZeroAmount"):
        unset.deposit(0)
    with reverts("NotConfigured"):
        unset.deposit(1)


def test_withdrawing(gate: Gate) -> None:
    gate.deposit(10)
    receipt = gate.act("withdrawCredits", 4)
    assert receipt.only("CreditsWithdrawn") == {"user": gate.alice, "amount": 4, "newBalance": 6}
    assert (gate.credit(), gate.economy.held(METER)) == (6, 6)
    assert gate.economy.balance(gate.alice) == PURSE - 6
    gate.act("withdrawCredits", 6)
    assert (gate.credit(), gate.economy.held(METER)) == (0, 0)


def test_withdrawing_refusals_in_order(gate: Gate) -> None:
    with reverts("ZeroAmount"):
        gate.act("withdrawCredits", 0)
    with reverts("InsufficientCredits"):
        gate.act("withdrawCredits", 1)
    gate.deposit(10)
    with reverts("InsufficientCredits"):
        gate.act("withdrawCredits", 11)
    with reverts("InsufficientCredits"):
        gate.act("withdrawCredits", 10, sender=gate.bob)


def test_metering(gate: Gate) -> None:
    gate.deposit(10)
    receipt = gate.debit(4)
    assert receipt.only("Metered") == {"user": gate.alice, "amount": 4, "newBalance": 6}
    assert (gate.credit(), gate.economy.held(METER), gate.economy.held(TREASURY)) == (6, 6, 4)
    gate.debit(6)
    assert (gate.credit(), gate.economy.held(TREASURY)) == (0, 10)


def test_metering_refusals_in_order(gate: Gate) -> None:
    gate.deposit(10)
    gate.act("setMeterCap", 5)
    for sender in (gate.alice, gate.owner, gate.clawbacker, gate.economy.fiat_issuer.address):
        with reverts("NotMeter"):
            gate.act("meter", gate.alice, 0, sender=sender)
    with reverts("ZeroAmount"):
        gate.debit(0)
    with reverts("InsufficientCredits"):  # before the cap
        gate.debit(11)
    with reverts("MeterCapExceeded"):
        gate.debit(6)
    gate.debit(5)
    with reverts("MeterCapExceeded"):
        gate.debit(1)


def test_metering_up_to(gate: Gate) -> None:
    def up_to(amount: int) -> int:
        return int(gate.act("meterUpTo", gate.alice, amount, sender=gate.meter).value)

    with reverts("NotMeter"):
        gate.act("meterUpTo", gate.alice, 1)
    assert up_to(5) == 0  # nothing there
    gate.deposit(10)
    assert gate.act("meterUpTo", gate.alice, 0, sender=gate.meter).events == []
    receipt = gate.act("meterUpTo", gate.alice, 3, sender=gate.meter)
    assert receipt.value == 3
    assert receipt.only("Metered") == {"user": gate.alice, "amount": 3, "newBalance": 7}
    gate.act("setMeterCap", 4)
    assert up_to(100) == 4  # the cap
    assert up_to(100) == 0
    gate.act("setMeterCap", 0)
    assert up_to(2**256 - 1) == 3  # the balance
    assert (gate.economy.held(METER), gate.economy.held(TREASURY)) == (0, 10)


def test_metering_by_reference(gate: Gate) -> None:
    gate.deposit(10)
    gate.deposit(10, gate.bob)
    ref = nonce(7)
    args = (gate.alice, 4, ref)
    with reverts("NotMeter"):
        gate.act("meterRef", *args)
    with reverts("ZeroAmount"):
        gate.act("meterRef", gate.alice, 0, ref, sender=gate.meter)
    with reverts("InsufficientCredits"):
        gate.act("meterRef", gate.alice, 11, ref, sender=gate.meter)
    assert gate.meter_facet.call("meterRefUsed", ref) is False
    receipt = gate.act("meterRef", *args, sender=gate.meter)
    assert receipt.only("MeteredRef") == {
        "user": gate.alice,
        "ref": ref,
        "amount": 4,
        "newBalance": 6,
    }
    assert gate.meter_facet.call("meterRefUsed", ref) is True
    for who, amount in ((gate.alice, 4), (gate.alice, 2**200), (gate.bob, 1)):
        with reverts("RefUsed"):  # before what the balance says
            gate.act("meterRef", who, amount, ref, sender=gate.meter)
    with reverts("ZeroAmount"):  # before what the reference says
        gate.act("meterRef", gate.alice, 0, ref, sender=gate.meter)
    gate.act("setMeterCap", 1)
    with reverts("MeterCapExceeded"):
        gate.act("meterRef", gate.alice, 2, nonce(8), sender=gate.meter)
    assert gate.meter_facet.call("meterRefUsed", nonce(8)) is False


def test_metering_a_batch(gate: Gate) -> None:
    gate.deposit(10)
    gate.deposit(10, gate.bob)
    gate.act("setMeterCap", 6, sender=gate.bob)
    gate.act("meterRef", gate.alice, 1, nonce(0), sender=gate.meter)
    entries = [
        (gate.alice, 3, 1),
        (gate.alice, 3, 1),  # reference used a line above
        (gate.bob, 5, 2),
        (gate.bob, 2, 3),  # over the cap
        (gate.bob, 1, 3),  # the reference is still good
        (gate.carol, 1, 4),  # nothing there
        (gate.alice, 0, 5),
        (gate.alice, 2, 0),  # used before
        (gate.alice, 7, 6),  # more than is left
        (gate.alice, 6, 6),
    ]
    users, amounts = [e[0] for e in entries], [e[1] for e in entries]
    refs = [nonce(e[2]) for e in entries]
    receipt = gate.act("meterBatch", users, amounts, refs, sender=gate.meter)
    assert list(receipt.value) == [3, 0, 5, 0, 1, 0, 0, 0, 0, 6]
    assert [tuple(event.args.values()) for event in receipt.events] == [
        (gate.alice, nonce(1), 3, 6), (gate.bob, nonce(2), 5, 5),
        (gate.bob, nonce(3), 1, 4), (gate.alice, nonce(6), 6, 0),
    ]  # fmt: skip
    assert (gate.economy.held(METER), gate.economy.held(TREASURY)) == (4, 16)
    used = [gate.meter_facet.call("meterRefUsed", nonce(n)) for n in range(7)]
    assert used == [True, True, True, True, False, False, True]


def test_a_batch_has_its_bounds(gate: Gate) -> None:
    def batch(n: int, m: int, k: int, sender: bytes) -> list[int]:
        args = ([gate.alice] * n, [1] * m, [nonce(i) for i in range(k)])
        return list(gate.act("meterBatch", *args, sender=sender).value)

    gate.deposit(1_000)
    with reverts("NotMeter"):
        batch(129, 1, 1, gate.alice)
    with reverts("BatchTooLarge", MAX_BATCH):
        batch(129, 1, 1, gate.meter)
    for lengths in ((2, 1, 2), (2, 2, 1), (0, 1, 0), (1, 0, 1)):
        with reverts("LengthMismatch"):
            batch(*lengths, gate.meter)
    assert batch(0, 0, 0, gate.meter) == []
    assert batch(128, 128, 128, gate.meter) == [1] * 128
    assert gate.economy.held(METER) == 872


def test_a_full_batch_fits_a_block(gate: Gate) -> None:
    """The worst of it: 128 users, each with a cap and lots to spend from."""
    economy = gate.economy
    users = [bytes([n + 1]) * 20 for n in range(MAX_BATCH)]
    gate.send("setFiatMintWindow", 10**30, DAY)
    for n, user in enumerate(users):
        gate.mint(f"a{n}", 2, user)
        economy.later(1)
        gate.mint(f"b{n}", 2, user)
        gate.act("setMeterCap", 100, sender=user)
    refs = [nonce(n) for n in range(MAX_BATCH)]
    receipt = gate.act("meterBatch", users, [3] * MAX_BATCH, refs, sender=gate.meter)
    assert list(receipt.value) == [3] * MAX_BATCH
    assert receipt.outcome.transaction_gas < 12_000_000
    assert [gate.credit(user) for user in users] == [1] * MAX_BATCH


def test_a_cap_is_the_users_and_counts_days(gate: Gate) -> None:
    economy = gate.economy
    gate.deposit(100)
    receipt = gate.act("setMeterCap", 10)
    assert receipt.only("MeterCapSet") == {"user": gate.alice, "dailyCap": 10}
    economy.evm.timestamp = (economy.now // DAY + 1) * DAY - 2
    gate.debit(10)
    assert gate.meter_facet.call("meterPolicyOf", gate.alice) == (10, 10)
    economy.later(1)  # the last second of the day
    with reverts("MeterCapExceeded"):
        gate.debit(1)
    economy.later(1)
    assert gate.meter_facet.call("meterPolicyOf", gate.alice) == (10, 0)
    gate.debit(9)
    gate.act("setMeterCap", 12)  # raised: at once
    gate.debit(3)
    gate.act("setMeterCap", 5)  # lowered: what was debited counts
    with reverts("MeterCapExceeded"):
        gate.debit(1)
    gate.act("setMeterCap", 0)
    assert gate.meter_facet.call("meterPolicyOf", gate.alice) == (0, 12)
    gate.debit(50)
    gate.act("setMeterCap", 13)
    gate.debit(1)
    with reverts("MeterCapExceeded"):
        gate.debit(1)
    with reverts("CastOverflow"):
        gate.act("setMeterCap", 2**96)
    gate.act("setMeterCap", 2**96 - 1)


def test_setting_the_meter(gate: Gate) -> None:
    gate.deposit(10)
    with reverts("NotOwner"):
        gate.act("setMeter", gate.bob, sender=gate.meter)
    receipt = gate.act("setMeter", gate.bob, sender=gate.owner)
    assert receipt.only("MeterUpdated") == {"meter": gate.bob}
    assert gate.meter_facet.call("meterAddress") == gate.bob
    with reverts("NotMeter"):
        gate.debit(1)
    gate.act("meter", gate.alice, 1, sender=gate.bob)
    gate.act("setMeter", ZERO, sender=gate.owner)
    with reverts("NotMeter"):
        gate.act("meter", gate.alice, 1, sender=gate.bob)


def test_bought_credits_are_debited_at_once_and_withdrawn_later(gate: Gate) -> None:
    gate.mint("r", 10)
    gate.deposit(5)
    assert (gate.credit(), gate.withdrawable()) == (15, 5)
    with reverts("InsufficientCredits"):
        gate.act("withdrawCredits", 6)
    gate.debit(7)  # five that are free, two that are locked
    assert (gate.credit(), gate.withdrawable(), gate.locked()[0]) == (8, 0, 8)
    gate.deposit(5)
    assert gate.withdrawable() == 5
    gate.act("withdrawCredits", 5)
    assert gate.locked()[0] == 8
    gate.economy.later(LOCK - 1)
    with reverts("InsufficientCredits"):
        gate.act("withdrawCredits", 1)
    gate.economy.later(1)
    assert (gate.withdrawable(), gate.locked()) == (8, (0, 0))
    gate.act("withdrawCredits", 8)
    assert gate.economy.held(METER) == 0
