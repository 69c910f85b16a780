"""Attacks on the fiat gate: forged and repeated receipts, caps, clawbacks, other people's locks."""

from __future__ import annotations

import pytest

from tests.contracts.calls import reverts
from tests.contracts.credits.gate import DAY, FOREVER, LOCK, STEP, Gate
from tests.contracts.economy import (
    FIAT_RECEIPT_CAP,
    FIAT_WINDOW_CAP,
    METER,
    TREASURY,
    Economy,
)
from tests.contracts.signing import Key

FALSE_RETURN, REENTER = 2, 6


@pytest.fixture
def gate(economy: Economy) -> Gate:
    return Gate(economy)


# -- receipts ----------------------------------------------------------------------------------


def test_a_receipt_mints_once_mg_i2(gate: Gate) -> None:
    """By anybody, on other terms, after a clawback, under another issuer."""
    economy = gate.economy
    args = gate.signed()
    gate.send("mintFromFiat", *args, sender=gate.carol)
    other = Key.named("second issuer")
    mints = [args, gate.signed(amount=1), gate.signed(to=gate.bob), gate.signed(until=FOREVER - 1)]

    def replay() -> None:
        for mint in mints:
            with reverts("ReceiptUsed"):
                gate.send("mintFromFiat", *mint, sender=gate.carol)

    replay()
    gate.claw()
    replay()
    gate.send("setFiatIssuerSigner", other.address)
    mints.append(gate.signed(key=other))
    economy.later(LOCK)
    replay()
    assert gate.credit() == 0


def test_a_rotated_issuer_signs_nothing_any_more(gate: Gate) -> None:
    args, successor = gate.signed(), Key.named("second issuer")
    gate.send("setFiatIssuerSigner", successor.address)
    with reverts("BadSignature"):
        gate.send("mintFromFiat", *args, sender=gate.carol)
    gate.send("mintFromFiat", *gate.signed(key=successor), sender=gate.carol)


def test_with_the_issuer_gone_nobody_is_the_issuer(gate: Gate) -> None:
    """A signature that recovers nobody does not match the zero address."""
    gate.send("setFiatIssuerSigner", b"\0" * 20)
    to, amount, receipt_id, until, _ = gate.signed()
    for sig in (b"", b"\0" * 65, b"\0" * 64 + b"\x1b"):
        with reverts("NotConfigured"):
            gate.send("mintFromFiat", to, amount, receipt_id, until, sig)


# -- caps --------------------------------------------------------------------------------------


