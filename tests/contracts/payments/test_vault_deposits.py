"""Deposits, session keys and the consumer's own limits."""

from __future__ import annotations

import pytest

from tests.contracts.calls import reverts
from tests.contracts.counterparts.dollars import each_dollar
from tests.contracts.economy import DAY, ZERO, bare
from tests.contracts.payments.tab import USD, Tab
from tests.contracts.signing import Key

dollar = each_dollar

OTHER = Key.named("another session key")


def test_the_first_deposit_registers_the_key(tab: Tab) -> None:
    before = tab.balance_of(tab.alice)
    receipt = tab.deposit(100 * USD)
    assert receipt.names() == ["SessionKeySet", "Deposited"]
    assert receipt.only("SessionKeySet") == {
        "consumer": tab.alice, "sessionKey": tab.key.address, "keyEpoch": 0,
    }  # fmt: skip
    assert receipt.only("Deposited") == {
        "consumer": tab.alice, "amount": 100 * USD, "sessionKey": tab.key.address,
    }  # fmt: skip
    assert before - tab.balance_of(tab.alice) == 100 * USD
    for name in ("withdrawable", "balance"):
        assert tab.read(name) == 100 * USD
    assert tab.vault.call("totalBalance") == 100 * USD
    assert tab.held() == (100 * USD, 0)
    assert (tab.read("sessionKey"), tab.read("keyEpoch")) == (tab.key.address, 0)
    assert (tab.read("reserveNonce"), tab.read("lockedTotal")) == (0, 0)


def test_later_deposits_ignore_the_key(tab: Tab) -> None:
    tab.deposit(1)
    for key in (OTHER.address, ZERO):
        receipt = tab.send("deposit", 2, key)
        assert receipt.names() == ["Deposited"]
        assert receipt.only("Deposited")["sessionKey"] == tab.key.address
    assert (tab.free(), tab.read("sessionKey")) == (5, tab.key.address)


def test_deposit_refusals_in_order(tab: Tab) -> None:
    tab.pause()
    with reverts("Paused"):
        tab.send("deposit", 0, ZERO)
    tab.pause(False)
    with reverts("BadAmount"):
        tab.send("deposit", 0, ZERO)
    with reverts("NoSessionKey"):
        tab.send("deposit", 1, ZERO)
    with reverts("TokenCallFailed", tab.token.address):
        tab.send("deposit", 1, OTHER.address, sender=tab.bob)  # no allowance
    assert tab.vault.call("sessionKey", tab.bob) == ZERO


def test_nothing_can_be_deposited_before_the_vault_is_initialised() -> None:
    economy = bare()
    alice, key = economy.address("alice"), OTHER.address
    with reverts("NotConfigured"):
        economy.vault.send("deposit", 0, ZERO, sender=alice)
    with reverts("NotConfigured"):
        economy.vault.send("depositFor", alice, 0, sender=alice)
    reservation = (alice, key, 1, 2**40, 0, b"")
    with reverts("NotConfigured"):
        economy.vault.send("reserve", *reservation, sender=alice)
    with reverts("NoSessionKey"):
        economy.vault.send("redeem", alice, alice, 1, b"", sender=alice)
    assert economy.vault.call("totalBalance") == economy.vault_admin.call("feesAccrued") == 0


def test_the_vault_holds_at_most_what_its_fields_can(tab: Tab) -> None:
    limit = 2**56 - 1
    owner = tab.economy.owner.address
    tab.deposit(5)
    tab.token.send("mint", tab.alice, 2**60, sender=owner)
    with reverts("CastOverflow"):
        tab.deposit(limit - 4)
    with reverts("CastOverflow"):
        tab.deposit(2**60)
    tab.deposit(limit - 5)
    assert tab.free() == tab.vault.call("totalBalance") == limit
    with reverts("CastOverflow"):
        tab.send("depositFor", tab.alice, 1, sender=tab.carol)
    # All of it can be reserved, released and withdrawn.
    tab.reserve(limit)
    assert tab.read("lockedTotal") == limit
    tab.send("releaseByOperator", tab.alice, limit, sender=tab.bob)
    assert tab.free() == limit


