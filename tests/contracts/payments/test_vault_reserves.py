"""Reservations: how a cycle opens, grows, expires and is released."""

from __future__ import annotations

import pytest

from tests.contracts.calls import reverts
from tests.contracts.counterparts.dollars import each_dollar
from tests.contracts.economy import DAY, ZERO
from tests.contracts.payments.tab import GRACE, TTL, USD, Pair, Tab
from tests.contracts.signing import Key

dollar = each_dollar


def test_reserving_opens_a_cycle(tab: Tab) -> None:
    tab.deposit(100 * USD)
    now = tab.now
    receipt = tab.reserve(10 * USD, ttl=DAY)
    assert receipt.names() == ["Reserved"]
    assert receipt.only("Reserved") == {
        "consumer": tab.alice, "operator": tab.bob, "amount": 10 * USD,
        "expiry": now + DAY, "cycle": 1,
    }  # fmt: skip
    assert tab.pair() == Pair(10 * USD, 0, now + DAY, now, 1)
    assert (tab.free(), tab.read("lockedTotal")) == (90 * USD, 10 * USD)
    assert (tab.read("balance"), tab.read("reserveNonce")) == (100 * USD, 1)
    assert tab.held() == (100 * USD, 0)


def test_reserve_refusals_in_order(tab: Tab) -> None:
    vault, diamond, token = tab.vault, tab.economy.diamond, tab.token.address
    now = tab.now
    good = {
        "consumer": tab.alice,
        "operator": tab.bob,
        "amount": 5,
        "expiry": now + DAY,
        "nonce": 0,
    }
    bad = {"operator": ZERO, "amount": 0, "expiry": now, "nonce": 7}

    def attempt(signature: bytes = b"", **changes: object) -> None:
        args = (good | changes).values()
        vault.send("reserve", *args, signature, sender=tab.carol)

    tab.send("setReservesFrozen", True)
    tab.pause()
    with reverts("Paused"):
        attempt(**bad)
    tab.pause(False)
    with reverts("ReservesAreFrozen"):
        attempt(**bad)
    tab.send("setReservesFrozen", False)
    with reverts("BadAmount"):
        attempt(**bad)
    bad["amount"] = 6
    for operator in (ZERO, diamond, token):
        with reverts("BadOperator"):
            attempt(**(bad | {"operator": operator}))
    bad["operator"] = tab.bob
    with reverts("BadNonce"):
        attempt(**bad)
    bad["nonce"] = 0
    for expiry in (0, now - 1, now, now + TTL + 1, 2**64 - 1):
        with reverts("BadExpiry"):
            attempt(**(bad | {"expiry": expiry}))
    bad["expiry"] = now + TTL
    with reverts("NoSessionKey"):
        attempt(**bad)
    tab.deposit(5)
    with reverts("BadSignature"):
        attempt(**bad)
    tab.send("setSpendPolicy", 4, 0)
    with reverts("InsufficientFree"):
        attempt(tab.reservation(6, now + TTL, 0)[-1], **bad)
    with reverts("PolicyExceeded"):
        attempt(tab.reservation(5, now + DAY, 0)[-1])
    tab.send("setSpendPolicy", 0, 0)
    attempt(tab.reservation(5, now + DAY, 0)[-1])


@pytest.mark.parametrize("ttl", (1, TTL))
def test_the_edges_of_an_expiry(tab: Tab, ttl: int) -> None:
    tab.deposit()
    tab.reserve(1, ttl=ttl)
    assert tab.pair().expiry == tab.now + ttl


def test_a_top_up_moves_the_expiry_forward_only(tab: Tab) -> None:
    tab.open(10, ttl=2 * DAY)
    start = tab.now
    tab.economy.later(DAY)
    for ttl, expiry in (
        (10, start + 2 * DAY),
        (DAY, start + 2 * DAY),
        (DAY + 1, start + 2 * DAY + 1),
    ):
        receipt = tab.reserve(5, ttl=ttl)
        assert receipt.only("Reserved")["expiry"] == expiry == tab.pair().expiry
    assert tab.pair() == Pair(25, 0, start + 2 * DAY + 1, start, 1)
    assert tab.read("reserveNonce") == 4


