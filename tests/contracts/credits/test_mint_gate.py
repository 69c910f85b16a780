"""MintGateFacet, function by function."""

from __future__ import annotations

import pytest

from tests.contracts.calls import reverts
from tests.contracts.credits.gate import DAY, FOREVER, LOCK, STEP, Gate
from tests.contracts.economy import (
    ETHER,
    FIAT_RECEIPT_CAP,
    FIAT_WINDOW_CAP,
    METER,
    ZERO,
    Economy,
    bare,
)
from tests.contracts.signing import Key, separator

YEAR = 365 * DAY


@pytest.fixture
def gate(economy: Economy) -> Gate:
    return Gate(economy)


# -- minting -----------------------------------------------------------------------------------


def test_minting(gate: Gate) -> None:
    economy = gate.economy
    supply = economy.credits.call("totalSupply")
    circulating = gate.facet.call("circulatingSupply")
    assert circulating == supply
    receipt = gate.mint("r", 10 * ETHER)
    unlock = economy.now + LOCK
    assert receipt.only("FiatMinted") == {
        "to": gate.alice,
        "amount": 10 * ETHER,
        "receiptId": gate.receipt_id("r"),
        "unlockAt": unlock,
    }
    assert (gate.credit(), gate.withdrawable(), gate.locked()) == (
        10 * ETHER,
        0,
        (10 * ETHER, unlock),
    )
    assert gate.lots() == [(10 * ETHER, unlock)]
    assert gate.info() == (gate.alice, 10 * ETHER, True, False, 0)
    assert gate.facet.call("receiptUsed", gate.receipt_id("r")) is True
    assert gate.facet.call("receiptUsed", gate.receipt_id("s")) is False
    assert gate.recoverable() == 10 * ETHER
    assert economy.held(METER) == economy.balance(economy.diamond) == 10 * ETHER
    assert economy.credits.call("totalSupply") == supply + 10 * ETHER
    assert gate.facet.call("circulatingSupply") == circulating


def test_minting_refusals_in_order(gate: Gate) -> None:
    economy = gate.economy
    now, over = economy.now, FIAT_RECEIPT_CAP + 1
    stranger = Key.named("not the issuer")

    def refused(error: str, name: str, amount: int, to: bytes, until: int, key: Key) -> None:
        with reverts(error):
            gate.send("mintFromFiat", *gate.signed(name, amount, to, until=until, key=key))

    gate.mint("used", 1)
    for nobody in (ZERO, economy.diamond):
        refused("InvalidRecipient", "used", 0, nobody, now, stranger)
    refused("InvalidAmount", "used", 0, gate.alice, now, stranger)
    refused("AuthExpired", "used", over, gate.alice, now, stranger)
    for name, args in (
        ("setFiatIssuerSigner", (ZERO,)),
        ("setPerReceiptMaxWei", (0,)),
    ):
        mark = economy.evm.snapshot()
        gate.send(name, *args)
        refused("NotConfigured", "used", over, gate.alice, FOREVER, stranger)
        economy.evm.revert(mark)
    refused("ReceiptUsed", "used", over, gate.alice, FOREVER, stranger)
    refused("PerReceiptCapExceeded", "new", over, gate.alice, FOREVER, stranger)
    gate.send("setFiatMintWindow", 5, DAY)
    refused("BadSignature", "new", 10, gate.alice, FOREVER, stranger)
    refused("FiatWindowCapExceeded", "new", 10, gate.alice, FOREVER, economy.fiat_issuer)
    gate.mint("new", 4)


def test_a_gate_is_shut_until_everything_is_set() -> None:
    gate = Gate(bare())
    economy = gate.economy
    steps = [
        lambda: economy.credits_facet.send(
            "setCreditsToken", economy.credits.address, sender=gate.owner
        ),
        lambda: gate.send("setFiatIssuerSigner", economy.fiat_issuer.address),
        lambda: gate.send("setPerReceiptMaxWei", 100),
        lambda: gate.send("setFiatMintWindow", 100, DAY),
    ]
    with reverts("NotConfigured"):
        gate.facet.call("circulatingSupply")
    for step in steps:
        with reverts("NotConfigured"):
            gate.mint("r", 1)
        step()
    with reverts("TokenCallFailed", economy.credits.address):  # the diamond is no issuer yet
        gate.mint("r", 1)
    role = economy.credits.call("ISSUER_ROLE")
    economy.credits.send("grantRole", role, economy.diamond, sender=gate.owner)
    gate.mint("r", 1)


