"""Work on credit is done for whom the session key speaks, and for nobody who only knows the name."""

from __future__ import annotations

import asyncio
import secrets
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.chain.keys import LocalSigner
from harness.diamond.vault import Vault
from harness.inference.mock import MockProvider
from harness.protocol.vault import Receipt
from harness.services.operator.app import Operator

from .scripted_relay import ScriptedRelay
from .test_vault import QUICK, code, play
from .world import Customer, World, question, sealed, settlement


async def refused(relay: ScriptedRelay, body: dict[str, Any], headers: dict[str, str]) -> str:
    """Why; asserts that it was told with a status clients do not retry."""
    answer = await relay.ask(body, headers)
    assert (answer.status, code(answer)) == (401, "vault_proof_invalid"), answer.body
    return str(answer.body["error"]["message"])


def test_a_stranger_who_knows_a_consumer_gets_no_work(world: World, tmp_path: Path) -> None:
    provider = MockProvider()

    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        stranger = Customer(
            world, key=customer.key, operator=operator.address
        )  # another session key
        assert stranger.address == customer.address
        assert "not signed by" in await refused(relay, question(), stranger.vault_headers())
        naming = customer.vault_headers()
        del naming["x-halo-vault-proof"]
        assert "missing" in await refused(relay, question(), naming)
        assert provider.calls == 0 and operator.tabs.newest(customer.address) is None

    play(world, tmp_path, scene, provider)


def test_what_was_signed_for_one_request_is_no_proof_of_another(
    world: World, tmp_path: Path
) -> None:
    provider = MockProvider()

    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        mine = customer.vault_headers()
        assert (await relay.ask(question(), mine)).status == 200
        other = mine | {"idempotency-key": "key_" + secrets.token_hex(8)}
        assert "not signed by" in await refused(relay, question(), other)
        keyless = {name: value for name, value in mine.items() if name != "idempotency-key"}
        assert "Idempotency-Key" in await refused(relay, question(), keyless)
        body, _ = sealed(question(), relay)  # the proof of an open request under an envelope
        await refused(relay, body, mine)
        again = await relay.ask(question("something else"), mine)
        assert (again.status, code(again)) == (409, "idempotency_conflict")
        assert provider.calls == 1

    play(world, tmp_path, scene, provider)


@pytest.mark.parametrize(
    ("seconds", "why"),
    [(0, "expired"), (1, ""), (600, ""), (601, "more than 600 s")],
    ids=["late", "just in time", "longest", "too long"],
)
def test_a_proof_lasts_minutes(world: World, tmp_path: Path, seconds: int, why: str) -> None:
    now = int(time.time())  # a clock that stands: the borders are a second wide

    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        headers = customer.vault_headers()
        proof = customer.proof(headers["idempotency-key"], deadline=now + seconds)
        headers["x-halo-vault-proof"] = proof
        if why:
            assert why in await refused(relay, question(), headers)
        else:
            assert (await relay.ask(question(), headers)).status == 200

    play(world, tmp_path, scene, timing=replace(QUICK, wall=lambda: float(now)))


def test_neither_another_operators_proof_nor_a_receipt_is_one(world: World, tmp_path: Path) -> None:
    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        headers = customer.vault_headers()
        key = headers["idempotency-key"]
        elsewhere = LocalSigner.generate().address
        deadline = int(time.time()) + 100
        separator = world.vault.vault_domain_separator()
        receipt = Receipt(customer.address, operator.address, 10, 0, 1)
        for proof in (
            customer.proof(key, operator=elsewhere),
            customer.proof(key, consumer=elsewhere),
            f"{deadline}.0x{receipt.sign(customer.session, separator).signature.hex()}",
            f"0{customer.proof(key)}", customer.proof(key)[:-2], f"{deadline}.0x" + "00" * 65, "1",
        ):  # fmt: skip
            await refused(relay, question(), headers | {"x-halo-vault-proof": proof})

    play(world, tmp_path, scene)


def test_a_new_session_key_is_believed_at_once_and_the_old_one_no_more(
    world: World, tmp_path: Path
) -> None:
    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        customer.operator = operator.address
        assert (
            await relay.ask(question(), customer.vault_headers())
        ).status == 402  # nothing reserved
        old, customer.session = customer.session, LocalSigner.generate()
        vault = Vault(world.chain, world.vault.address, world.outbox(customer.key))
        vault.set_session_key(customer.session.address)
        assert (await relay.ask(question(), customer.vault_headers())).status == 402
        customer.session = old
        await refused(relay, question(), customer.vault_headers())

    play(world, tmp_path, scene, reserved=0)


def test_a_consumer_may_ask_what_its_key_came_to(world: World, tmp_path: Path) -> None:
    """After a crash, and without its prompt: nothing is worked on."""
    provider = MockProvider()

    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        headers = customer.vault_headers()
        asking = headers | {"x-halo-probe": "charge"}
        nobody = await relay.ask({"model": "mock-echo"}, asking)
        assert (nobody.status, code(nobody)) == (404, "request_unknown")
        served = await relay.ask(question(), headers)
        while operator.working:
            await asyncio.sleep(0.01)
        for _ in range(2):
            told = await relay.ask({"model": "mock-echo"}, asking)
            assert (told.status, told.body) == (
                200,
                {
                    "object": "halo.charge",
                    "state": "delivered",
                    "amountUsdc": settlement(served)["amountUsdc"],
                    "cycle": "1",
                },
            )
        stranger = Customer(world, key=customer.key, operator=operator.address)
        forged = asking | {"x-halo-vault-proof": stranger.proof(headers["idempotency-key"])}
        assert "not signed by" in await refused(relay, {"model": "mock-echo"}, forged)
        for wrong in ({"x-halo-vault-consumer": "me"}, {"idempotency-key": "ä"}):
            answer = await relay.ask({"model": "mock-echo"}, asking | wrong)
            assert answer.status == 400, answer.body
        assert provider.calls == 1
        tab = operator.tabs.newest(customer.address)
        assert tab is not None and str(tab.owed) == settlement(served)["amountUsdc"]

    play(world, tmp_path, scene, provider)