def test_a_new_cycle_starts_when_nothing_is_locked(tab: Tab) -> None:
    tab.open(10)
    tab.redeem(10)
    assert tab.pair()[:2] == (0, 10)
    tab.economy.later(50)
    tab.reserve(7, ttl=100)
    assert tab.pair() == Pair(7, 0, tab.now + 100, tab.now, 2)
    with reverts("BadSignature"):
        tab.redeem(5, tab.receipt(5, cycle=1))
    tab.redeem(5)


def test_pairs_are_apart(tab: Tab) -> None:
    tab.deposit(100)
    tab.reserve(10)
    tab.reserve(20, operator=tab.frank)
    assert (tab.pair().locked, tab.pair(operator=tab.frank).locked) == (10, 20)
    assert (tab.read("lockedTotal"), tab.free()) == (30, 70)
    tab.redeem(20, operator=tab.frank)
    assert (tab.pair().locked, tab.pair(operator=tab.frank).locked) == (10, 0)
    assert tab.read("lockedTotal") == 10


def cycle_slot(tab: Tab) -> tuple[int, int]:
    """The cycle's word and its slot, after a reservation of one more: it alone grows by one."""
    evm, diamond = tab.economy.evm, tab.economy.diamond
    before = evm.storage(diamond)
    tab.reserve(1)
    after = evm.storage(diamond)
    locked = tab.pair().locked
    grown = [n for n, word in after.items() if word - before.get(n, 0) == 1]
    (slot,) = [n for n in grown if after[n] % 2**64 == locked]
    return slot, after[slot]


def test_one_cycle_takes_no_more_than_its_field_counts(tab: Tab) -> None:
    """What a cycle has paid and still holds fits 64 bits; a reservation that would pass that is refused."""
    tab.open(10, funds=100)
    evm, diamond = tab.economy.evm, tab.economy.diamond
    slot, word = cycle_slot(tab)
    paid = 2**64 - 1 - 20
    evm.state.set_storage(diamond, slot, word | paid << 64)
    assert tab.pair()[:2] == (11, paid)
    with reverts("CastOverflow"):
        tab.reserve(10)
    tab.reserve(9)
    assert tab.redeem(2**64 - 1).only("Redeemed")["paid"] == 20
    assert tab.pair()[:2] == (0, 2**64 - 1)


def test_a_pair_runs_out_of_cycles(tab: Tab) -> None:
    tab.open(10, funds=100)
    evm, diamond = tab.economy.evm, tab.economy.diamond
    slot, word = cycle_slot(tab)
    evm.state.set_storage(diamond, slot, word | (2**24 - 1) << 200)
    assert tab.pair().cycle == 2**24 - 1
    tab.reserve(1)
    tab.redeem(12)
    with reverts("CastOverflow"):
        tab.reserve(1)
    tab.reserve(1, operator=tab.frank)


def test_releasing_after_expiry_and_grace(tab: Tab) -> None:
    tab.open(10 * USD, ttl=DAY)
    expiry = tab.pair().expiry
    tab.redeem(4 * USD)
    for moment in (expiry, expiry + GRACE - 1, expiry + GRACE):
        tab.economy.evm.timestamp = moment
        with reverts("NotExpired"):
            tab.send("releaseExpired", tab.alice, tab.bob, sender=tab.frank)
    tab.economy.later(1)
    receipt = tab.send("releaseExpired", tab.alice, tab.bob, sender=tab.frank)
    assert receipt.only("ReleasedExpired") == {
        "consumer": tab.alice, "operator": tab.bob, "amount": 6 * USD,
    }  # fmt: skip
    assert (tab.pair().locked, tab.read("lockedTotal"), tab.free()) == (0, 0, 96 * USD)
    assert tab.send("releaseExpired", tab.alice, tab.bob).events == []
    with reverts("ExceedsReservation"):
        tab.redeem(5 * USD)