@pytest.mark.parametrize(("late", "error"), [(-1, None), (0, "AuthExpired"), (1, "AuthExpired")])
def test_a_signature_is_good_before_its_time(gate: Gate, late: int, error: str | None) -> None:
    args = gate.signed(until=gate.economy.now + 100)
    gate.economy.later(100 + late)
    if error is None:
        gate.send("mintFromFiat", *args, sender=gate.carol)
    else:
        with reverts(error):
            gate.send("mintFromFiat", *args, sender=gate.carol)


def test_a_balance_fits_its_field(gate: Gate) -> None:
    gate.send("setPerReceiptMaxWei", 2**96 - 1)
    gate.send("setFiatMintWindow", 2**128 - 1, DAY)
    gate.economy.credits.send("proposeSupplyCap", 2**128 - 1, sender=gate.owner)
    gate.economy.later(2 * DAY)
    gate.economy.credits.send("applySupplyCap", sender=gate.owner)
    gate.deposit(1)
    with reverts("CastOverflow"):
        gate.mint("r", 2**96 - 1)
    gate.mint("r", 2**96 - 2)
    assert gate.credit() == 2**96 - 1
    with reverts("CastOverflow"):
        gate.mint("s", 1)
    assert gate.claw("r") == 2**96 - 2


@pytest.mark.parametrize("seconds", [-1, 0, 1])
def test_a_lot_unlocks_at_its_time(gate: Gate, seconds: int) -> None:
    gate.mint("r", 10)
    gate.economy.later(LOCK + seconds)
    unlocked = seconds >= 0
    assert gate.withdrawable() == (10 if unlocked else 0)
    assert gate.recoverable() == (0 if unlocked else 10)
    assert (gate.locked() == (0, 0)) is unlocked
    assert (gate.lots() == []) is unlocked
    assert gate.claw() == (0 if unlocked else 10)
    assert gate.credit() == (10 if unlocked else 0)


def test_no_lock_is_no_lot(gate: Gate) -> None:
    gate.send("setFiatLockSecs", 0)
    receipt = gate.mint("r", 10)
    assert receipt.only("FiatMinted")["unlockAt"] == gate.economy.now
    assert (gate.withdrawable(), gate.lots(), gate.recoverable()) == (10, [], 0)
    assert gate.claw() == 0
    assert gate.info() == (gate.alice, 10, True, True, 0)


def fill_the_ring(gate: Gate) -> None:
    """Eight lots seconds apart, then eight steps apart: the most one lock of 700 seconds can need."""
    lock, step = 700, 101
    gate.send("setFiatLockSecs", lock)
    start = (gate.economy.now + lock + 8) // step * step + step - lock - 8
    times = [*range(start, start + 8), *range(start + 8, start + 8 + 7 * step, step), start + 699]
    for n, time in enumerate(times):
        gate.economy.evm.timestamp = time
        gate.mint(f"exact {n}", 10)


# -- lots --------------------------------------------------------------------------------------


def test_purchases_of_one_second_share_a_lot(gate: Gate) -> None:
    gate.mint("a", 10)
    gate.mint("b", 20)
    assert gate.lots() == [(30, gate.economy.now + LOCK)]
    assert (gate.recoverable("a"), gate.recoverable("b")) == (10, 20)
    gate.economy.later(1)
    gate.mint("c", 5)
    assert [left for left, _ in gate.lots()] == [30, 5]