def test_depositing_for_somebody(tab: Tab) -> None:
    with reverts("NoSessionKey"):
        tab.send("depositFor", tab.alice, 1, sender=tab.carol)
    tab.deposit(5)
    with reverts("BadAmount"):
        tab.send("depositFor", tab.bob, 0, sender=tab.carol)
    with reverts("NoSessionKey"):
        tab.send("depositFor", tab.bob, 1, sender=tab.carol)
    before = tab.balance_of(tab.carol)
    receipt = tab.send("depositFor", tab.alice, 7, sender=tab.carol)
    assert receipt.names() == ["Deposited"]
    assert receipt.only("Deposited")["consumer"] == tab.alice
    assert before - tab.balance_of(tab.carol) == 7
    assert (tab.free(), tab.free(tab.carol)) == (12, 0)
    tab.pause()
    with reverts("Paused"):
        tab.send("depositFor", tab.alice, 0, sender=tab.carol)


def test_depositing_without_gas(tab: Tab) -> None:
    args = tab.authorization(30 * USD)
    assert tab.vault.call("depositNonce", tab.alice, tab.key.address, args[5]) != args[5]
    before = tab.balance_of(tab.alice)
    receipt = tab.send("depositWithAuthorization", *args, sender=tab.carol)
    assert receipt.names() == ["SessionKeySet", "Deposited"]
    assert before - tab.balance_of(tab.alice) == 30 * USD == tab.free() == tab.held()[0]
    assert tab.read("sessionKey") == tab.key.address
    used = tab.vault.call("depositNonce", tab.alice, tab.key.address, args[5])
    assert tab.token.call("authorizationState", tab.alice, used) is True
    with reverts("TokenCallFailed", tab.token.address):
        tab.send("depositWithAuthorization", *args, sender=tab.carol)


def test_gasless_deposit_refusals_in_order(tab: Tab) -> None:
    consumer, key, amount, *rest = tab.authorization(5)
    name = "depositWithAuthorization"
    tab.pause()
    with reverts("Paused"):
        tab.send(name, consumer, ZERO, 0, *rest)
    tab.pause(False)
    with reverts("BadAmount"):
        tab.send(name, consumer, ZERO, 0, *rest)
    with reverts("NoSessionKey"):
        tab.send(name, consumer, ZERO, amount, *rest)
    with reverts("TokenCallFailed", tab.token.address):
        tab.send(name, consumer, key, amount + 1, *rest)
    tab.economy.later(2**40 - tab.now)
    with reverts("TokenCallFailed", tab.token.address):
        tab.send(name, consumer, key, amount, *rest)  # expired
    assert tab.read("sessionKey") == ZERO


def test_a_gasless_deposit_ends_a_pending_request(tab: Tab) -> None:
    tab.deposit(5)
    tab.send("requestWithdraw")
    receipt = tab.send("depositWithAuthorization", *tab.authorization(3), sender=tab.carol)
    assert receipt.names() == ["WithdrawRequestCancelled", "Deposited"]
    assert (tab.free(), tab.read("withdrawRequestedAt")) == (8, 0)


def test_changing_the_session_key(tab: Tab) -> None:
    with reverts("NoSessionKey"):
        tab.send("setSessionKey", ZERO)
    tab.open(10 * USD)
    with reverts("NoSessionKey"):
        tab.send("setSessionKey", ZERO)
    with reverts("SameSessionKey"):
        tab.send("setSessionKey", tab.key.address)
    with reverts("SessionKeyInUse"):
        tab.send("setSessionKey", OTHER.address)
    tab.send("releaseByOperator", tab.alice, 10 * USD, sender=tab.bob)
    receipt = tab.send("setSessionKey", OTHER.address)
    assert receipt.only("SessionKeySet") == {
        "consumer": tab.alice, "sessionKey": OTHER.address, "keyEpoch": 1,
    }  # fmt: skip
    assert (tab.read("sessionKey"), tab.read("keyEpoch")) == (OTHER.address, 1)
    assert tab.free() == 100 * USD
    # Both copies of the key changed: reserving and redeeming follow the new one.
    with reverts("BadSignature"):
        tab.reserve(5)
    tab.reserve(5, key=OTHER)
    tab.redeem(5, key=OTHER)
    assert tab.deposit(1).only("Deposited")["sessionKey"] == OTHER.address


