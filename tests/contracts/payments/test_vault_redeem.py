"""Receipts: one by one, in batches, with fees."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contracts.calls import reverts
from tests.contracts.counterparts.dollars import OURS, each_dollar
from tests.contracts.economy import ZERO
from tests.contracts.payments.tab import (
    BAD_SIGNATURE,
    NO_KEY,
    NOTHING_LOCKED,
    PAID,
    STALE,
    USD,
    Tab,
    compact,
)
from tests.contracts.signing import Key

dollar = each_dollar


def consumers(tab: Tab, count: int, funds: int = 100, locked: int = 50) -> list[bytes]:
    """People with funds reserved for bob; they share a session key."""
    found = []
    for n in range(count):
        who = Key.named(f"consumer {n}").address
        tab.token.send("mint", who, funds, sender=tab.economy.owner.address)
        tab.token.send("approve", tab.economy.diamond, funds, sender=who)
        tab.deposit(funds, who)
        tab.reserve(locked, consumer=who)
        found.append(who)
    return found


def test_redeeming_pays_what_is_new(tab: Tab) -> None:
    tab.open(10 * USD)
    before = tab.balance_of(tab.bob)
    receipt = tab.redeem(3 * USD)
    assert receipt.names() == ["Redeemed"]
    assert receipt.only("Redeemed") == {
        "consumer": tab.alice, "operator": tab.bob, "paid": 3 * USD, "fee": 0,
        "cumulative": 3 * USD,
    }  # fmt: skip
    assert tab.balance_of(tab.bob) - before == 3 * USD
    assert tab.pair()[:2] == (7 * USD, 3 * USD)
    assert (tab.read("balance"), tab.read("lockedTotal")) == (97 * USD, 7 * USD)
    assert tab.vault.call("totalBalance") == 97 * USD == tab.held()[0]
    assert tab.redeem(5 * USD).only("Redeemed")["paid"] == 2 * USD
    assert tab.balance_of(tab.bob) - before == 5 * USD
    assert tab.free() == 90 * USD


def test_a_receipt_pays_no_more_than_is_locked(tab: Tab) -> None:
    tab.open(10)
    assert tab.read("redeemable", tab.alice, tab.bob, 2**256 - 1) == (10, 0)
    receipt = tab.redeem(2**256 - 1)
    assert receipt.only("Redeemed")["paid"] == receipt.only("Redeemed")["cumulative"] == 10
    assert tab.pair()[:2] == (0, 10)


def test_redeem_refusals_in_order(tab: Tab) -> None:
    signature = tab.receipt(5)
    with reverts("NoSessionKey"):
        tab.redeem(5, signature)
    tab.deposit(100)
    with reverts("BadSignature"):
        tab.redeem(0, signature)
    with reverts("StaleReceipt"):
        tab.redeem(0)
    with reverts("ExceedsReservation"):
        tab.redeem(1)
    tab.reserve(10)
    tab.redeem(4)
    for cumulative in (0, 3, 4):
        with reverts("StaleReceipt"):
            tab.redeem(cumulative)
        assert tab.read("redeemable", tab.alice, tab.bob, cumulative) == (0, 0)
    tab.redeem(10)
    with reverts("StaleReceipt"):
        tab.redeem(10)
    with reverts("ExceedsReservation"):
        tab.redeem(11)


@pytest.mark.parametrize("dollar", [OURS])  # theirs refuses nobody
def test_a_token_that_refuses_leaves_the_receipt_unspent(tab: Tab) -> None:
    owner = tab.economy.owner.address
    tab.open(10)
    tab.token.send("blacklist", tab.bob, sender=owner)
    with reverts("TokenCallFailed", tab.token.address):
        tab.redeem(4)
    assert tab.pair()[:2] == (10, 0)
    tab.token.send("unBlacklist", tab.bob, sender=owner)
    tab.redeem(4)


def test_the_fee_goes_to_its_own_bucket(tab: Tab) -> None:
    tab.set_fee(500)
    tab.open(10 * USD)
    assert tab.vault.call("cycleFeeBps", tab.alice, tab.bob) == 500
    assert tab.read("redeemable", tab.alice, tab.bob, 4 * USD) == (4 * USD, USD // 5)
    before = tab.balance_of(tab.bob)
    paid = tab.redeem(4 * USD).only("Redeemed")
    assert (paid["paid"], paid["fee"]) == (4 * USD, USD // 5)
    assert tab.balance_of(tab.bob) - before == 4 * USD - USD // 5
    assert tab.held() == (96 * USD, USD // 5)
    assert tab.admin.call("feesAccrued") == USD // 5
    assert tab.vault.call("totalBalance") == tab.read("balance") == 96 * USD


def test_the_lower_of_live_and_opening_fee_applies(tab: Tab) -> None:
    tab.set_fee(1_000)
    tab.open(1_000, ttl=20 * 86_400)
    tab.set_fee(2_000)
    assert tab.redeem(100).only("Redeemed")["fee"] == 10
    tab.set_fee(300)
    assert tab.redeem(200).only("Redeemed")["fee"] == 3
    tab.set_fee(0)
    assert tab.redeem(300).only("Redeemed")["fee"] == 0
    tab.set_fee(5_000)
    assert tab.redeem(1_000).only("Redeemed")["fee"] == 70
    tab.reserve(10, ttl=86_400)
    assert tab.vault.call("cycleFeeBps", tab.alice, tab.bob) == 5_000


def test_dust_pays_the_same_fee_in_the_end(tab: Tab) -> None:
    """What is less than a unit is carried over, within the cycle and not into the next."""
    tab.set_fee(300)
    tab.open(100)
    fees = [tab.redeem(n).only("Redeemed")["fee"] for n in range(1, 100)]
    assert sum(fees) == 99 * 300 // 10_000 == 2
    assert tab.redeem(100).only("Redeemed")["fee"] == 1
    tab.reserve(40)
    assert tab.redeem(33).only("Redeemed")["fee"] == 0  # 9,900 of 10,000 parts
    assert tab.redeem(34).only("Redeemed")["fee"] == 1
    tab.redeem(40)
    tab.reserve(40)
    assert (
        tab.redeem(33).only("Redeemed")["fee"] == 0
    )  # what was left is not carried into this cycle


def test_a_fee_that_takes_the_last_unit_pays_nobody_nothing(tab: Tab) -> None:
    tab.set_fee(5_000)
    tab.open(10, funds=100)
    before = tab.balance_of(tab.bob)
    assert [tab.redeem(n).only("Redeemed")["fee"] for n in (1, 2, 3)] == [0, 1, 0]
    assert tab.balance_of(tab.bob) - before == 2
    assert tab.held() == (97, 1)


def test_redeeming_many_at_once(tab: Tab) -> None:
    people = consumers(tab, 5)
    tab.redeem(10, consumer=people[2])
    before = tab.balance_of(tab.bob)
    items = [(who, 20 + n, tab.receipt(20 + n, consumer=who)) for n, who in enumerate(people)]
    receipt = tab.batch(items)
    assert receipt.value == (20 + 21 + 12 + 23 + 24, (PAID,) * 5)
    assert tab.balance_of(tab.bob) - before == 100
    assert [e.args["paid"] for e in receipt.events] == [20, 21, 12, 23, 24]
    transfers = [log for log in receipt.outcome.logs if log.address == tab.token.address]
    assert len(transfers) == 1
    assert tab.held()[0] == tab.vault.call("totalBalance") == 5 * 100 - 110


def test_a_batch_pays_fees_once_and_carries_remainders(tab: Tab) -> None:
    tab.set_fee(150)
    people = consumers(tab, 4)
    before = tab.balance_of(tab.bob)
    receipt = tab.batch([(who, 50, tab.receipt(50, consumer=who)) for who in people[:2]])
    assert receipt.value[0] == 100  # 0.75 of a unit is due from each
    assert tab.held()[1] == 0
    for who in people[:2]:
        tab.reserve(10, consumer=who)
    receipt = tab.batch([(who, 50, tab.receipt(50, consumer=who)) for who in people[2:]])
    assert tab.balance_of(tab.bob) - before == 200
    tab.set_fee(5_000)
    one = tab.batch([(people[0], 10, tab.receipt(10, consumer=people[0]))])
    assert (one.value[0], one.only("Redeemed")["fee"]) == (10, 0)  # opened at 150


def test_every_cycle_begins_without_a_remainder(tab: Tab) -> None:
    """9,999 at a ten-thousandth: what is left of a unit is not carried into the next cycle."""
    tab.set_fee(1)
    tab.deposit(3 * 9_999)
    for _ in range(3):
        tab.reserve(9_999)
        assert tab.redeem(9_999).only("Redeemed")["fee"] == 0


def test_every_verdict_of_a_batch(tab: Tab) -> None:
    paid, stale, drained, forged = consumers(tab, 4)
    tab.redeem(5, consumer=stale)
    tab.redeem(50, consumer=drained)
    junk = b"\x11" * 64 + b"\x1b"
    nobody = tab.economy.address("erin")
    items = [
        (nobody, 5, junk),
        (forged, 5, tab.receipt(6, consumer=forged)),
        (stale, 5, tab.receipt(5, consumer=stale)),
        (drained, 51, tab.receipt(51, consumer=drained)),
        (paid, 7, tab.receipt(7, consumer=paid)),
    ]
    receipt = tab.batch(items)
    assert receipt.value == (7, (NO_KEY, BAD_SIGNATURE, STALE, NOTHING_LOCKED, PAID))
    assert len(receipt.events) == 1
    with reverts("NothingRedeemed"):
        tab.batch(items[:4])
    with reverts("NothingRedeemed"):
        tab.batch([])


def test_batch_refusals(tab: Tab) -> None:
    (who,) = consumers(tab, 1)
    r, vs = compact(tab.receipt(3, consumer=who))

    def send(people: list[Any], cumulatives: list[int], rs: list[bytes], vss: list[bytes]) -> None:
        tab.vault.send("redeemBatch", tab.bob, people, cumulatives, rs, vss, sender=tab.carol)

    for shape in ((2, 1, 1, 1), (1, 2, 1, 1), (1, 1, 2, 1), (1, 1, 1, 2), (0, 1, 1, 1)):
        lists = [[value] * n for value, n in zip((who, 3, r, vs), shape, strict=True)]
        with reverts("LengthMismatch"):
            send(*lists)
    with reverts("BatchTooLarge", 64):
        send([who] * 65, [3] * 65, [r] * 65, [vs] * 65)
    send([who] * 64, [3] * 64, [r] * 64, [vs] * 64)
    assert tab.pair(who).redeemed == 3


def test_the_zero_address_is_nobodys_signer(tab: Tab) -> None:
    """A signature that recovers nobody does not pass for a consumer who has no key."""
    with reverts("NoSessionKey"):
        tab.redeem(1, b"\0" * 65, consumer=ZERO)
    with reverts("NothingRedeemed"):
        tab.batch([(ZERO, 1, b"\0" * 64 + b"\x1b")])
