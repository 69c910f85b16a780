"""One test per attack on the vault (V-A19, the hostile feed, is in test_vault_sequencer.py)."""

from __future__ import annotations

import pytest

from tests.contracts.calls import reverts
from tests.contracts.economy import DAY, ZERO
from tests.contracts.payments.tab import (
    BAD_SIGNATURE,
    GRACE,
    PAID,
    PAUSE,
    STALE,
    TIMELOCK,
    TTL,
    USD,
    Tab,
    elsewhere,
)
from tests.contracts.signing import Key

FEE, REENTER, BLOCK, WRONG_AMOUNT, REVERTING = 5, 6, 7, 10, 8
OTHER = Key.named("another session key")


def test_receipt_replay_v_a1(tab: Tab) -> None:
    tab.open(10)
    receipt = tab.receipt(4)
    tab.redeem(4, receipt)
    with reverts("StaleReceipt"):
        tab.redeem(4, receipt)
    with reverts("NothingRedeemed"):
        tab.batch([(tab.alice, 4, receipt)])
    assert tab.pair()[:2] == (6, 4)


def test_receipts_of_an_earlier_epoch_v_a2(tab: Tab) -> None:
    tab.open(10, funds=100)
    old = tab.receipt(9)
    tab.send("releaseByOperator", tab.alice, 10, sender=tab.bob)
    tab.send("setSessionKey", OTHER.address)
    tab.send("setSessionKey", tab.key.address)  # the same key, another epoch
    tab.reserve(10)
    with reverts("BadSignature"):
        tab.redeem(9, old)
    with reverts("BadSignature"):
        tab.redeem(9, tab.receipt(9, epoch=0))


def test_a_chain_split_v_a2(tab: Tab) -> None:
    tab.open(10)
    receipt = tab.receipt(4)
    assert tab.vault.call("vaultDomainSeparator") == tab.separator
    evm = tab.economy.evm
    old, evm.chain_id = evm.chain_id, 5
    tab.economy.later(1)  # the clock and the chain id change together
    try:
        assert tab.vault.call("vaultDomainSeparator") == tab.domain(chain_id=5)
        with reverts("BadSignature"):
            tab.redeem(4, receipt)
        tab.redeem(4, tab.receipt(4, separator=tab.domain(chain_id=5)))
    finally:
        evm.chain_id = old
        tab.economy.later(1)


def test_reservation_replay_v_a4(tab: Tab) -> None:
    tab.deposit(100)
    first, second = (tab.reservation(10, tab.now + DAY, n) for n in (0, 1))
    with reverts("BadNonce"):
        tab.vault.send("reserve", *second, sender=tab.frank)
    tab.vault.send("reserve", *first, sender=tab.frank)
    with reverts("BadNonce"):
        tab.vault.send("reserve", *first, sender=tab.frank)
    tab.redeem(10)
    with reverts("BadNonce"):  # not in the next cycle either
        tab.vault.send("reserve", *first, sender=tab.frank)
    tab.vault.send("reserve", *second, sender=tab.frank)
    assert tab.read("lockedTotal") == 10


def test_no_key_rotation_under_an_operator_v_a5(tab: Tab) -> None:
    tab.open(10)
    receipt = tab.receipt(7)
    with reverts("SessionKeyInUse"):
        tab.send("setSessionKey", OTHER.address)
    tab.economy.later(DAY + GRACE + 1)
    with reverts("SessionKeyInUse"):  # released first, or redeemed
        tab.send("setSessionKey", OTHER.address)
    tab.redeem(7, receipt)


def test_a_withdrawal_request_aged_beforehand_v_a6(tab: Tab) -> None:
    tab.deposit(1)
    tab.send("requestWithdraw")
    tab.economy.later(TIMELOCK)
    tab.deposit(100)
    with reverts("WithdrawNotRequested"):
        tab.send("withdraw(uint256)", 1)
    # Nor does a release make instantly withdrawable what an operator just let go.
    tab.send("requestWithdraw")
    tab.reserve(99)
    tab.economy.later(TIMELOCK)
    tab.send("releaseByOperator", tab.alice, 99, sender=tab.bob)
    assert (tab.free(), tab.read("withdrawAuthorized")) == (101, 2)
    with reverts("InsufficientWithdrawable"):
        tab.send("withdraw(uint256)", 3)
    tab.send("withdraw(uint256)", 2)


