"""The vault through its typed clients: a tab from the first deposit to the last withdrawal."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.chain.embedded import EmbeddedChain
from harness.chain.errors import ContractError
from harness.chain.keys import LocalSigner
from harness.chain.outbox import Outbox
from harness.diamond.economy import Economy
from harness.diamond.tokens import FwUsd
from harness.protocol.addresses import ZERO_ADDRESS
from harness.protocol.vault import Receipt, Reservation, SignedReceipt, sign_deposit, vault_domain

from .conftest import member

Join = Callable[[str], Outbox]
USD = 10**6
DAY = 86_400
KEY = LocalSigner.from_phrase("session key")


@pytest.fixture
def alice(join: Join, economy: Economy, chain: EmbeddedChain) -> Outbox:
    """A consumer who has approved the Diamond."""
    someone = join("alice")
    FwUsd(chain, economy.dollar.address, someone).approve(economy.diamond.address, 2**256 - 1)
    return someone


@pytest.fixture
def bob(join: Join) -> Outbox:
    return join("bob")


def reservation(economy: Economy, consumer: Outbox, operator: Outbox, amount: int) -> Reservation:
    vault = economy.diamond.vault
    expiry = economy.diamond.chain.block().timestamp + DAY
    nonce, epoch = vault.reserve_nonce(consumer.address), vault.key_epoch(consumer.address)
    return Reservation(consumer.address, operator.address, amount, expiry, nonce, epoch)


def receipt(economy: Economy, consumer: Outbox, operator: Outbox, owed: int) -> SignedReceipt:
    vault = economy.diamond.vault
    epoch = vault.key_epoch(consumer.address)
    cycle = vault.ops(consumer.address, operator.address).cycle
    unsigned = Receipt(consumer.address, operator.address, owed, epoch, cycle)
    return unsigned.sign(KEY, vault.vault_domain_separator())


def test_a_tab_from_deposit_to_withdrawal(
    economy: Economy, chain: EmbeddedChain, alice: Outbox, bob: Outbox
) -> None:
    hers, his = economy.diamond.by(alice).vault, economy.diamond.by(bob).vault
    separator = hers.vault_domain_separator()
    assert separator == vault_domain(31337, economy.diamond.address).separator
    hers.deposit(100 * USD, KEY.address)
    his_gift = FwUsd(chain, economy.dollar.address, bob)
    his_gift.approve(economy.diamond.address, 5 * USD)
    his.deposit_for(alice.address, 5 * USD)
    assert hers.session_key(alice.address) == KEY.address
    assert hers.withdrawable(alice.address) == hers.total_balance() == 105 * USD
    hers.set_spend_policy(50 * USD, 40 * USD)
    wanted = reservation(economy, alice, bob, 30 * USD)
    expiry, cycle = his.reserve(wanted, wanted.sign(KEY, separator))
    assert (expiry, cycle) == (wanted.expiry, 1)
    pair = hers.ops(alice.address, bob.address)
    assert (pair.locked, pair.redeemed, pair.cycle) == (30 * USD, 0, 1)
    policy = hers.spend_policy(alice.address)
    assert (policy.max_locked, policy.reserved_today) == (50 * USD, 30 * USD)
    more = reservation(economy, alice, bob, 11 * USD)
    with pytest.raises(ContractError) as caught:
        his.reserve(more, more.sign(KEY, separator))
    assert caught.value.name == "PolicyExceeded"
    owed = receipt(economy, alice, bob, 12 * USD)
    assert his.redeemable(alice.address, bob.address, 12 * USD) == (12 * USD, 0)
    assert his.redeem(owed) == (12 * USD, 0)
    with pytest.raises(ContractError) as caught:
        his.redeem(owed)
    assert caught.value.name == "StaleReceipt"
    receipts = [receipt(economy, alice, bob, 15 * USD), owed]
    assert his.simulate_redeem_batch(bob.address, receipts) == (3 * USD, (0, 3))
    his.redeem_batch(bob.address, receipts)
    his.release_by_operator(alice.address, 5 * USD)
    assert (hers.locked_total(alice.address), hers.balance(alice.address)) == (10 * USD, 90 * USD)
    assert hers.cycle_fee_bps(alice.address, bob.address) == 0
    chain.set_time(expiry + DAY + 1)
    his.release_expired(alice.address, bob.address)
    his.release_expired_batch([(alice.address, bob.address)])
    hers.request_withdraw()
    hers.cancel_withdraw()
    hers.request_withdraw()
    asked = hers.withdraw_requested_at(alice.address)
    assert hers.withdraw_authorized(alice.address) == 90 * USD
    chain.set_time(asked + 2 * DAY)
    before = economy.dollar.balance_of(alice.address)
    hers.withdraw(40 * USD)
    hers.withdraw(50 * USD, bob.address)
    assert economy.dollar.balance_of(alice.address) - before == 40 * USD
    hers.set_reserves_frozen(True)
    assert hers.reserves_frozen(alice.address)
    hers.set_session_key(bob.address)
    assert hers.key_epoch(alice.address) == 1


def test_a_deposit_without_gas(
    economy: Economy, chain: EmbeddedChain, alice: Outbox, bob: Outbox
) -> None:
    vault = economy.diamond.by(bob).vault
    salt = b"\x07" * 32
    deposit = sign_deposit(
        LocalSigner.from_phrase("alice"),
        economy.dollar.domain,
        economy.diamond.address,
        session_key=KEY.address,
        amount=3 * USD,
        valid_before=chain.block().timestamp + 600,
        salt=salt,
    )
    assert deposit.signed.authorization.nonce == vault.deposit_nonce(
        alice.address, KEY.address, salt
    )
    vault.deposit_with_authorization(deposit)
    assert vault.balance(alice.address) == 3 * USD
    with pytest.raises(ContractError) as caught:
        vault.deposit_with_authorization(deposit)
    assert caught.value.name == "TokenCallFailed"


def test_the_people_in_charge(
    economy: Economy, chain: EmbeddedChain, alice: Outbox, bob: Outbox
) -> None:
    guardian, fee_admin = member(chain, "guardian"), member(chain, "fee admin")
    admin = economy.diamond.by(fee_admin).vault_admin
    assert (admin.redeem_grace(), admin.withdraw_timelock()) == (DAY, 2 * DAY)
    assert (admin.max_reserve_ttl(), admin.max_pause_duration()) == (30 * DAY, 3 * DAY)
    assert (admin.fee_timelock(), admin.sequencer_feed()) == (2 * DAY, ZERO_ADDRESS)
    admin.propose_fee(9)
    admin.cancel_pending_fee()
    admin.propose_fee(1_000)
    admin.propose_fee_recipient(alice.address)
    admin.cancel_pending_fee_recipient()
    admin.propose_fee_recipient(bob.address)
    assert (admin.pending_fee_bps(), admin.pending_fee_recipient()) == (1_000, bob.address)
    assert admin.fee_recipient_effective_at() >= admin.fee_effective_at() > 0
    chain.set_time(admin.fee_recipient_effective_at())
    anyone = economy.diamond.by(alice).vault_admin
    anyone.apply_fee()
    anyone.apply_fee_recipient()
    assert (admin.fee_bps(), admin.fee_recipient()) == (1_000, bob.address)
    vault = economy.diamond.by(alice).vault
    vault.deposit(10 * USD, KEY.address)
    wanted = reservation(economy, alice, bob, 10 * USD)
    vault.reserve(wanted, wanted.sign(KEY, vault.vault_domain_separator()))
    assert vault.redeem(receipt(economy, alice, bob, 10 * USD)) == (10 * USD, USD)
    assert admin.fees_accrued() == USD
    anyone.collect_fees()
    assert admin.fees_accrued() == 0
    guards = economy.diamond.by(guardian).vault_admin
    guards.set_paused(True)
    assert guards.paused() and guards.paused_until() > 0
    with pytest.raises(ContractError) as caught:
        vault.deposit(1, KEY.address)
    assert caught.value.name == "Paused"
    admin.transfer_fee_admin(alice.address)
    assert admin.pending_fee_admin() == alice.address
    anyone.accept_fee_admin()
    assert admin.fee_admin() == alice.address
