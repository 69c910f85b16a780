"""Killed between any two steps of a reservation or a redemption: done once, nothing lost."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from harness.chain.anvil import Anvil, AnvilChain
from harness.chain.keys import LocalSigner
from harness.diamond.economy import Economy

from .test_facilitator_crash import address_in, key_file, process
from .vault_world import USD, new_consumer, redeem_body, reserve_body

__all__ = ["key_file"]

# What is finished by the restarted process alone, before anybody asks again. The journal's own points
# are those of test_facilitator_crash.
RESERVING = {
    "facilitator.reserve_checked": False,
    "facilitator.reserve_intent": True,
    "facilitator.vault_sent": True,
}
REDEEMING = (
    "facilitator.receipt_kept",
    "facilitator.redeem_intent",
    "outbox.signed",
    "facilitator.vault_mined",
)


def within(seconds: float, condition: Callable[[], Any]) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.1)


@pytest.mark.parametrize("point", RESERVING)
def test_a_reservation_is_made_once(
    anvil: Anvil, chain: AnvilChain, economy: Economy, tmp_path: Path, key_file: Path, point: str
) -> None:
    consumer, operator = new_consumer(chain, economy), LocalSigner.generate().address
    body = reserve_body(*consumer.reservation(operator))
    named = ("--vault", economy.diamond.address)
    with process(anvil, tmp_path, key_file, point, *named) as (client, running):
        with pytest.raises(httpx.TransportError):
            client.post("/vault/reserve?wait=1", json=body)
        assert running.wait(10) == 137
    with process(anvil, tmp_path, key_file, None, *named) as (client, _):
        if RESERVING[point]:
            within(20, lambda: consumer.vault.locked_total(consumer.address) == 10 * USD)
        answer = client.post("/vault/reserve?wait=1", json=body)
        assert answer.json()["status"] == "confirmed", answer.text
    assert consumer.vault.locked_total(consumer.address) == 10 * USD
    assert consumer.vault.reserve_nonce(consumer.address) == 1
    assert chain.nonce(address_in(key_file)) == 1


@pytest.mark.parametrize("point", REDEEMING)
def test_a_receipt_is_paid_once(
    anvil: Anvil,
    chain: AnvilChain,
    economy: Economy,
    owner: Any,
    tmp_path: Path,
    key_file: Path,
    point: str,
) -> None:
    consumer, operator = new_consumer(chain, economy), LocalSigner.generate().address
    economy.diamond.by(owner).vault.reserve(*consumer.reservation(operator))
    body = redeem_body(consumer.receipt(operator, 4 * USD))
    named = ("--vault", economy.diamond.address)
    with process(anvil, tmp_path, key_file, point, *named) as (client, running):
        with pytest.raises(httpx.TransportError):
            client.post("/vault/redeem", json=body)
        assert running.wait(10) == 137
    with process(anvil, tmp_path, key_file, None, *named) as (client, _):
        within(20, lambda: economy.dollar.balance_of(operator) == 4 * USD)
        answer = client.post("/vault/redeem", json=body).json()
        # The chain may be asked before the restarted process has written down what it sees there.
        paid = answer.get("cumulative", answer.get("redeemed"))
        assert answer["status"] in ("confirmed", "already-redeemed") and paid == str(4 * USD)
    assert economy.dollar.balance_of(operator) == 4 * USD
    assert chain.nonce(address_in(key_file)) == 1