def test_top_ups_cannot_ratchet_the_expiry_v_a7(tab: Tab) -> None:
    tab.open(1, funds=100, ttl=TTL)
    start = tab.now
    for _ in range(4):
        tab.economy.later(10 * DAY)
        tab.reserve(1, ttl=TTL)
        assert tab.pair().expiry == start + TTL
    tab.send("releaseExpired", tab.alice, tab.bob)
    assert tab.free() == 100


def test_a_relayer_cannot_swap_the_session_key_v_a8(tab: Tab) -> None:
    consumer, _, *rest = tab.authorization(50 * USD)
    for key in (OTHER.address, tab.carol):
        with reverts("TokenCallFailed", tab.token.address):
            tab.send("depositWithAuthorization", consumer, key, *rest, sender=tab.carol)
    # The token lets nobody but the diamond run it.
    bound = tab.vault.call("depositNonce", tab.alice, tab.key.address, rest[3])
    function = "receiveWithAuthorization(address,address,uint256,uint256,uint256,bytes32,uint8,bytes32,bytes32)"
    direct = (consumer, tab.economy.diamond, *rest[:3], bound, *rest[4:])
    with reverts("CallerNotPayee"):
        tab.token.send(function, *direct, sender=tab.carol)
    tab.send("depositWithAuthorization", consumer, tab.key.address, *rest, sender=tab.carol)
    assert tab.read("sessionKey") == tab.key.address


def test_somebody_elses_authorisation_v_a8(tab: Tab) -> None:
    """An authorisation credits who signed it, whatever the relayer says."""
    consumer, key, *rest = tab.authorization(50)
    with reverts("TokenCallFailed", tab.token.address):
        tab.send("depositWithAuthorization", tab.carol, key, *rest, sender=tab.carol)
    assert consumer == tab.alice


def test_dust_cannot_cancel_a_withdrawal_v_a9(tab: Tab) -> None:
    tab.deposit(10)
    tab.send("requestWithdraw")
    at = tab.read("withdrawRequestedAt")
    tab.economy.later(TIMELOCK)
    assert tab.send("depositFor", tab.alice, 1, sender=tab.frank).names() == ["Deposited"]
    assert (tab.read("withdrawRequestedAt"), tab.read("withdrawAuthorized")) == (at, 10)
    tab.send("withdraw(uint256)", 10)


def test_a_fee_raised_within_a_cycle_v_a10(tab: Tab) -> None:
    tab.set_fee(100)
    tab.open(1_000, ttl=20 * DAY)
    tab.set_fee(5_000)
    assert tab.redeem(500).only("Redeemed")["fee"] == 5
    tab.reserve(500, ttl=DAY)  # a top-up keeps the terms
    assert tab.redeem(1_000).only("Redeemed")["fee"] == 5


def test_a_blocked_fee_recipient_blocks_nobody_v_a11(tab: Tab) -> None:
    owner = tab.economy.owner.address
    tab.set_fee(1_000)
    tab.open(100)
    tab.token.send("blacklist", tab.economy.fee_recipient, sender=owner)
    tab.redeem(50)
    with reverts("TokenCallFailed", tab.token.address):
        tab.admin.send("collectFees", sender=tab.frank)
    assert tab.held()[1] == 5
    admin = tab.economy.fee_admin.address
    tab.admin.send("proposeFeeRecipient", tab.frank, sender=admin)
    tab.economy.later(2 * DAY)
    tab.admin.send("applyFeeRecipient", sender=tab.frank)
    tab.admin.send("collectFees", sender=tab.carol)
    assert tab.held()[1] == 0


def test_a_pause_cannot_be_rearmed_for_ever_v_a12(tab: Tab) -> None:
    tab.pause()
    for moment in (tab.now, tab.now + PAUSE, tab.now + PAUSE + 1, tab.now + 2 * PAUSE):
        tab.economy.evm.timestamp = moment
        with reverts("PauseCooldown"):
            tab.pause()
    tab.deposit(5)  # there was time to act
    tab.economy.later(1)
    tab.pause()
    tab.pause(False)
    with reverts("PauseCooldown"):
        tab.pause()