def test_spending_takes_what_is_free_then_the_oldest_lot(gate: Gate) -> None:
    for n in range(3):
        gate.mint(f"r{n}", 10)
        gate.economy.later(DAY)
    gate.deposit(4)
    for amount, lots in (
        (4, [10, 10, 10]),
        (3, [7, 10, 10]),
        (7, [10, 10]),
        (12, [8]),
        (8, []),
    ):
        gate.debit(amount)
        assert [left for left, _ in gate.lots()] == lots
        assert gate.locked()[0] == sum(lots) == gate.credit()
    assert gate.locked() == (0, 0)
    assert gate.economy.held(METER) == 0


def test_unlocked_lots_are_spent_before_locked_ones(gate: Gate) -> None:
    gate.mint("old", 10)
    gate.economy.later(LOCK - 10)
    gate.mint("new", 10)
    gate.economy.later(10)
    gate.debit(7)
    assert (gate.withdrawable(), gate.recoverable("new")) == (3, 10)
    gate.debit(4)
    assert (gate.withdrawable(), gate.recoverable("new")) == (0, 9)


def test_a_purchase_after_spending_has_a_lot_of_its_own(gate: Gate) -> None:
    """Joining a lot that has been spent from would make the newcomer pay for it."""
    gate.mint("a", 10)
    gate.debit(5)
    gate.mint("b", 10)
    unlock = gate.economy.now + LOCK
    assert gate.lots() == [(5, unlock), (10, unlock)]
    assert (gate.recoverable("a"), gate.recoverable("b")) == (5, 10)


def test_from_eight_lots_on_unlock_times_are_rounded_up(gate: Gate) -> None:
    for n in range(8):
        receipt = gate.mint(f"r{n}", 1)
        assert receipt.only("FiatMinted")["unlockAt"] == gate.economy.now + LOCK
        gate.economy.later(1)
    receipt = gate.mint("ninth", 1)
    rounded = receipt.only("FiatMinted")["unlockAt"]
    assert rounded % STEP == 0
    assert gate.economy.now + LOCK <= rounded < gate.economy.now + LOCK + STEP
    gate.economy.later(1)
    assert gate.mint("tenth", 1).only("FiatMinted")["unlockAt"] == rounded
    assert [left for left, _ in gate.lots()] == [1] * 8 + [2]


def test_after_a_shorter_lock_a_purchase_waits_for_the_one_before(gate: Gate) -> None:
    gate.mint("long", 10)
    unlock = gate.economy.now + LOCK
    gate.send("setFiatLockSecs", 60)
    gate.economy.later(5)
    assert gate.mint("short", 1).only("FiatMinted")["unlockAt"] == unlock
    assert gate.lots() == [(11, unlock)]
    gate.economy.later(LOCK - 5)
    assert gate.mint("later", 1).only("FiatMinted")["unlockAt"] == gate.economy.now + 60


def test_after_a_longer_lock_a_full_ring_lets_the_oldest_go(gate: Gate) -> None:
    """The one way to need a seventeenth lot. The oldest is about to unlock, and does so now."""
    fill_the_ring(gate)
    before, locked = gate.lots(), gate.locked()[0]
    assert len(before) == 16
    gate.send("setFiatLockSecs", 7_000)
    gate.mint("seventeenth", 5)
    assert gate.lots() == [*before[1:], (5, gate.lots()[-1][1])]
    assert gate.locked()[0] == locked - 10 + 5
    assert (gate.withdrawable(), gate.recoverable("exact 0")) == (10, 0)
    assert gate.claw("exact 0") == 0
    assert gate.claw("exact 1") == 10
    gate.act("withdrawCredits", 10)


def test_with_one_lock_sixteen_lots_are_always_enough(gate: Gate) -> None:
    """The ring is full a second before its first lot unlocks, and not before."""
    fill_the_ring(gate)
    first = gate.lots()[0]
    assert first[1] == gate.economy.now + 1
    gate.economy.later(1)
    gate.mint("next", 10)
    assert len(gate.lots()) <= 16
    assert gate.withdrawable() == first[0]  # it unlocked in time, and nothing else did


# -- clawing back ------------------------------------------------------------------------------


