"""One request on each rail, from the client to the chain."""

from __future__ import annotations

from harness.protocol.spending import ReceiptState, RequestState

from .conftest import RunningSidecar, eventually
from .scripted_market import Market
from .scripted_operator import MODEL, ScriptedOperator
from .world import DOLLAR, World


def test_exact_a_request_is_quoted_signed_served_and_settled(
    exact: RunningSidecar, market: Market, operator: ScriptedOperator, world: World
) -> None:
    answer = exact.chat("the secret prompt")
    assert answer.status_code == 200, answer.text
    assert answer.json()["choices"][0]["message"]["content"] == "echo: the secret prompt"
    paid = world.dollar.balance_of(operator.address)
    assert paid == 1_000  # 64 tokens at 0.01 USD for a thousand, and no less than the minimum
    assert world.dollar.balance_of(exact.signer.address) == 10 * DOLLAR - paid
    headers = answer.headers
    assert headers["x-halo-rail"] == "exact" and headers["x-halo-paid"] == "true"
    assert headers["x-halo-charged-base"] == str(paid)
    assert headers["x-halo-operator"] == operator.address
    assert headers["x-halo-e2e-encrypted"] == "true"
    assert headers["x-halo-request-id"].startswith("req_")
    (probe, _), (sent, _) = market.seen
    assert probe == {"model": MODEL, "max_tokens": 64, "stream": False}
    assert set(sent) == {"model", "stream", "_enc"} and "secret" not in str(sent)
    row = exact.sidecar.journal.history()[-1]
    assert (row.state, row.charged, row.payment) == (RequestState.SETTLED, paid, None)
    assert row.transaction is not None


def test_vault_a_request_is_reserved_metered_and_receipted(
    vault: RunningSidecar, market: Market, operator: ScriptedOperator, world: World
) -> None:
    assert world.vault.balance(vault.signer.address) == 2 * DOLLAR
    answer = vault.chat("hello there")
    assert answer.status_code == 200, answer.text
    assert answer.headers["x-halo-rail"] == "vault"
    charged = int(answer.headers["x-halo-charged-base"])
    pair = world.vault.ops(vault.signer.address, operator.address)
    assert charged == operator.served[vault.signer.address, pair.cycle] > 0
    eventually(lambda: operator.receipts)
    assert operator.receipts == [(vault.signer.address, pair.cycle, charged)]
    again = vault.chat("hello again")
    assert again.status_code == 200, again.text
    total = charged + int(again.headers["x-halo-charged-base"])
    eventually(lambda: operator.receipts[-1][2] == total)
    (kept,) = vault.sidecar.journal.receipts(world.vault.address, vault.signer.address)
    eventually(
        lambda: (
            vault.sidecar.journal.receipts(world.vault.address, vault.signer.address)[0].state
            is ReceiptState.PUSHED
        )
    )
    assert kept.signed.receipt.cumulative == total
    assert vault.sidecar.journal.audit_holds()


def test_vault_a_known_reservation_costs_no_chain_read(
    vault: RunningSidecar, operator: ScriptedOperator, world: World
) -> None:
    assert vault.chat().status_code == 200
    eventually(lambda: operator.receipts)
    reserved = vault.sidecar._reservations  # type: ignore[attr-defined]
    calls: list[str] = []
    original = vault.sidecar.workers.chain

    async def counted(work: object, *args: object, **kwargs: object) -> object:
        calls.append(str(work))
        return await original(work, *args, **kwargs)  # type: ignore[arg-type]

    vault.sidecar.workers.chain = counted  # type: ignore[method-assign,assignment]
    assert reserved.operators == [operator.address]
    assert vault.chat().status_code == 200
    assert calls == []