def test_a_stolen_session_key_v_a13(tab: Tab) -> None:
    tab.deposit(1_000)
    tab.send("setSpendPolicy", 100, 60)
    thief = Key.named("session key")
    tab.reserve(60, operator=tab.frank, key=thief)
    with reverts("PolicyExceeded"):
        tab.reserve(1, operator=tab.frank, key=thief)
    tab.economy.later(DAY)
    tab.reserve(40, operator=tab.frank, key=thief)
    with reverts("PolicyExceeded"):
        tab.reserve(1, operator=tab.frank, key=thief)
    tab.send("setReservesFrozen", True)
    tab.redeem(100, operator=tab.frank, key=thief)
    with reverts("ReservesAreFrozen"):
        tab.reserve(1, operator=tab.frank, key=thief)
    assert tab.free() == 900
    tab.send("setSessionKey", OTHER.address)  # nothing is locked any more
    tab.send("setReservesFrozen", False)
    with reverts("BadSignature"):
        tab.reserve(1, operator=tab.frank, key=thief)


def test_a_token_that_takes_a_fee_v_a14() -> None:
    tab = elsewhere("HostileToken")
    tab.token.send("setFee", 250, sender=tab.alice)
    tab.token.send("setMode", FEE, sender=tab.alice)
    receipt = tab.deposit(1_000)
    assert receipt.only("Deposited")["amount"] == 975 == tab.free() == tab.held()[0]
    tab.send("depositFor", tab.alice, 100, sender=tab.carol)
    assert tab.free() == 975 + 98 == tab.held()[0] == tab.balance_of(tab.economy.diamond)
    tab.token.send("setFee", 10_000, sender=tab.alice)
    with reverts("ZeroAmount"):
        tab.deposit(1_000)
    with reverts("ZeroAmount"):
        tab.send("depositWithAuthorization", *tab.authorization(1_000), sender=tab.carol)
    # Paying out, the fee is the payee's.
    tab.token.send("setFee", 250, sender=tab.alice)
    tab.reserve(100)
    tab.redeem(100)
    assert tab.balance_of(tab.bob) == 98
    assert tab.held()[0] == 973 == tab.balance_of(tab.economy.diamond)


def test_a_token_that_moves_something_else() -> None:
    tab = elsewhere("HostileToken")
    tab.open(10, funds=100)
    tab.token.send("setMode", WRONG_AMOUNT, sender=tab.alice)
    with reverts("TokenDelta", 4, 3):
        tab.redeem(4)
    tab.token.send("setMode", REVERTING, sender=tab.alice)
    with reverts("TokenCallFailed", tab.token.address):
        tab.redeem(4)
    assert (tab.pair()[:2], tab.held()) == ((10, 0), (100, 0))


def test_reentry_from_the_token() -> None:
    """A callback finds every door of the vault closed, whichever movement it comes from."""
    tab = elsewhere("HostileToken")
    tab.open(20, funds=100)
    tab.send("requestWithdraw")
    tab.economy.later(TIMELOCK)
    receipt = tab.receipt(9)
    inner = [
        tab.vault.data("deposit", 1, tab.key.address),
        tab.vault.data("depositFor", tab.alice, 1),
        tab.vault.data("withdraw(uint256)", 1),
        tab.vault.data("redeem", tab.alice, tab.bob, 9, receipt),
        tab.vault.data("reserve", *tab.reservation(1, tab.now + DAY, 1)),
        tab.vault.data("releaseExpired", tab.alice, tab.bob),
        tab.admin.data("collectFees"),
    ]
    outer = {
        "depositFor": (tab.alice, 5),
        "redeem": (tab.alice, tab.bob, 5, tab.receipt(5)),
        "withdraw(uint256)": (5,),
    }
    for name, args in outer.items():
        for payload in inner:
            mark = tab.economy.evm.snapshot()
            tab.token.send("setReentry", tab.economy.diamond, payload, sender=tab.alice)
            tab.token.send("setMode", REENTER, sender=tab.alice)
            before = tab.held()[0]
            tab.send(name, *args)
            count, ok, answer = tab.token.call("reentry")
            error = tab.vault.interface.error(answer)[0]
            assert (count, ok, error) == (1, False, "Reentrancy"), name
            assert abs(tab.held()[0] - before) == 5
            assert tab.held()[0] == tab.read("balance") == tab.balance_of(tab.economy.diamond)
            tab.economy.evm.revert(mark)


