"""Adversaries of section 5.1 against one sidecar: what they gain is nothing."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from dataclasses import replace
from typing import Any

import httpx
import pytest

from harness.chain.keys import LocalSigner
from harness.protocol.addresses import ZERO_ADDRESS
from harness.protocol.spending import ReceiptState, RequestState
from harness.services.consumer.purse import Orphan, Purse
from harness.services.consumer.reservations import Revival, classify

from .conftest import RunningSidecar, Start, eventually
from .scripted_market import Market
from .scripted_operator import MODEL, ScriptedOperator
from .world import DOLLAR, World


def many(sidecar: RunningSidecar, count: int, **more: Any) -> list[httpx.Response]:
    async def run() -> list[httpx.Response]:
        limits = httpx.Limits(max_connections=count)
        async with httpx.AsyncClient(base_url=sidecar.url, limits=limits, timeout=120) as client:
            messages = [{"role": "user", "content": "hello"}]
            body = {"model": MODEL, "messages": messages, "max_tokens": 64} | more
            return await asyncio.gather(
                *(client.post("/v1/chat/completions", json=body) for _ in range(count))
            )

    return asyncio.run(run())


def rows(sidecar: RunningSidecar) -> list[Any]:
    return sidecar.sidecar.journal.history(limit=10_000)


def test_M4_a_settlement_that_never_happened_is_found_out(
    exact: RunningSidecar, operator: ScriptedOperator, world: World
) -> None:
    operator.switches.settles = False
    answer = exact.chat()
    assert answer.status_code == 200
    assert exact.sidecar.budget.view().spent == 1_000, "charged conservatively"
    world.chain.ahead = 600
    eventually(lambda: rows(exact)[-1].state is RequestState.DISPUTED)
    assert "settlement_mismatch" in rows(exact)[-1].reason
    assert exact.sidecar.budget.view().spent == 1_000
    assert world.dollar.balance_of(operator.address) == 0


def test_M4_a_settlement_with_another_transaction_is_found_out(
    exact: RunningSidecar, operator: ScriptedOperator, world: World, market: Market
) -> None:
    original = market._whole

    def lying(operator: Any, call: Any, completion: Any, told: Any) -> Any:
        wire = json.loads(base64.b64decode(told["PAYMENT-RESPONSE"]))
        wire["transaction"] = "0x" + "77" * 32
        told = {"PAYMENT-RESPONSE": base64.b64encode(json.dumps(wire).encode()).decode()}
        return original(operator, call, completion, told)

    market._whole = lying  # type: ignore[method-assign]
    assert exact.chat().status_code == 200
    eventually(lambda: rows(exact)[-1].state is RequestState.DISPUTED)
    assert world.dollar.balance_of(operator.address) == 1_000


def test_M4_a_settlement_of_another_amount_is_disputed_at_once(
    exact: RunningSidecar, market: Market, operator: ScriptedOperator
) -> None:
    original = market._whole

    def lying(operator: Any, call: Any, completion: Any, told: Any) -> Any:
        wire = json.loads(base64.b64decode(told["PAYMENT-RESPONSE"])) | {"amount": "1"}
        told = {"PAYMENT-RESPONSE": base64.b64encode(json.dumps(wire).encode()).decode()}
        return original(operator, call, completion, told)

    market._whole = lying  # type: ignore[method-assign]
    answer = exact.chat()
    assert "settlement_mismatch" in answer.headers["x-halo-note"]
    assert rows(exact)[-1].state is RequestState.DISPUTED
    assert exact.sidecar.budget.view().spent == 1_000


def test_M5_overstated_usage_is_cut_to_what_we_can_count(
    start: Start, operator: ScriptedOperator
) -> None:
    operator.price *= 10
    vault = start(rail="vault", vault_deposit_base=2 * DOLLAR)
    honest = int(vault.chat("a" * 400).headers["x-halo-charged-base"])
    operator.switches.lying = 50
    answer = vault.chat("a" * 400)
    charged = int(answer.headers["x-halo-charged-base"])
    assert honest <= charged <= honest * 2
    assert "claimed" in answer.headers["x-halo-note"]
    row = rows(vault)[-1]
    assert "bounded" in row.reason and row.state is RequestState.RECEIPTED
    eventually(lambda: operator.receipts and operator.receipts[-1][2] == honest + charged)


def test_M5_usage_without_a_settlement_is_charged_and_nothing_for_neither(
    vault: RunningSidecar, operator: ScriptedOperator
) -> None:
    operator.switches.no_settlement = True
    assert int(vault.chat().headers["x-halo-charged-base"]) > 0
    operator.switches.no_usage = True
    answer = vault.chat()
    assert answer.status_code == 200 and answer.headers["x-halo-charged-base"] == "0"
    assert rows(vault)[-1].state is RequestState.UNMETERED


def test_M6_a_gate_that_doubles_each_time_stops_at_the_ceiling(
    start: Start, operator: ScriptedOperator
) -> None:
    sidecar = start(rail="vault", vault_deposit_base=2 * DOLLAR, max_usdc_base=6_000)
    operator.switches.doubling = True
    answer = sidecar.chat()
    assert (answer.status_code, sidecar.code(answer)) == (402, "over_cap")
    assert operator.calls == 0
    assert sidecar.sidecar.budget.view().reserved == 0
    dear = start(rail="vault", vault_deposit_base=2 * DOLLAR, max_usdc_base=DOLLAR)
    operator.wanted = 0
    answer = dear.chat()
    assert dear.code(answer) == "over_cap" and "3 times" in answer.text
    assert rows(dear)[-1].state is RequestState.REFUSED


def test_M7_200_at_once_never_overspend_on_the_exact_rail(
    start: Start, operator: ScriptedOperator, world: World
) -> None:
    sidecar = start(budget_base=6_500)
    answers = many(sidecar, 200)
    served = [a for a in answers if a.status_code == 200]
    assert {a.json()["error"]["code"] for a in answers if a.status_code != 200} == {"over_budget"}
    assert 0 < len(served) <= 6
    assert world.dollar.balance_of(operator.address) == 1_000 * len(served) <= 6_500
    view = sidecar.sidecar.budget.view()
    assert (view.spent, view.reserved) == (1_000 * len(served), 0)


def test_M7_200_at_once_never_overspend_on_the_vault_rail(
    start: Start, operator: ScriptedOperator, world: World
) -> None:
    sidecar = start(rail="vault", vault_deposit_base=2 * DOLLAR, budget_base=10_000)
    answers = many(sidecar, 200)
    charged = [int(a.headers["x-halo-charged-base"]) for a in answers if a.status_code == 200]
    assert {a.json()["error"]["code"] for a in answers if a.status_code != 200} <= {"over_budget"}
    assert charged and sum(charged) <= 10_000
    view = sidecar.sidecar.budget.view()
    assert (view.spent, view.reserved) == (sum(charged), 0)
    eventually(lambda: operator.receipts[-1][2] == sum(charged))
    assert sum(row.charged for row in rows(sidecar)) == sum(charged)
    assert sidecar.sidecar.journal.audit_holds()


def test_many_at_once_share_a_small_credit_window(start: Start, operator: ScriptedOperator) -> None:
    """Waiting in line is no failure: everybody is served, a few at a time."""
    sidecar = start(rail="vault", vault_deposit_base=2 * DOLLAR)
    operator.switches.window = 3_000
    answers = many(sidecar, 24)
    assert [a.status_code for a in answers] == [200] * 24
    (purse,) = sidecar.sidecar.vault.reservations.purses.values()
    assert purse.window == 3_000, "as the operator says"


def test_M9_receipts_never_go_back_and_belong_to_their_cycle(
    vault: RunningSidecar, operator: ScriptedOperator, world: World
) -> None:
    operator.switches.redeems = True
    for _ in range(3):
        assert vault.chat().status_code == 200
    eventually(lambda: len(operator.receipts) >= 1)
    owed = vault.sidecar.budget.view().spent
    eventually(lambda: world.vault.ops(vault.signer.address, operator.address).redeemed == owed)
    by_cycle: dict[int, list[int]] = {}
    for _, cycle, cumulative in operator.receipts:
        by_cycle.setdefault(cycle, []).append(cumulative)
    assert all(found == sorted(set(found)) for found in by_cycle.values())
    kept = vault.sidecar.journal.receipts(world.vault.address, vault.signer.address)
    assert [k.signed.receipt.cumulative for k in kept] == [owed]
    assert world.dollar.balance_of(operator.address) == owed


def test_a_receipt_that_the_operator_refuses_is_redeemed_for_it(
    vault: RunningSidecar, operator: ScriptedOperator, world: World
) -> None:
    operator.switches.refuse_receipts = True
    assert vault.chat().status_code == 200
    owed = vault.sidecar.budget.view().spent
    eventually(lambda: world.dollar.balance_of(operator.address) == owed)
    kept = vault.sidecar.journal.receipts
    eventually(
        lambda: kept(world.vault.address, vault.signer.address)[0].state is ReceiptState.REDEEMED
    )


@pytest.mark.parametrize(
    "info",
    [
        {"vault": "0x000000000000000000000000000000000000dEaD"},
        {"chainId": 1},
        {"domain": {"name": "Halo", "version": "1"}},
        {"token": "0x000000000000000000000000000000000000dEaD"},
        {"vault": "nonsense"},
    ],
)
def test_M11_a_vault_that_is_not_ours_is_neither_funded_nor_served(
    start: Start, operator: ScriptedOperator, world: World, info: dict[str, Any]
) -> None:
    world.vault_switches["info"] = info
    sidecar = start(rail="vault", vault_deposit_base=DOLLAR)
    answer = sidecar.chat()
    assert (answer.status_code, sidecar.code(answer)) == (502, "vault_unverified")
    assert world.dollar.balance_of(sidecar.signer.address) == 10 * DOLLAR
    assert world.vault.balance(sidecar.signer.address) == 0 and operator.calls == 0


def test_M11_a_configured_address_without_the_vault_is_refused(
    start: Start, operator: ScriptedOperator, world: World
) -> None:
    world.vault_switches["info"] = {"vault": world.dollar.address}
    sidecar = start(rail="vault", diamond=world.dollar.address, vault_deposit_base=DOLLAR)
    assert sidecar.code(sidecar.chat()) == "vault_unverified"
    assert world.dollar.balance_of(sidecar.signer.address) == 10 * DOLLAR


@pytest.mark.parametrize("trap", ["zero", "token", "vault", "stranger", "self"])
def test_M16_no_money_for_a_trap(
    start: Start, operator: ScriptedOperator, world: World, trap: str
) -> None:
    sidecar = start()
    operator.switches.payee = {
        "zero": ZERO_ADDRESS,
        "token": world.dollar.address,
        "vault": world.diamond,
        "stranger": LocalSigner.generate().address,
        "self": sidecar.signer.address,
    }[trap]
    answer = sidecar.chat()
    assert sidecar.code(answer) == "upstream_error"
    assert rows(sidecar) == [], "nothing was signed"


@pytest.mark.parametrize("what", ["asset", "network", "quote"])
def test_M17_nothing_else_is_signed_than_what_was_checked(
    exact: RunningSidecar, operator: ScriptedOperator, what: str
) -> None:
    if what == "asset":
        operator.switches.asset = LocalSigner.generate().address
    elif what == "network":
        operator.switches.network = "eip155:1"
    else:
        operator.switches.quote_factor = 10**6
    answer = exact.chat()
    assert exact.code(answer) == ("over_cap" if what == "quote" else "upstream_error")
    assert rows(exact) == [] and exact.sidecar.budget.view().reserved == 0


def test_M18_an_operator_without_a_price_is_not_free(
    exact: RunningSidecar, operator: ScriptedOperator, market: Market
) -> None:
    original = operator.announcement
    operator.announcement = lambda: original() | {"pricing": {}}  # type: ignore[method-assign]
    exact.sidecar.directory._listing.at = -1e9
    assert exact.code(exact.chat()) == "no_operator"


def test_M18_a_silent_chain_frees_nothing(
    exact: RunningSidecar, operator: ScriptedOperator, world: World
) -> None:
    operator.switches.withhold = True
    assert exact.chat().status_code == 504
    world.chain.silent = True
    time.sleep(1.5)  # the watcher looks every second
    view = exact.sidecar.budget.view()
    assert (view.spent, view.reserved) == (0, 1_000)
    world.chain.silent = False
    eventually(lambda: exact.sidecar.budget.view().spent == 1_000)


def test_H8_an_answer_of_somebody_else_is_not_signed_for(
    exact: RunningSidecar, operator: ScriptedOperator
) -> None:
    operator.switches.reroute = True
    assert exact.code(exact.chat()) == "upstream_error"
    assert rows(exact) == []


@pytest.mark.parametrize("switch", ["strip_key", "swap_key"])
@pytest.mark.parametrize("rail", ["exact", "vault"])
def test_K7_without_a_key_of_the_operators_own_no_prompt_leaves(
    start: Start, operator: ScriptedOperator, market: Market, switch: str, rail: str
) -> None:
    setattr(operator.switches, switch, True)
    sidecar = start(rail=rail, vault_deposit_base=DOLLAR)
    answer = sidecar.chat("the secret prompt")
    assert sidecar.code(answer) == "no_operator"
    assert market.seen == []


def test_no_e2e_is_a_choice_and_shows(start: Start, operator: ScriptedOperator) -> None:
    operator.switches.strip_key = True
    answer = start(e2e=False).chat()
    assert answer.status_code == 200 and answer.headers["x-halo-e2e-encrypted"] == "false"


def test_P6_a_wallet_does_not_buy_from_itself(start: Start, market: Market, world: World) -> None:
    signer = world.wallet()
    market.add(ScriptedOperator(signer=signer))
    answer = start(signer=signer).chat()
    assert answer.status_code == 503 and "off-rail" in answer.json()["error"]["message"]
    assert market.seen == []


def test_a_free_model_costs_nothing(exact: RunningSidecar, operator: ScriptedOperator) -> None:
    operator.switches.free = True
    answer = exact.chat()
    assert answer.status_code == 200
    assert (answer.headers["x-halo-paid"], answer.headers["x-halo-rail"]) == ("false", "free")
    assert rows(exact) == [] and exact.sidecar.budget.view().spent == 0


def test_the_same_key_is_never_paid_twice(
    exact: RunningSidecar, operator: ScriptedOperator, world: World
) -> None:
    """The reply is lost after the settlement; the same signature gets it on the second try."""
    operator.switches.withhold = True
    headers = {"Idempotency-Key": "k1"}
    lost = exact.chat("x", headers)
    assert exact.code(lost) == "payment_unknown"
    again = exact.chat("x", headers)
    assert again.status_code == 200, again.text
    third = exact.chat("x", headers)
    assert third.headers["x-halo-idempotent-replay"] == "true"
    assert third.json() == again.json()
    assert operator.calls == 1
    assert world.dollar.balance_of(operator.address) == 1_000
    assert exact.sidecar.budget.view().spent == 1_000


def test_a_key_whose_answer_is_disputed_is_not_paid_again(
    exact: RunningSidecar, operator: ScriptedOperator, world: World
) -> None:
    """It was settled, and what came for it could not be used: a retry must not buy that once more."""
    operator.switches.plaintext_reply = True
    headers = {"Idempotency-Key": "k4"}
    assert exact.code(exact.chat("x", headers)) == "e2e_failed"
    assert rows(exact)[-1].state is RequestState.DISPUTED
    operator.switches.plaintext_reply = False
    again = exact.chat("x", headers)
    assert (again.status_code, exact.code(again)) == (504, "payment_unknown")
    assert "disputed" in again.json()["error"]["message"]
    assert world.dollar.balance_of(operator.address) == 1_000
    assert exact.sidecar.budget.view().spent == 1_000


def test_a_request_that_was_grown_may_cost_what_it_was_grown_to_after_a_crash(
    start: Start, operator: ScriptedOperator
) -> None:
    sidecar = start(rail="vault", vault_deposit_base=2 * DOLLAR, max_usdc_base=DOLLAR)
    operator.switches.wants = 5_000
    answer = sidecar.chat()
    assert answer.status_code == 200, answer.text
    assert rows(sidecar)[-1].hold == 5_000


def test_a_request_that_cannot_be_grown_has_ended(
    start: Start, operator: ScriptedOperator, world: World
) -> None:
    """It was refused before any work: nothing of it is open, and a restart holds nothing for it."""
    signer = world.wallet(0.004)
    more: Any = {"rail": "vault", "vault_deposit_base": 4_000, "max_usdc_base": DOLLAR}
    sidecar = start(signer, **more)
    operator.switches.wants = 50_000
    answer = sidecar.chat()
    assert (answer.status_code, sidecar.code(answer)) == (402, "insufficient_funds")
    assert rows(sidecar)[-1].state is RequestState.REFUSED
    operator.switches.wants = 0
    assert sidecar.sidecar.budget.view().reserved == 0
    assert sidecar.chat().status_code == 200


def test_a_payment_whose_first_sending_is_under_way_is_not_said_to_have_failed(
    exact: RunningSidecar, operator: ScriptedOperator, world: World
) -> None:
    """A relay died, the operator still works for it, and says so to the same payment's second sending."""
    operator.switches.fail_status = 504
    headers = {"Idempotency-Key": "k3"}
    assert exact.code(exact.chat("x", headers)) == "payment_unknown"
    operator.switches.fail_status = 402
    operator.switches.fail_body = {"error": {"code": "replayed_payment", "message": "no"}}
    assert exact.code(exact.chat("x", headers)) == "payment_unknown"
    operator.switches.fail_status = 0
    assert exact.chat("x", headers).status_code == 200
    assert world.dollar.balance_of(operator.address) == 1_000


