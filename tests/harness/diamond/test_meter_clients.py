"""The clients of deposited credits and of the fiat gate, on a deployed economy."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.chain.errors import ContractError
from harness.chain.keys import LocalSigner
from harness.chain.outbox import Outbox
from harness.diamond.credit_meter import Charge
from harness.diamond.economy import Economy
from harness.diamond.mint_gate import DAY
from harness.protocol.fiat import FiatMint, mint_gate_domain
from tests.harness.diamond.conftest import LH, member

LOCK = 90 * DAY
Join = Callable[[str], Outbox]


@pytest.fixture
def alice(join: Join) -> Outbox:
    return join("alice")


@pytest.fixture
def bob(join: Join) -> Outbox:
    return join("bob")


def receipt(n: int) -> bytes:
    return n.to_bytes(32, "big")


def test_deposited_credits(economy: Economy, alice: Outbox, bob: Outbox) -> None:
    hers = economy.diamond.by(alice).credit_meter
    meter = economy.diamond.by(member(economy.diamond.chain, "meter")).credit_meter
    assert hers.meter_address() == meter.sender
    assert hers.deposit_credits(10 * LH) == 10 * LH == hers.withdrawable_of(alice.address)
    assert meter.meter(alice.address, LH) == 9 * LH
    hers.set_meter_cap(3 * LH)
    assert meter.meter_up_to(alice.address, 100 * LH) == 3 * LH
    assert meter.meter_up_to(alice.address, 100 * LH) == 0
    assert hers.meter_policy_of(alice.address) == (3 * LH, 3 * LH)
    hers.set_meter_cap(0)
    assert meter.meter_ref(alice.address, LH, receipt(1)) == 5 * LH
    assert hers.meter_ref_used(receipt(1))
    batch = meter.meter_batch(
        [
            Charge(alice.address, LH, receipt(2)),
            Charge(alice.address, LH, receipt(1)),
            Charge(bob.address, LH, receipt(3)),
        ]
    )
    assert meter.charged(batch) == {receipt(2): LH}
    assert hers.withdraw_credits(4 * LH) == 0 == hers.credit_of(alice.address)
    for act, error in (
        (lambda: hers.meter(alice.address, 1), "NotMeter"),
        (lambda: meter.meter_ref(alice.address, 1, receipt(1)), "RefUsed"),
        (lambda: meter.meter(alice.address, 1), "InsufficientCredits"),
    ):
        with pytest.raises(ContractError) as caught:
            act()
        assert caught.value.name == error
    economy.diamond.credit_meter.set_meter(bob.address)
    assert hers.meter_address() == bob.address


def test_the_fiat_gate(economy: Economy, alice: Outbox, bob: Outbox) -> None:
    diamond = economy.diamond
    gate, owner = diamond.by(bob).mint_gate, diamond.mint_gate
    issuer = LocalSigner.from_phrase("fiat issuer")
    clawbacker = diamond.by(member(diamond.chain, "clawbacker")).mint_gate
    assert (gate.fiat_issuer_signer(), gate.clawbacker()) == (issuer.address, clawbacker.sender)
    separator = gate.fiat_mint_domain_separator()
    assert separator == mint_gate_domain(diamond.chain.chain_id, diamond.address).separator
    circulating = gate.circulating_supply()

    def buy(n: int, amount: int) -> int:
        mint = FiatMint(alice.address, amount, receipt(n), 2**40)
        return gate.mint_from_fiat(mint.sign(issuer, separator))

    unlock = buy(1, 10 * LH)
    assert gate.fiat_lock_secs() == LOCK
    assert gate.fiat_locked_of(alice.address) == (10 * LH, unlock)
    assert gate.lots_of(alice.address) == ((10 * LH, unlock),)
    assert diamond.credit_meter.credit_of(alice.address) == 10 * LH
    assert diamond.credit_meter.withdrawable_of(alice.address) == 0
    assert gate.receipt_used(receipt(1))
    assert gate.circulating_supply() == circulating
    assert gate.fiat_mint_window().minted == 10 * LH
    with pytest.raises(ContractError) as caught:
        buy(1, 10 * LH)
    assert caught.value.name == "ReceiptUsed"
    assert clawbacker.clawback_fiat_mint_up_to(receipt(1), 0) == 0
    assert clawbacker.clawback_fiat_mint_up_to(receipt(1), LH) == LH
    assert gate.recoverable_of(receipt(1)) == 9 * LH
    assert clawbacker.clawback_fiat_mint(receipt(1)) == 9 * LH
    info = gate.receipt_info(receipt(1))
    assert (info.to, info.used, info.clawed, info.clawed_wei) == (
        alice.address,
        True,
        True,
        10 * LH,
    )
    owner.set_fiat_lock_secs(DAY)
    owner.set_fiat_mint_window(5 * LH, 240)
    owner.set_per_receipt_max_wei(LH)
    owner.set_clawbacker(bob.address)
    owner.set_fiat_issuer_signer(bob.address)
    assert (gate.per_receipt_max_wei(), gate.fiat_lock_secs()) == (LH, DAY)
    assert (gate.fiat_mint_window().cap, gate.fiat_mint_window().window_secs) == (5 * LH, 240)
    with pytest.raises(ContractError) as caught:
        gate.set_clawbacker(bob.address)
    assert caught.value.name == "NotOwner"