def test_a_key_may_come_before_the_first_deposit(tab: Tab) -> None:
    assert tab.send("setSessionKey", OTHER.address).only("SessionKeySet")["keyEpoch"] == 1
    tab.send("depositFor", tab.alice, 4, sender=tab.carol)
    receipt = tab.send("deposit", 1, tab.key.address)
    assert receipt.only("Deposited")["sessionKey"] == OTHER.address
    assert tab.free() == 5


def test_freezing_reserves(tab: Tab) -> None:
    tab.open(10 * USD)
    receipt = tab.send("setReservesFrozen", True)
    assert receipt.only("ReservesFrozenSet") == {"consumer": tab.alice, "frozen": True}
    assert tab.read("reservesFrozen") is True
    assert tab.send("setReservesFrozen", True).events == []
    with reverts("ReservesAreFrozen"):
        tab.reserve(1)
    tab.redeem(3)  # what is reserved stays redeemable
    tab.send("setReservesFrozen", False)
    assert tab.read("reservesFrozen") is False
    assert tab.send("setReservesFrozen", False).events == []
    tab.reserve(1)


def test_what_the_key_may_lock_in_all(tab: Tab) -> None:
    tab.deposit(100)
    receipt = tab.send("setSpendPolicy", 10, 0)
    assert receipt.only("SpendPolicySet") == {
        "consumer": tab.alice, "maxLocked": 10, "dailyReserve": 0,
    }  # fmt: skip
    assert tab.read("spendPolicy") == (10, 0, 0)
    with reverts("PolicyExceeded"):
        tab.reserve(11)
    tab.reserve(10)
    with reverts("PolicyExceeded"):
        tab.reserve(1, operator=tab.frank)
    tab.redeem(4)
    with reverts("PolicyExceeded"):
        tab.reserve(5)
    tab.reserve(4, operator=tab.frank)
    tab.send("setSpendPolicy", 0, 0)
    assert tab.read("spendPolicy") == (0, 0, 0)
    tab.reserve(80)


def test_what_the_key_may_reserve_in_a_day(tab: Tab) -> None:
    tab.economy.evm.timestamp = (tab.now // DAY + 2) * DAY  # midnight
    tab.deposit(100)
    tab.send("setSpendPolicy", 0, 10)
    tab.reserve(7)
    assert tab.read("spendPolicy") == (0, 10, 7)
    with reverts("PolicyExceeded"):
        tab.reserve(4)
    tab.redeem(7)  # what is spent is spent
    with reverts("PolicyExceeded"):
        tab.reserve(4)
    tab.reserve(3)
    for seconds, allowed in ((DAY - 1, False), (1, True), (DAY, True)):
        tab.economy.later(seconds)
        if allowed:
            assert tab.read("spendPolicy") == (0, 10, 0)
            tab.reserve(10, ttl=30 * DAY)
        with reverts("PolicyExceeded"):
            tab.reserve(1)


def test_limits_that_cannot_matter_are_refused(tab: Tab) -> None:
    tab.send("setSpendPolicy", 2**64 - 1, 2**64 - 1)
    for limits in ((2**64, 0), (0, 2**64), (2**128 - 1, 2**128 - 1)):
        with reverts("CastOverflow"):
            tab.send("setSpendPolicy", *limits)
    assert tab.read("spendPolicy") == (2**64 - 1, 2**64 - 1, 0)


@pytest.mark.parametrize("frozen", (True, False))
def test_flags_do_not_disturb_each_other(tab: Tab, frozen: bool) -> None:
    tab.deposit(100)
    tab.send("requestWithdraw")
    tab.send("setSpendPolicy", 50, 0)
    tab.send("setReservesFrozen", True)
    if not frozen:
        tab.send("setReservesFrozen", False)
    assert tab.read("withdrawAuthorized") == 100
    assert tab.read("reservesFrozen") is frozen
    tab.send("setSpendPolicy", 0, 0)
    tab.send("cancelWithdraw")
    assert (tab.read("withdrawAuthorized"), tab.read("reservesFrozen")) == (0, frozen)
    assert (tab.free(), tab.read("sessionKey")) == (100, tab.key.address)