def test_clawing_back(gate: Gate) -> None:
    economy = gate.economy
    gate.mint("r", 10)
    supply = economy.credits.call("totalSupply")
    receipt = gate.send("clawbackFiatMint", gate.receipt_id("r"), sender=gate.clawbacker)
    assert receipt.value == 10
    assert receipt.only("FiatClawedBack") == {
        "to": gate.alice,
        "recovered": 10,
        "receiptId": gate.receipt_id("r"),
    }
    assert (gate.credit(), gate.locked(), gate.lots()) == (0, (0, 0), [])
    assert gate.info() == (gate.alice, 10, True, True, 10)
    assert economy.credits.call("totalSupply") == supply - 10
    assert economy.held(METER) == economy.balance(economy.diamond) == 0


@pytest.mark.parametrize("name", ["clawbackFiatMint", "clawbackFiatMintUpTo"])
def test_clawing_back_refusals_in_order(gate: Gate, name: str) -> None:
    gate.mint("r", 10)
    most = (1,) if name.endswith("UpTo") else ()
    roles = (gate.meter, gate.economy.fiat_issuer.address, gate.alice, gate.carol)
    for sender in roles:
        with reverts("NotClawbacker"):
            gate.send(name, gate.receipt_id("unknown"), *most, sender=sender)
    with reverts("UnknownReceipt"):
        gate.send(name, gate.receipt_id("unknown"), *most, sender=gate.clawbacker)
    gate.claw("r", sender=gate.owner)
    with reverts("AlreadyClawed"):
        gate.send(name, gate.receipt_id("r"), *most, sender=gate.clawbacker)


def test_clawing_back_in_parts(gate: Gate) -> None:
    gate.mint("r", 10)
    assert gate.claw("r", 3) == 3
    assert gate.info() == (gate.alice, 10, True, False, 3)
    receipt = gate.send("clawbackFiatMintUpTo", gate.receipt_id("r"), 0, sender=gate.clawbacker)
    assert (receipt.value, receipt.events) == (0, [])
    assert gate.claw("r", 3) == 3
    assert (gate.credit(), gate.recoverable()) == (4, 4)
    assert gate.claw("r", 2**256 - 1) == 4
    assert gate.info() == (gate.alice, 10, True, True, 10)
    with reverts("AlreadyClawed"):
        gate.claw("r", 1)


def test_a_full_clawback_after_parts_closes(gate: Gate) -> None:
    gate.mint("r", 10)
    gate.claw("r", 4)
    assert gate.claw("r") == 6
    assert gate.info() == (gate.alice, 10, True, True, 10)
    with reverts("ReceiptUsed"):
        gate.mint("r", 10)


def test_in_a_spent_lot_everybody_has_a_share(gate: Gate) -> None:
    gate.mint("a", 10)
    gate.mint("b", 20)
    gate.debit(15)
    assert (gate.recoverable("a"), gate.recoverable("b")) == (5, 10)
    assert gate.claw("b", 4) == 4
    assert (gate.recoverable("a"), gate.recoverable("b")) == (5, 6)
    gate.debit(1)
    assert (gate.recoverable("a"), gate.recoverable("b")) == (
        4,
        5,
    )  # 10 over 22 units, rounded down
    assert gate.claw("a") == 4
    assert gate.claw("b") == 6  # the wei that rounding kept from a
    assert gate.credit() == 0


def test_a_lot_emptied_by_clawbacks_is_bought_into_again(gate: Gate) -> None:
    gate.mint("a", 10)
    gate.claw("a")
    gate.mint("b", 5)
    assert gate.lots() == [(5, gate.economy.now + LOCK)]
    assert (gate.recoverable("a"), gate.recoverable("b")) == (0, 5)
    gate.economy.later(1)
    gate.mint("c", 5)
    gate.claw("b")  # an empty lot ahead of one that is not
    gate.debit(3)
    assert [left for left, _ in gate.lots()] == [2]
    assert (gate.recoverable("b"), gate.recoverable("c")) == (0, 2)


# -- terms -------------------------------------------------------------------------------------