@pytest.mark.parametrize("poison", ("junk", "stale", "no key", "other operator"))
def test_one_poisoned_receipt_in_a_batch_v_a15(tab: Tab, poison: str) -> None:
    tab.open(10)
    tab.deposit(10, tab.carol)
    tab.reserve(10, consumer=tab.carol)
    erin = tab.economy.address("erin")
    bad = {
        "junk": (tab.carol, 4, b"\xff" * 64 + b"\x1b"),
        "stale": (tab.carol, 0, tab.receipt(0, consumer=tab.carol)),
        "no key": (erin, 4, tab.receipt(4, consumer=erin)),
        "other operator": (tab.carol, 4, tab.receipt(4, consumer=tab.carol, operator=tab.frank)),
    }[poison]
    for items in ([bad, (tab.alice, 4, tab.receipt(4))], [(tab.alice, 8, tab.receipt(8)), bad]):
        receipt = tab.batch(items)
        assert receipt.value[0] == 4
        assert sorted(receipt.value[1])[0] == PAID and len(receipt.events) == 1
    assert tab.pair(tab.carol).redeemed == 0


def test_the_same_consumer_twice_in_a_batch_v_a16(tab: Tab) -> None:
    tab.open(10)
    four, seven, more = tab.receipt(4), tab.receipt(7), tab.receipt(99)
    items = [
        (tab.alice, 4, four),
        (tab.alice, 4, four),
        (tab.alice, 7, seven),
        (tab.alice, 4, four),
    ]
    receipt = tab.batch(items)
    assert receipt.value == (7, (PAID, STALE, PAID, STALE))
    receipt = tab.batch([(tab.alice, 99, more), (tab.alice, 99, more), (tab.alice, 98, more)])
    assert receipt.value[0] == 3
    assert receipt.value[1][0] == PAID and receipt.value[1][2] == BAD_SIGNATURE
    assert tab.pair()[:2] == (0, 10)


@pytest.mark.parametrize("who", ("nobody", "diamond", "token"))
def test_operators_that_cannot_be_paid_v_a17(tab: Tab, who: str) -> None:
    operator = {"nobody": ZERO, "diamond": tab.economy.diamond, "token": tab.token.address}[who]
    tab.deposit()
    number = tab.read("reserveNonce")
    args = tab.reservation(1, tab.now + DAY, number)
    with reverts("BadOperator"):
        tab.vault.send("reserve", args[0], operator, *args[2:], sender=tab.carol)


def test_the_last_and_first_moments_v_a18(tab: Tab) -> None:
    """Expiry, grace and timelock leave no moment to both sides and none to neither."""
    tab.open(10, funds=100, ttl=DAY)
    expiry = tab.pair().expiry
    tab.send("requestWithdraw")
    requested = tab.now
    evm = tab.economy.evm
    for moment in (expiry - 1, expiry, expiry + 1, expiry + GRACE):
        evm.timestamp = moment
        with reverts("NotExpired"):
            tab.send("releaseExpired", tab.alice, tab.bob)
        mark = evm.snapshot()
        tab.redeem(10)
        evm.revert(mark)
    evm.timestamp = requested + TIMELOCK - 1
    with reverts("TimelockActive"):
        tab.send("withdraw(uint256)", 1)
    evm.timestamp = expiry + GRACE + 1
    assert evm.timestamp > requested + TIMELOCK
    tab.send("withdraw(uint256)", 1)
    tab.send("releaseExpired", tab.alice, tab.bob)
    assert tab.free() == 99


def test_the_treasury_never_reaches_the_vault(tab: Tab) -> None:
    owner, token = tab.economy.owner.address, tab.token.address
    tab.set_fee(1_000)
    tab.open(100)
    tab.redeem(50)
    held = tab.held()
    with reverts("BucketUnderflow", 1):
        tab.economy.treasury.send("withdrawTreasuryOf", token, owner, 1, sender=owner)
    assert tab.economy.treasury.send("skim", token, sender=owner).value == 0
    assert tab.held() == held


def test_a_pause_stops_no_way_out_v_i9(tab: Tab) -> None:
    tab.set_fee(1_000)
    tab.open(100, funds=300, ttl=DAY)
    tab.send("requestWithdraw")
    tab.economy.later(TIMELOCK - 1)
    tab.pause()
    tab.redeem(50)
    tab.batch([(tab.alice, 60, tab.receipt(60))])
    tab.economy.later(2)
    tab.send("releaseExpired", tab.alice, tab.bob)
    tab.send("withdraw(uint256)", 200)
    tab.send("requestWithdraw")
    tab.send("cancelWithdraw")
    tab.admin.send("collectFees", sender=tab.frank)
    assert tab.admin.call("paused") is True
    tab.send("releaseExpiredBatch", [tab.alice], [tab.bob])