def test_an_expired_payment_is_bought_anew_under_its_key(
    exact: RunningSidecar, operator: ScriptedOperator, world: World
) -> None:
    operator.switches.fail_status = 504
    headers = {"Idempotency-Key": "k2"}
    assert exact.code(exact.chat("x", headers)) == "payment_unknown"
    assert exact.sidecar.budget.view().reserved == 1_000
    operator.switches.fail_status = 0
    world.chain.ahead = 600
    answer = exact.chat("x", headers)
    assert answer.status_code == 200, answer.text
    assert world.dollar.balance_of(operator.address) == 1_000
    assert exact.sidecar.budget.view().spent == 1_000


def test_the_vault_is_refilled_in_mid_run(
    start: Start, operator: ScriptedOperator, world: World
) -> None:
    operator.price *= 100  # 1 USD for a thousand tokens
    sidecar = start(rail="vault", vault_deposit_base=100_000, max_usdc_base=DOLLAR)
    assert world.vault.balance(sidecar.signer.address) == 100_000
    answer = sidecar.chat(max_tokens=300)
    assert answer.status_code == 200, answer.text
    assert world.vault.balance(sidecar.signer.address) > 300_000


def test_another_operator_is_tried_before_anything_is_signed(
    exact: RunningSidecar, market: Market, operator: ScriptedOperator, world: World
) -> None:
    second = market.add()
    second.price = operator.price * 2
    exact.sidecar.directory._listing.at = -1e9
    operator.switches.fail_status = 503
    original = market._quote

    def unavailable(o: ScriptedOperator, body: Any) -> Any:
        from .scripted_market import _error

        return _error(503, "operator_unavailable", "x") if o is operator else original(o, body)

    market._quote = unavailable  # type: ignore[method-assign]
    answer = exact.chat()
    assert answer.status_code == 200
    assert answer.headers["x-halo-operator"] == second.address


def test_classes_of_ending_reservations() -> None:
    from harness.diamond.vault import Pair

    live = Pair(locked=5, redeemed=0, expiry=1_000, created=0, cycle=1)
    assert classify(replace(live, locked=0), 5_000, 10_000, 60) is Revival.FRESH
    assert classify(live, 500, 10_000, 60) is Revival.LIVE
    assert classify(live, 500, 600, 60) is Revival.AS_IS
    assert classify(live, 1_030, 600, 60) is Revival.WEDGED
    assert classify(live, 1_061, 600, 60) is Revival.RECLAIMABLE


def test_a_purse_counts_everybody() -> None:
    purse = Purse("0x", 0, 1, locked=100, redeemed=0, expiry=0, created=0)
    purse.take(30)
    assert (purse.available, purse.outstanding) == (70, 30)
    purse.orphans["a"] = Orphan(20)
    assert purse.available == 50
    purse.give_back(30)
    assert purse.owe(25) == 25
    assert (purse.available, purse.outstanding) == (55, 25)
    purse.acknowledged(25)
    assert purse.outstanding == 0
    purse.window = 40
    assert purse.has_room(1_000), "an idle tab takes one request of any size"
    purse.take(10)
    assert not purse.has_room(31) and purse.has_room(30)