def test_terms_are_the_owners(gate: Gate) -> None:
    for name, args in (
        ("setFiatIssuerSigner", (gate.bob,)),
        ("setClawbacker", (gate.bob,)),
        ("setPerReceiptMaxWei", (1,)),
        ("setFiatLockSecs", (YEAR + 1,)),
        ("setFiatMintWindow", (0, 0)),
    ):
        for sender in (gate.alice, gate.clawbacker, gate.economy.fiat_issuer.address, gate.meter):
            with reverts("NotOwner"):
                gate.send(name, *args, sender=sender)


def test_setting_terms(gate: Gate) -> None:
    call = gate.facet.call
    assert call("fiatLockSecs") == LOCK  # until set
    assert gate.send("setFiatIssuerSigner", gate.bob).only("FiatIssuerSignerSet") == {
        "signer": gate.bob
    }
    assert gate.send("setClawbacker", gate.bob).only("ClawbackerSet") == {"clawbacker": gate.bob}
    assert gate.send("setPerReceiptMaxWei", 9).only("PerReceiptMaxWeiSet") == {"maxWei": 9}
    assert gate.send("setFiatLockSecs", YEAR).only("FiatLockSecsSet") == {"lockSecs": YEAR}
    receipt = gate.send("setFiatMintWindow", 99, 240)
    assert receipt.only("FiatMintWindowSet") == {"cap": 99, "windowSecs": 240}
    assert call("fiatIssuerSigner") == call("clawbacker") == gate.bob
    assert (call("perReceiptMaxWei"), call("fiatLockSecs")) == (9, YEAR)
    start = (gate.economy.now // 10 - 24) * 10
    assert call("fiatMintWindow") == (99, 240, start, 0)
    assert call("fiatMintDomainSeparator") == separator(
        "localharness-mintgate", "1", gate.economy.evm.chain_id, gate.economy.diamond
    )
    gate.send("setFiatLockSecs", 0)
    assert call("fiatLockSecs") == 0
    with reverts("InvalidWindow"):
        gate.send("setFiatLockSecs", YEAR + 1)
    for cap, seconds in (
        (0, 0), (0, DAY), (1, 0), (1, 25), (1, YEAR + 24), (2**128, DAY),
    ):  # fmt: skip
        with reverts("InvalidWindow"):
            gate.send("setFiatMintWindow", cap, seconds)
    with reverts("CastOverflow"):
        gate.send("setPerReceiptMaxWei", 2**96)


def test_without_a_clawbacker_the_owner_claws_back(gate: Gate) -> None:
    gate.mint("r", 10)
    gate.send("setClawbacker", ZERO)
    with reverts("NotClawbacker"):
        gate.claw("r")
    assert gate.claw("r", sender=gate.owner) == 10


def test_a_new_clawbacker_replaces_the_old(gate: Gate) -> None:
    gate.mint("r", 10)
    gate.send("setClawbacker", gate.bob)
    with reverts("NotClawbacker"):
        gate.claw("r")
    assert gate.claw("r", sender=gate.bob) == 10


def test_a_new_lock_is_for_new_purchases(gate: Gate) -> None:
    gate.mint("old", 1)
    unlock = gate.economy.now + LOCK
    gate.send("setFiatLockSecs", YEAR)
    gate.mint("new", 1)
    assert gate.lots() == [(1, unlock), (1, gate.economy.now + YEAR)]


def test_the_window_counts_and_forgets(gate: Gate) -> None:
    gate.mint("a", FIAT_RECEIPT_CAP)
    cap, seconds, start, minted = gate.facet.call("fiatMintWindow")
    assert (cap, seconds, minted) == (FIAT_WINDOW_CAP, DAY, FIAT_RECEIPT_CAP)
    assert start <= gate.economy.now - DAY < start + DAY // 24
    gate.economy.later(DAY + DAY // 24)
    assert gate.facet.call("fiatMintWindow")[3] == 0


def test_another_window_forgets_nothing(gate: Gate) -> None:
    gate.mint("a", 100)
    gate.send("setFiatMintWindow", 150, 240)
    assert gate.facet.call("fiatMintWindow")[3] == 100
    with reverts("FiatWindowCapExceeded"):
        gate.mint("b", 51)
    gate.mint("b", 50)
    gate.economy.later(250)
    gate.mint("c", 150)
