"""Receipts: which are taken, which are not, and how they become money."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from harness.chain.keys import LocalSigner
from harness.diamond.vault import Vault
from harness.inference.mock import MockProvider
from harness.protocol.vault import Receipt, vault_domain
from harness.services.operator import gate
from harness.services.operator.app import Operator

from .scripted_relay import ScriptedRelay
from .test_vault import ANSWER, QUICK, code, play, served
from .world import USD, Customer, World, question, settlement

ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141  # of secp256k1

# -- receipts --------------------------------------------------------------------------------------


def test_M9_receipts_that_are_not_good_are_refused(world: World, tmp_path: Path) -> None:
    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        await served(relay, customer)
        me = operator.address
        stranger = Customer(world)
        forged = Receipt(customer.address, me, ANSWER, 0, 1).sign(
            stranger.session, world.vault.vault_domain_separator()
        )
        foreign = Receipt(customer.address, me, ANSWER, 0, 1).sign(
            customer.session, vault_domain(1, world.vault.address).separator
        )
        other = LocalSigner.generate().address
        good = customer.signed(me, ANSWER).signature
        twin = (ORDER - int.from_bytes(good[32:64], "big")).to_bytes(32, "big")
        high = "0x" + (good[:32] + twin + bytes([55 - good[64]])).hex()

        def with_signature(signed: Any) -> Any:
            return customer.receipt(me, ANSWER, signature="0x" + signed.signature.hex())

        for frame, reason in (
            (with_signature(forged), "vault_session_key_mismatch"),
            (with_signature(foreign), "vault_session_key_mismatch"),
            (customer.receipt(other, ANSWER), "wrong_operator"),
            (customer.receipt(me, ANSWER, cycle=2), "vault_cycle_stale"),
            (customer.receipt(me, USD), "receipt_exceeds_reservation"),
            (customer.receipt(me, ANSWER, signature="0x12"), "invalid_receipt"),
            (
                customer.receipt(me, ANSWER, signature=high),
                "invalid_receipt",
            ),  # the vault's word, too
            (customer.receipt(me, ANSWER, cumulative="-5"), "invalid_receipt"),
        ):
            ack = await relay.receipt(frame)
            assert (ack.accepted, ack.reason) == (False, reason)
        tab = operator.tabs.newest(customer.address)
        assert tab is not None and tab.held == 0

    play(world, tmp_path, scene)


def test_M9_a_lower_receipt_does_not_go_back_and_the_same_one_is_taken_again(
    world: World, tmp_path: Path
) -> None:
    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        await served(relay, customer)
        high = customer.receipt(operator.address, ANSWER)
        assert (await relay.receipt(high)).accepted
        again = customer.receipt(operator.address, ANSWER)
        assert (await relay.receipt(again)).accepted
        low = await relay.receipt(customer.receipt(operator.address, ANSWER - 1))
        assert (low.accepted, low.reason) == (False, "receipt_not_higher")

    play(world, tmp_path, scene)


def test_M9_a_new_cycle_is_a_new_tab(world: World, tmp_path: Path) -> None:
    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        owed = await served(relay, customer)
        assert (await relay.receipt(customer.receipt(operator.address, 2_000))).accepted
        await operator.redeemer.flush()  # paid more than was owed: the consumer's choice
        pair = world.vault.ops(customer.address, operator.address)
        assert (pair.locked, pair.cycle) == (0, 1) and owed == ANSWER
        assert customer.reserve(operator.address, 3_000) == 2
        answer = await relay.ask(question(), customer.vault_headers())
        assert settlement(answer)["cycle"] == "2"
        assert settlement(answer)["cumulative"] == str(ANSWER)
        old = await relay.receipt(customer.receipt(operator.address, 1_999, cycle=1))
        assert (old.accepted, old.reason) == (False, "vault_cycle_stale")
        new = await relay.receipt(customer.receipt(operator.address, ANSWER, cycle=2))
        assert new.accepted

    play(world, tmp_path, scene, reserved=2_000)


def test_M10_a_changed_session_key_is_read_again(world: World, tmp_path: Path) -> None:
    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        await served(relay, customer)
        assert (await relay.receipt(customer.receipt(operator.address, 2_000))).accepted
        await operator.redeemer.flush()
        old, new = customer.session, LocalSigner.generate()
        vault = Vault(world.chain, world.vault.address, world.outbox(customer.key))
        vault.set_session_key(new.address)
        customer.session, customer.epoch = new, 1
        customer.reserve(operator.address, 3_000)
        await served(relay, customer)
        customer.session = old
        ack = await relay.receipt(customer.receipt(operator.address, ANSWER, cycle=2))
        assert (ack.accepted, ack.reason) == (False, "vault_session_key_mismatch")
        customer.session = new  # the key kept for a minute is the old one: it is read anew
        ack = await relay.receipt(customer.receipt(operator.address, ANSWER, cycle=2))
        assert ack.accepted

    play(world, tmp_path, scene, reserved=2_000)


def test_M18_a_chain_that_does_not_answer_is_no_zero(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider = MockProvider()
    monkeypatch.setattr(gate, "READING_SECONDS", 0.0)  # the last reading is too old

    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        await served(relay, customer)
        frames = [
            customer.receipt(operator.address, ANSWER),
            Customer(world).receipt(operator.address, 5),
            customer.receipt(operator.address, USD // 2 + 1),
        ]
        forged = Receipt(customer.address, operator.address, USD // 2 + 2, 0, 1).sign(
            Customer(world).session, world.vault.vault_domain_separator()
        )
        signature = "0x" + forged.signature.hex()
        frames.append(customer.receipt(operator.address, USD // 2 + 2, signature=signature))
        world.chain.failing = lambda call: True
        answer = await relay.ask(question(), customer.vault_headers())
        assert (answer.status, code(answer)) == (503, "chain_unavailable")
        assert provider.calls == 1
        ack = await relay.receipt(frames[0])
        assert ack.accepted  # tab and key are known: nothing needs to be read
        ack = await relay.receipt(frames[1])
        assert (ack.accepted, ack.reason) == (False, "chain_unavailable")
        beyond = await relay.receipt(frames[2])
        assert (beyond.accepted, beyond.provisional) == (True, True)
        higher = await relay.receipt(frames[3])  # a stranger's must not push it out
        assert (higher.accepted, higher.reason) == (False, "chain_unavailable")
        tab = operator.tabs.newest(customer.address)
        assert tab is not None and tab.held == ANSWER  # provisional counts for nothing
        world.chain.failing = None
        customer.reserve(operator.address, 1)
        await operator.desk.settle_provisional()
        assert tab.held == USD // 2 + 1
        assert operator.journal.provisional_receipts() == []

    play(world, tmp_path, scene, provider, timing=QUICK)


# -- redeeming -------------------------------------------------------------------------------------


def test_a_receipt_worth_it_is_redeemed_at_once(world: World, tmp_path: Path) -> None:
    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        await served(relay, customer)
        assert (await relay.receipt(customer.receipt(operator.address, 49_999))).accepted
        await asyncio.sleep(0.05)
        assert world.hand.calls["/vault/redeem"] == 0
        assert (await relay.receipt(customer.receipt(operator.address, 50_000))).accepted
        async with asyncio.timeout(10):
            while world.dollar.balance_of(operator.address) != 50_000:
                await asyncio.sleep(0.02)
        tab = operator.tabs.newest(customer.address)
        assert tab is not None
        async with asyncio.timeout(10):
            while tab.redeemed != 50_000:
                await asyncio.sleep(0.01)

    play(world, tmp_path, scene)


def test_M12_small_receipts_wait_for_idleness_half_life_or_shutdown(
    world: World, tmp_path: Path
) -> None:
    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        await served(relay, customer)
        await relay.receipt(customer.receipt(operator.address, ANSWER))
        tab = operator.tabs.newest(customer.address)
        assert tab is not None
        redeemer, gate = operator.redeemer, operator.redeemer._gate
        assert not redeemer.due(customer.address, tab)
        gate._ahead += 61
        assert redeemer.due(customer.address, tab)  # idle for a minute
        tab.used_at = gate.chain_time()
        assert not redeemer.due(customer.address, tab)
        gate._ahead += 1_800
        tab.used_at = gate.chain_time()
        assert redeemer.due(customer.address, tab)  # half of an hour's reservation is over
        assert world.hand.calls["/vault/redeem"] == 0

    play(world, tmp_path, scene)
    assert world.hand.calls["/vault/redeem"] == 1  # at shutdown


def test_a_facilitator_that_fails_is_asked_again_and_then_left_to_the_sweep(
    world: World, tmp_path: Path
) -> None:
    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        await served(relay, customer)
        await relay.receipt(customer.receipt(operator.address, ANSWER))
        world.hand.script["/vault/redeem"] = ["down", "lose"]
        operator.redeemer.sweep(everything=True)
        await operator.redeemer.flush()  # the one that is under way is enough
        assert world.dollar.balance_of(operator.address) == ANSWER
        assert world.hand.calls["/vault/redeem"] == 3

    play(world, tmp_path, scene, timing=QUICK)


def test_one_that_waits_for_its_gas_is_left_to_the_sweep(world: World, tmp_path: Path) -> None:
    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        await served(relay, customer)
        await relay.receipt(customer.receipt(operator.address, ANSWER))
        about = {"cumulative": str(ANSWER), "cycle": "1", "coalesced": True, "transaction": ""}
        world.hand.script["/vault/redeem"] = [{"status": "pending"} | about]
        await operator.redeemer.flush()
        assert world.hand.calls["/vault/redeem"] == 1
        await operator.redeemer.flush()
        assert world.dollar.balance_of(operator.address) == ANSWER

    play(world, tmp_path, scene, timing=QUICK)


def test_a_receipt_refused_for_good_is_never_sent_again(world: World, tmp_path: Path) -> None:
    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        await served(relay, customer)
        await relay.receipt(customer.receipt(operator.address, ANSWER))
        rejected = {"status": "rejected", "reason": "invalid-request", "error": "no"}
        world.hand.script["/vault/redeem"] = [rejected]
        await operator.redeemer.flush()
        await operator.redeemer.flush()
        assert world.hand.calls["/vault/redeem"] == 1
        row = operator.journal.tab(customer.address, 1)
        assert row is not None and row.dead == "invalid-request"
        owed = await served(relay, customer)
        await relay.receipt(customer.receipt(operator.address, owed))  # a higher one may be good
        await operator.redeemer.flush()
        assert world.dollar.balance_of(operator.address) == owed

    play(world, tmp_path, scene, timing=QUICK)


def test_a_facilitators_word_alone_loses_no_receipt(world: World, tmp_path: Path) -> None:
    """It says of a good receipt that it can never be paid: the vault knows better, and it is offered again."""

    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        await served(relay, customer)
        await relay.receipt(customer.receipt(operator.address, ANSWER))
        for reason in ("invalid-receipt", "cycle-mismatch"):
            rejected = {"status": "rejected", "reason": reason, "error": "no"}
            world.hand.script["/vault/redeem"] = [rejected]
            await operator.redeemer.flush()
        row = operator.journal.tab(customer.address, 1)
        assert row is not None and row.dead is None
        await operator.redeemer.flush()
        assert world.dollar.balance_of(operator.address) == ANSWER

    play(world, tmp_path, scene, timing=QUICK)


def test_a_receipt_that_a_facilitator_could_not_read_is_offered_by_the_next_start(
    world: World, tmp_path: Path
) -> None:
    signer = LocalSigner.generate()

    async def main() -> None:
        customer = Customer(world)
        customer.deposit(USD)
        customer.reserve(signer.address, USD // 2)
        async with (
            ScriptedRelay() as relay,
            world.operator(relay, tmp_path, signer, timing=QUICK) as operator,
        ):
            await served(relay, customer)
            await relay.receipt(customer.receipt(operator.address, ANSWER))
            rejected = {"status": "rejected", "reason": "invalid-request", "error": "no"}
            world.hand.script["/vault/redeem"] = [rejected]
            await operator.redeemer.flush()
        assert world.dollar.balance_of(signer.address) == 0
        async with (
            ScriptedRelay() as relay,
            world.operator(relay, tmp_path, signer, timing=QUICK) as operator,
        ):
            await operator.redeemer.flush()
        assert world.dollar.balance_of(signer.address) == ANSWER

    asyncio.run(main())
