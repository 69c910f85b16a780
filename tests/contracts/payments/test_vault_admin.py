"""The vault's terms, the guardian and the fee admin."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contracts.calls import Receipt, reverts
from tests.contracts.economy import DAY, ZERO, Economy, bare
from tests.contracts.payments.tab import FEE_TIMELOCK, GRACE, PAUSE, TIMELOCK, TTL, USD, Tab


def admin(tab: Tab, name: str, *args: object, sender: bytes | None = None) -> Receipt:
    """As fee admin unless said otherwise."""
    return tab.admin.send(name, *args, sender=sender or tab.economy.fee_admin.address)


def test_the_terms_are_readable(economy: Economy) -> None:
    read = economy.vault_admin.call
    assert read("vaultToken") == economy.usd.address
    assert read("vaultGuardian") == economy.guardian.address
    assert read("sequencerFeed") == ZERO
    assert (read("redeemGrace"), read("withdrawTimelock")) == (GRACE, TIMELOCK)
    assert (read("maxReserveTtl"), read("maxPauseDuration")) == (TTL, PAUSE)
    assert (read("feeBps"), read("feeTimelock"), read("feesAccrued")) == (0, FEE_TIMELOCK, 0)
    assert (read("feeRecipient"), read("feeAdmin")) == (
        economy.fee_recipient, economy.fee_admin.address,
    )  # fmt: skip
    assert (read("pendingFeeBps"), read("feeEffectiveAt")) == (0, 0)
    assert (read("pendingFeeRecipient"), read("feeRecipientEffectiveAt")) == (ZERO, 0)
    assert (read("pendingFeeAdmin"), read("paused"), read("pausedUntil")) == (ZERO, False, 0)


def test_the_vault_is_initialised_once(economy: Economy) -> None:
    with reverts("AlreadyInitialised"):
        economy.init_vault(token=ZERO)
    alice = economy.address("alice")
    arguments = (ZERO, ZERO, 0, 0, 0, 0, ZERO, ZERO, 0, 0, ZERO)
    with reverts("NotOwner"):
        economy.vault_admin.send("initVault", *arguments, sender=alice)


def test_initialising_says_for_which_token_and_whom() -> None:
    economy = bare()
    assert economy.init_vault().only("VaultInitialised") == {
        "token": economy.usd.address,
        "guardian": economy.guardian.address,
        "feeAdmin": economy.fee_admin.address,
    }


def test_terms_that_are_refused_in_order() -> None:
    economy = bare()
    usd, diamond = economy.usd.address, economy.diamond
    wrong: dict[str, Any] = {
        "withdraw_timelock": DAY - 1, "max_reserve_ttl": 0, "max_pause_duration": 0,
        "fee_bps": 5_001, "fee_timelock": DAY - 1,
    }  # fmt: skip
    for addresses in (
        {"token": ZERO},
        {"token": economy.address("alice")},
        {"guardian": ZERO},
        {"fee_admin": ZERO},
        {"fee_recipient": ZERO},
        {"fee_recipient": usd},
        {"fee_recipient": diamond},
    ):
        with reverts("BadAddress"):
            economy.init_vault(**(wrong | addresses))
    for token in (economy.credits.address, diamond, economy.create("Multicaller")):
        with reverts("BadDecimals"):
            economy.init_vault(**(wrong | {"token": token}))
    for name, values in {
        "withdraw_timelock": (DAY - 1, 365 * DAY + 1, 2**64 - 1),
        "max_reserve_ttl": (0, 365 * DAY + 1, 2**64 - 1),
        "max_pause_duration": (0, 30 * DAY + 1, 2**64 - 1),
    }.items():
        for value in values:
            with reverts("BadConfig"):
                economy.init_vault(**{name: value, "fee_bps": 5_001})
    with reverts("FeeTooHigh"):
        economy.init_vault(fee_bps=5_001, fee_timelock=0)
    for value in (0, DAY - 1, 30 * DAY + 1, 2**64 - 1):
        with reverts("BadConfig"):
            economy.init_vault(fee_timelock=value)
    assert economy.vault_admin.call("vaultToken") == ZERO


@pytest.mark.parametrize("most", (False, True))
def test_the_edges_of_the_terms(most: bool) -> None:
    economy = bare()
    year = 365 * DAY
    shortest = {
        "redeem_grace": 0, "withdraw_timelock": 0, "max_reserve_ttl": 1, "max_pause_duration": 1,
        "fee_bps": 0, "fee_timelock": DAY,
    }  # fmt: skip
    longest = {
        "redeem_grace": year, "withdraw_timelock": year, "max_reserve_ttl": year,
        "max_pause_duration": 30 * DAY, "fee_bps": 5_000, "fee_timelock": 30 * DAY,
    }  # fmt: skip
    economy.init_vault(**(longest if most else shortest))
    read = economy.vault_admin.call
    assert (read("withdrawTimelock"), read("feeBps")) == ((year, 5_000) if most else (0, 0))


def test_pausing_halts_deposits_and_reserves_for_a_while(tab: Tab) -> None:
    tab.deposit()
    now = tab.now
    with reverts("NotGuardian"):
        admin(tab, "setPaused", True)
    assert tab.pause().only("PausedSet") == {"pausedUntil": now + PAUSE}
    assert (tab.admin.call("paused"), tab.admin.call("pausedUntil")) == (True, now + PAUSE)
    for moment in (now, now + PAUSE - 1, now + PAUSE):
        tab.economy.evm.timestamp = moment
        assert tab.admin.call("paused") is True
        with reverts("Paused"):
            tab.deposit()
        with reverts("Paused"):
            tab.reserve()
    tab.economy.later(1)
    assert tab.admin.call("paused") is False
    tab.deposit()
    tab.reserve()
    assert tab.pause(False).events == []


def test_lifting_a_pause(tab: Tab) -> None:
    assert tab.pause(False).events == []
    tab.pause()
    tab.economy.later(100)
    assert tab.pause(False).only("PausedSet") == {"pausedUntil": 0}
    assert (tab.admin.call("paused"), tab.admin.call("pausedUntil")) == (False, 0)
    tab.deposit()
    for seconds in (0, PAUSE):
        tab.economy.later(seconds)
        with reverts("PauseCooldown"):
            tab.pause()
    tab.economy.later(1)
    tab.pause()


def test_a_fee_change_is_announced(tab: Tab) -> None:
    now = tab.now
    receipt = admin(tab, "proposeFee", 250)
    assert receipt.only("FeeProposed") == {"feeBps": 250, "effectiveAt": now + FEE_TIMELOCK}
    assert tab.admin.call("pendingFeeBps") == 250
    assert tab.admin.call("feeEffectiveAt") == now + FEE_TIMELOCK
    for seconds in (0, FEE_TIMELOCK - 1):
        tab.economy.later(seconds)
        with reverts("TimelockActive"):
            admin(tab, "applyFee", sender=tab.frank)
    tab.economy.later(1)
    assert tab.admin.call("feeBps") == 0
    assert admin(tab, "applyFee", sender=tab.frank).only("FeeSet") == {"feeBps": 250}
    assert tab.admin.call("feeBps") == 250
    assert (tab.admin.call("pendingFeeBps"), tab.admin.call("feeEffectiveAt")) == (0, 0)
    assert tab.admin.call("vaultToken") == tab.token.address


def test_fee_change_refusals(tab: Tab) -> None:
    for name, args in (("proposeFee", (5_001,)), ("cancelPendingFee", ())):
        with reverts("NotFeeAdmin"):
            admin(tab, name, *args, sender=tab.alice)
    with reverts("FeeTooHigh"):
        admin(tab, "proposeFee", 5_001)
    for name in ("cancelPendingFee", "applyFee"):
        with reverts("NothingPending"):
            admin(tab, name)
    admin(tab, "proposeFee", 5_000)
    with reverts("FeeTooHigh"):
        admin(tab, "proposeFee", 5_001)
    with reverts("ChangePending"):
        admin(tab, "proposeFee", 1)
    assert admin(tab, "cancelPendingFee").only("FeeChangeCancelled") == {}
    assert (tab.admin.call("pendingFeeBps"), tab.admin.call("feeEffectiveAt")) == (0, 0)
    admin(tab, "proposeFee", 1)


def test_a_recipient_change_is_announced(tab: Tab) -> None:
    now = tab.now
    receipt = admin(tab, "proposeFeeRecipient", tab.frank)
    expected = {"recipient": tab.frank, "effectiveAt": now + FEE_TIMELOCK}
    assert receipt.only("FeeRecipientProposed") == expected
    assert tab.admin.call("pendingFeeRecipient") == tab.frank
    assert tab.admin.call("feeRecipientEffectiveAt") == now + FEE_TIMELOCK
    tab.economy.later(FEE_TIMELOCK - 1)
    with reverts("TimelockActive"):
        admin(tab, "applyFeeRecipient", sender=tab.carol)
    tab.economy.later(1)
    receipt = admin(tab, "applyFeeRecipient", sender=tab.carol)
    assert receipt.only("FeeRecipientSet") == {"recipient": tab.frank}
    assert tab.admin.call("feeRecipient") == tab.frank
    assert tab.admin.call("pendingFeeRecipient") == ZERO
    assert tab.admin.call("feeRecipientEffectiveAt") == 0


def test_recipient_change_refusals(tab: Tab) -> None:
    for name, args in (("proposeFeeRecipient", (ZERO,)), ("cancelPendingFeeRecipient", ())):
        with reverts("NotFeeAdmin"):
            admin(tab, name, *args, sender=tab.alice)
    for recipient in (ZERO, tab.economy.diamond, tab.token.address):
        with reverts("BadAddress"):
            admin(tab, "proposeFeeRecipient", recipient)
    for name in ("cancelPendingFeeRecipient", "applyFeeRecipient"):
        with reverts("NothingPending"):
            admin(tab, name)
    admin(tab, "proposeFeeRecipient", tab.frank)
    with reverts("ChangePending"):
        admin(tab, "proposeFeeRecipient", tab.alice)
    assert admin(tab, "cancelPendingFeeRecipient").names() == ["FeeRecipientChangeCancelled"]
    assert tab.admin.call("pendingFeeRecipient") == ZERO
    admin(tab, "proposeFeeRecipient", tab.alice)


def test_the_fee_admin_hands_over_in_two_steps(tab: Tab) -> None:
    with reverts("NotFeeAdmin"):
        admin(tab, "transferFeeAdmin", ZERO, sender=tab.alice)
    with reverts("BadAddress"):
        admin(tab, "transferFeeAdmin", ZERO)
    receipt = admin(tab, "transferFeeAdmin", tab.frank)
    assert receipt.only("FeeAdminTransferStarted") == {"pendingFeeAdmin": tab.frank}
    assert tab.admin.call("pendingFeeAdmin") == tab.frank
    for outsider in (tab.alice, tab.economy.fee_admin.address):
        with reverts("NotFeeAdmin"):
            admin(tab, "acceptFeeAdmin", sender=outsider)
    receipt = admin(tab, "acceptFeeAdmin", sender=tab.frank)
    assert receipt.only("FeeAdminTransferred") == {"newFeeAdmin": tab.frank}
    assert (tab.admin.call("feeAdmin"), tab.admin.call("pendingFeeAdmin")) == (tab.frank, ZERO)
    assert tab.admin.call("feeTimelock") == FEE_TIMELOCK
    with reverts("NotFeeAdmin"):
        admin(tab, "proposeFee", 1)
    with reverts("NotFeeAdmin"):
        admin(tab, "acceptFeeAdmin", sender=tab.frank)


def test_collecting_fees(tab: Tab) -> None:
    with reverts("NoFees"):
        admin(tab, "collectFees", sender=tab.frank)
    tab.set_fee(1_000)
    tab.open(10 * USD)
    tab.redeem(10 * USD)
    recipient = tab.economy.fee_recipient
    receipt = admin(tab, "collectFees", sender=tab.frank)
    assert receipt.only("FeesCollected") == {"recipient": recipient, "amount": USD}
    assert tab.balance_of(recipient) == USD
    assert tab.held() == (90 * USD, 0)
    with reverts("NoFees"):
        admin(tab, "collectFees", sender=tab.frank)