def test_what_was_never_locked_is_released_silently(tab: Tab) -> None:
    assert tab.send("releaseExpired", tab.alice, tab.bob).events == []


def test_releasing_many(tab: Tab) -> None:
    tab.deposit(100)
    tab.reserve(10, ttl=DAY)
    tab.reserve(20, ttl=2 * DAY, operator=tab.frank)
    tab.economy.later(DAY + GRACE + 1)
    pairs = [
        (tab.alice, tab.frank),
        (tab.alice, tab.bob),
        (tab.carol, tab.bob),
        (tab.alice, tab.bob),
    ]
    consumers, operators = [c for c, _ in pairs], [o for _, o in pairs]
    with reverts("LengthMismatch"):
        tab.send("releaseExpiredBatch", consumers, operators[1:])
    with reverts("BatchTooLarge", 64):
        tab.send("releaseExpiredBatch", [tab.alice] * 65, [tab.bob] * 65)
    receipt = tab.send("releaseExpiredBatch", consumers, operators, sender=tab.carol)
    assert [event.args["operator"] for event in receipt.events] == [tab.bob]
    assert (tab.free(), tab.read("lockedTotal")) == (80, 20)
    tab.economy.later(DAY)
    tab.send("releaseExpiredBatch", [tab.alice] * 64, [tab.frank] * 64)
    assert (tab.free(), tab.read("lockedTotal")) == (100, 0)
    assert tab.send("releaseExpiredBatch", [], []).events == []


def test_an_operator_gives_up_what_it_does_not_need(tab: Tab) -> None:
    tab.open(10, funds=100)
    for amount in (0, 11, 2**256 - 1):
        with reverts("BadAmount"):
            tab.send("releaseByOperator", tab.alice, amount, sender=tab.bob)
    with reverts("BadAmount"):
        tab.send("releaseByOperator", tab.alice, 1, sender=tab.frank)
    receipt = tab.send("releaseByOperator", tab.alice, 4, sender=tab.bob)
    assert receipt.only("ReleasedByOperator") == {
        "consumer": tab.alice, "operator": tab.bob, "amount": 4,
    }  # fmt: skip
    assert (tab.pair().locked, tab.free()) == (6, 94)
    tab.redeem(9)  # six are left
    assert tab.pair()[:2] == (0, 6)


def test_a_releasable_cycle_still_pays_and_cannot_be_revived(tab: Tab) -> None:
    tab.open(10, funds=100, ttl=TTL)
    start = tab.now
    tab.economy.later(TTL + GRACE + 1)
    tab.redeem(3)
    receipt = tab.reserve(5, ttl=DAY)
    assert receipt.only("Reserved")["expiry"] == start + TTL
    tab.redeem(4)
    tab.send("releaseExpired", tab.alice, tab.bob, sender=tab.frank)
    assert (tab.pair().locked, tab.free()) == (0, 96)


def test_a_cycle_in_grace_can_be_revived(tab: Tab) -> None:
    tab.open(10, ttl=DAY)
    tab.economy.later(DAY + GRACE)
    tab.reserve(1, ttl=DAY)
    tab.economy.later(DAY + GRACE)
    with reverts("NotExpired"):
        tab.send("releaseExpired", tab.alice, tab.bob)


def test_signatures_are_the_session_keys_only(tab: Tab) -> None:
    """Neither the consumer, nor a contract that accepts everything, signs for the vault."""
    tab.deposit(10)
    with reverts("BadSignature"):
        tab.reserve(1, key=tab.economy.keys["alice"])
    wallet = tab.economy.create("HostileSigner")
    tab.send("setSessionKey", wallet)
    args = tab.reservation(1, tab.now + DAY, 0)
    for signature in (args[-1], b"", b"\0" * 65):
        with reverts("BadSignature"):
            tab.vault.send("reserve", *args[:-1], signature, sender=tab.carol)
    with reverts("BadSignature"):
        tab.reserve(1, key=Key.named("somebody"))
