"""The way out: request, wait, withdraw; and what changes a request meanwhile."""

from __future__ import annotations

from tests.contracts.calls import reverts
from tests.contracts.counterparts.dollars import each_dollar
from tests.contracts.economy import DAY, ZERO
from tests.contracts.payments.tab import TIMELOCK, USD, Tab

dollar = each_dollar

ALL = "withdraw(uint256)"
TO = "withdraw(uint256,address)"


def authorized(tab: Tab) -> int:
    return int(tab.read("withdrawAuthorized"))


def test_requesting_and_withdrawing(tab: Tab) -> None:
    tab.open(30 * USD)
    now = tab.now
    receipt = tab.send("requestWithdraw")
    assert receipt.only("WithdrawRequested") == {
        "consumer": tab.alice, "at": now, "authorized": 70 * USD,
    }  # fmt: skip
    assert (tab.read("withdrawRequestedAt"), authorized(tab)) == (now, 70 * USD)
    tab.economy.later(TIMELOCK)
    before = tab.balance_of(tab.alice)
    receipt = tab.send(ALL, 20 * USD)
    assert receipt.only("Withdrawn") == {
        "consumer": tab.alice, "to": tab.alice, "amount": 20 * USD,
    }  # fmt: skip
    assert tab.balance_of(tab.alice) - before == 20 * USD
    assert (tab.free(), authorized(tab)) == (50 * USD, 50 * USD)
    assert tab.read("withdrawRequestedAt") == now
    receipt = tab.send(TO, 50 * USD, tab.frank)
    assert receipt.only("Withdrawn")["to"] == tab.frank
    assert (tab.free(), authorized(tab), tab.read("withdrawRequestedAt")) == (0, 0, 0)
    assert tab.held()[0] == tab.vault.call("totalBalance") == 30 * USD
    with reverts("WithdrawNotRequested"):
        tab.send(ALL, 1)


def test_withdraw_refusals_in_order(tab: Tab) -> None:
    with reverts("BadAddress"):
        tab.send(TO, 0, ZERO)
    with reverts("WithdrawNotRequested"):
        tab.send(TO, 0, tab.frank)
    with reverts("WithdrawNotRequested"):
        tab.send(ALL, 0)
    tab.deposit(10)
    tab.send("requestWithdraw")
    for seconds in (0, TIMELOCK - 1):
        tab.economy.later(seconds)
        with reverts("TimelockActive"):
            tab.send(ALL, 0)
    tab.economy.later(1)
    with reverts("BadAmount"):
        tab.send(ALL, 0)
    for amount in (11, 2**256 - 1):
        with reverts("InsufficientWithdrawable"):
            tab.send(ALL, amount)
    with reverts("TokenCallFailed", tab.token.address):
        tab.send(TO, 1, tab.economy.diamond)
    tab.send(ALL, 10)


def test_requesting_needs_something_free(tab: Tab) -> None:
    with reverts("InsufficientWithdrawable"):
        tab.send("requestWithdraw")
    tab.open(10, funds=10)
    with reverts("InsufficientWithdrawable"):
        tab.send("requestWithdraw")


def test_a_repeated_request_starts_over(tab: Tab) -> None:
    tab.deposit(10)
    tab.send("requestWithdraw")
    tab.economy.later(TIMELOCK)
    tab.send("depositFor", tab.alice, 5, sender=tab.carol)
    tab.send("requestWithdraw")
    assert (tab.read("withdrawRequestedAt"), authorized(tab)) == (tab.now, 15)
    with reverts("TimelockActive"):
        tab.send(ALL, 1)
    tab.economy.later(TIMELOCK)
    tab.send(ALL, 15)


def test_cancelling(tab: Tab) -> None:
    with reverts("WithdrawNotRequested"):
        tab.send("cancelWithdraw")
    tab.deposit(10)
    tab.send("requestWithdraw")
    assert tab.send("cancelWithdraw").only("WithdrawRequestCancelled") == {"consumer": tab.alice}
    assert (authorized(tab), tab.read("withdrawRequestedAt")) == (0, 0)
    with reverts("WithdrawNotRequested"):
        tab.send("cancelWithdraw")
    tab.economy.later(TIMELOCK)
    with reverts("WithdrawNotRequested"):
        tab.send(ALL, 1)


def test_reserving_lowers_what_is_authorised(tab: Tab) -> None:
    tab.deposit(10)
    tab.send("requestWithdraw")
    tab.send("depositFor", tab.alice, 5, sender=tab.carol)
    assert (tab.free(), authorized(tab)) == (15, 10)
    tab.reserve(3)  # out of what came late
    assert (tab.free(), authorized(tab)) == (12, 10)
    tab.reserve(2)
    assert (tab.free(), authorized(tab)) == (10, 10)
    tab.reserve(4)
    assert (tab.free(), authorized(tab)) == (6, 6)
    assert tab.reserve(6).names() == ["WithdrawRequestCancelled", "Reserved"]
    assert (authorized(tab), tab.read("withdrawRequestedAt")) == (0, 0)


def test_one_reservation_past_the_late_money(tab: Tab) -> None:
    tab.deposit(10)
    tab.send("requestWithdraw")
    tab.send("depositFor", tab.alice, 5, sender=tab.carol)
    tab.reserve(7)
    assert (tab.free(), authorized(tab)) == (8, 8)


def test_withdrawing_leaves_the_late_money(tab: Tab) -> None:
    tab.deposit(10)
    tab.send("requestWithdraw")
    tab.send("depositFor", tab.alice, 5, sender=tab.carol)
    tab.economy.later(TIMELOCK)
    with reverts("InsufficientWithdrawable"):
        tab.send(ALL, 11)
    tab.send(ALL, 4)
    assert (tab.free(), authorized(tab)) == (11, 6)
    tab.send(ALL, 6)
    assert (tab.free(), authorized(tab), tab.read("withdrawRequestedAt")) == (5, 0, 0)
    with reverts("WithdrawNotRequested"):
        tab.send(ALL, 1)


def test_an_own_deposit_ends_a_request(tab: Tab) -> None:
    tab.deposit(10)
    tab.send("requestWithdraw")
    tab.economy.later(TIMELOCK)
    assert tab.deposit(1).names() == ["WithdrawRequestCancelled", "Deposited"]
    with reverts("WithdrawNotRequested"):
        tab.send(ALL, 1)


def test_redeeming_does_not_touch_a_request(tab: Tab) -> None:
    tab.open(10, funds=20)
    tab.send("requestWithdraw")
    tab.redeem(10)
    tab.economy.later(TIMELOCK)
    tab.send(ALL, 10)
    assert tab.read("balance") == 0


def test_released_money_is_late_money(tab: Tab) -> None:
    tab.open(10, funds=15, ttl=DAY)
    tab.send("requestWithdraw")
    tab.send("releaseByOperator", tab.alice, 2, sender=tab.bob)
    tab.economy.later(3 * DAY)
    tab.send("releaseExpired", tab.alice, tab.bob)
    assert (tab.free(), authorized(tab)) == (15, 5)