def test_a_stolen_issuer_key_is_bounded_by_both_caps_mg_i3(gate: Gate) -> None:
    with reverts("PerReceiptCapExceeded"):
        gate.mint("big", FIAT_RECEIPT_CAP + 1)
    start = gate.economy.now
    for n in range(FIAT_WINDOW_CAP // FIAT_RECEIPT_CAP):
        gate.mint(f"r{n}", FIAT_RECEIPT_CAP)
    refused = gate.signed("one more", 1)
    with reverts("FiatWindowCapExceeded"):
        gate.send("mintFromFiat", *refused, sender=gate.carol)
    # Rolling: no boundary lets through twice the cap.
    gate.economy.evm.timestamp = start + DAY - 1
    with reverts("FiatWindowCapExceeded"):
        gate.send("mintFromFiat", *refused, sender=gate.carol)
    gate.economy.later(DAY // 24 + 1)
    gate.send("mintFromFiat", *refused, sender=gate.carol)  # the receipt was not used up
    assert gate.credit() == FIAT_WINDOW_CAP + 1


def test_a_second_issuing_facet_meets_the_tokens_own_window(gate: Gate) -> None:
    """What mints beside the gate is not the gate's; the token bounds them together."""
    economy = gate.economy
    economy.credits.send("tightenMintWindow", 100, 240, sender=gate.owner)
    rogue = economy.address("frank")
    economy.credits.send("grantRole", economy.credits.call("ISSUER_ROLE"), rogue, sender=gate.owner)
    gate.mint("a", 30)
    economy.credits.send("mint", rogue, 70, sender=rogue)
    with reverts("TokenCallFailed", economy.credits.address):
        gate.mint("b", 1)
    assert gate.info("b") == (b"\0" * 20, 0, False, False, 0)
    assert (gate.credit(), economy.held(METER)) == (30, 30)
    assert gate.facet.call("fiatMintWindow")[3] == 30  # the refused mint does not count
    economy.later(250)
    gate.mint("b", 1)


def test_minting_beside_the_gate_credits_nobody(gate: Gate) -> None:
    """Credits sent or minted to the diamond are surplus, not anybody's."""
    economy = gate.economy
    economy.credits.send("mint", economy.diamond, 50, sender=gate.owner)
    gate.mint("r", 10)
    assert (gate.credit(), economy.held(METER)) == (10, 10)
    economy.treasury.send("skim", economy.credits.address, sender=gate.carol)
    assert (economy.held(TREASURY), economy.held(METER)) == (50, 10)


# -- clawbacks ---------------------------------------------------------------------------------


def test_a_clawback_after_spending_takes_what_is_left(gate: Gate) -> None:
    gate.mint("r", 10)
    gate.debit(7)
    assert gate.claw() == 3
    assert gate.info() == (gate.alice, 10, True, True, 3)
    assert (gate.credit(), gate.economy.held(METER), gate.economy.held(TREASURY)) == (0, 0, 7)


def test_a_clawback_after_all_is_spent_takes_nothing(gate: Gate) -> None:
    """Neither what was deposited since, nor what was bought since."""
    gate.mint("r", 10)
    gate.debit(10)
    gate.deposit(5)
    gate.mint("s", 5)
    assert gate.claw("r") == 0
    assert (gate.credit(), gate.recoverable("s")) == (10, 5)
    with reverts("AlreadyClawed"):
        gate.claw("r")


def test_a_clawback_after_the_lock_takes_nothing(gate: Gate) -> None:
    gate.mint("r", 10)
    gate.economy.later(LOCK)
    gate.mint("s", 5)
    assert gate.claw("r") == 0
    assert (gate.credit(), gate.withdrawable()) == (15, 10)
    gate.act("withdrawCredits", 10)
    assert gate.claw("s") == 5


def test_locked_credits_cannot_leave_before_a_clawback(gate: Gate) -> None:
    """Withdrawing, and what could stand for it."""
    gate.mint("r", 10)
    gate.deposit(5)
    gate.act("withdrawCredits", 5)
    for amount in (1, 5, 10):
        with reverts("InsufficientCredits"):
            gate.act("withdrawCredits", amount)
    assert gate.claw() == 10


def test_a_clawback_touches_no_deposit_and_no_other_receipt_mg_i4(gate: Gate) -> None:
    gate.deposit(100)
    gate.mint("a", 10)
    gate.mint("b", 20)  # the same lot
    gate.economy.later(DAY)
    gate.mint("c", 30)
    gate.mint("d", 40, gate.bob)
    assert gate.claw("b") == 20
    assert [gate.recoverable(name) for name in "abcd"] == [10, 0, 30, 40]
    assert (gate.credit(), gate.withdrawable(), gate.credit(gate.bob)) == (140, 100, 40)
    assert gate.claw("a") == 10
    assert gate.claw("c", 7) == 7
    assert [gate.recoverable(name) for name in "abcd"] == [0, 0, 23, 40]
    assert (gate.credit(), gate.withdrawable()) == (123, 100)


def test_small_clawbacks_round_for_the_others(gate: Gate) -> None:
    """Wei by wei out of a lot that has been spent from: never more than the share it had."""
    gate.mint("a", 100)
    gate.mint("b", 100)
    gate.debit(95)  # 105 left over 200 units: a wei is nearly two of them
    own = 52
    assert (gate.recoverable("a"), gate.recoverable("b")) == (own, own)
    taken = 0
    while gate.recoverable("a"):
        taken += gate.claw("a", 1)
        assert gate.recoverable("b") >= own
    assert taken <= own
    assert gate.claw("b") + taken <= 105
    assert gate.locked()[0] == gate.credit()


def test_one_receipt_cannot_reach_into_a_place_used_again(gate: Gate) -> None:
    """Sixteen places are used over and over; a receipt knows its own time in one."""
    gate.mint("first", 10)
    gate.debit(10)
    for n in range(40):
        gate.mint(f"r{n}", 10)
        assert gate.recoverable("first") == 0
        gate.debit(10)
        gate.economy.later(1)
    gate.mint("last", 10)
    assert gate.claw("first") == 0
    assert [gate.claw(f"r{n}") for n in range(40)] == [0] * 40
    assert gate.recoverable("last") == gate.credit() == 10


def test_a_clawback_the_token_refuses_changes_nothing(gate: Gate) -> None:
    """A token that burns nothing and says yes, or says no."""
    economy = gate.economy
    token = economy.bound("HostileToken", economy.create("HostileToken"))
    economy.credits_facet.send("setCreditsToken", token.address, sender=gate.owner)
    gate.mint("r", 10)
    token.send("setMode", FALSE_RETURN, sender=gate.alice)
    with reverts("TokenCallFailed"):
        gate.claw()
    token.send("setMode", 10, sender=gate.alice)  # burns one unit less
    with reverts("TokenDelta", 10, 9):
        gate.claw()
    assert (gate.recoverable(), economy.held(METER, token.address)) == (10, 10)
    token.send("setMode", 0, sender=gate.alice)
    assert gate.claw() == 10


def test_a_mint_that_creates_less_is_no_mint(gate: Gate) -> None:
    economy = gate.economy
    token = economy.bound("HostileToken", economy.create("HostileToken"))
    economy.credits_facet.send("setCreditsToken", token.address, sender=gate.owner)
    token.send("setMode", 10, sender=gate.alice)
    with reverts("TokenDelta", 10, 9):
        gate.mint("r", 10)
    assert (gate.credit(), gate.info()[2]) == (0, False)


@pytest.mark.parametrize("again", ["mint", "claw", "withdraw"])
def test_a_token_that_calls_back_finds_the_door_closed(gate: Gate, again: str) -> None:
    economy = gate.economy
    token = economy.bound("HostileToken", economy.create("HostileToken"))
    economy.credits_facet.send("setCreditsToken", token.address, sender=gate.owner)
    gate.send("setClawbacker", token.address)
    payload = {
        "mint": gate.facet.data("mintFromFiat", *gate.signed("s")),
        "claw": gate.facet.data("clawbackFiatMint", gate.receipt_id("r")),
        "withdraw": gate.meter_facet.data("withdrawCredits", 1),
    }[again]
    token.send("setReentry", economy.diamond, payload, sender=gate.alice)
    token.send("setMode", REENTER, sender=gate.alice)
    gate.mint("r", 10)
    gate.claw("r", 4, sender=gate.owner)
    count, ok, answer = token.call("reentry")
    assert (count, ok, gate.facet.interface.error(answer)[0]) == (2, False, "Reentrancy")
    assert (gate.credit(), economy.held(METER, token.address)) == (6, 6)
    assert token.call("balanceOf", economy.diamond) == 6


# -- other people's locks ----------------------------------------------------------------------


def test_a_stranger_cannot_extend_a_lock(gate: Gate) -> None:
    """One cent a day, bought for alice by somebody else, for a year: hers unlocks when it said."""
    gate.mint("hers", 100)
    unlock = gate.economy.now + LOCK
    for day in range(1, 91):
        gate.economy.later(DAY)
        assert gate.withdrawable() >= (100 if gate.economy.now >= unlock else 0)
        gate.mint(f"dust {day}", 1)
        if gate.economy.now < unlock:
            assert gate.lots()[0] == (100, unlock)
            assert gate.recoverable("hers") == 100
    assert gate.economy.now == unlock
    gate.act("withdrawCredits", 100)


def test_a_flood_of_dust_moves_nothing(gate: Gate) -> None:
    """Two hundred lots' worth in a day: sixteen at most, hers untouched, her next purchase a step later at most."""
    gate.mint("hers", 100)
    hers = gate.lots()[0]
    for n in range(200):
        gate.economy.later(DAY // 200)
        gate.mint(f"dust {n}", 1)
    assert gate.lots()[0] == hers
    assert len(gate.lots()) <= 10
    unlock = gate.mint("next", 50).only("FiatMinted")["unlockAt"]
    assert unlock < gate.economy.now + LOCK + STEP
    assert gate.recoverable("hers") == 100
    gate.economy.evm.timestamp = hers[1]
    gate.act("withdrawCredits", 100)
    gate.economy.evm.timestamp = unlock
    gate.act("withdrawCredits", 50)


def test_a_flood_cannot_make_a_debit_expensive(gate: Gate) -> None:
    """The most lots there can be, all spent in one debit."""
    from tests.contracts.credits.test_mint_gate import fill_the_ring

    fill_the_ring(gate)
    assert len(gate.lots()) == 16
    receipt = gate.debit(160)
    assert receipt.outcome.transaction_gas < 250_000
    assert gate.credit() == 0


def test_a_fraudster_cannot_free_a_purchase_with_refunds(gate: Gate) -> None:
    """Buying and refunding fills the ring with nothing; the purchase that counts stays locked."""
    gate.mint("stolen card", 500)
    for n in range(60):
        gate.economy.later(60)
        gate.mint(f"refunded {n}", 1)
        gate.claw(f"refunded {n}")
    assert (gate.withdrawable(), gate.recoverable("stolen card")) == (0, 500)
    assert gate.claw("stolen card") == 500


def test_a_fraudster_cannot_spend_it_around(gate: Gate) -> None:
    """Topping up and withdrawing around a locked purchase leaves the purchase."""
    gate.mint("stolen card", 500)
    for _ in range(5):
        gate.deposit(500)
        gate.act("withdrawCredits", 500)
    gate.deposit(100)
    gate.debit(100)
    assert gate.recoverable("stolen card") == 500
    assert gate.claw("stolen card") == 500
