"""Streams: as they arrive on the vault rail, all at once on the exact rail, and when they break."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from harness.protocol.spending import RequestState

from .conftest import RunningSidecar, Start, eventually
from .scripted_market import Market
from .scripted_operator import CHECKPOINT, MODEL, ScriptedOperator
from .world import World

LONG = " ".join(f"word{n}" for n in range(60))


def events(text: str) -> list[tuple[str, Any]]:
    found = []
    for block in text.strip().split("\n\n"):
        name, data = "", ""
        for line in block.split("\n"):
            member, _, value = line.partition(": ")
            if member == "event":
                name = value
            elif member == "data":
                data = value
        found.append((name, data if data == "[DONE]" else json.loads(data)))
    return found


def said(found: list[tuple[str, Any]]) -> str:
    return "".join(
        choice["delta"].get("content") or ""
        for name, chunk in found
        if name == "" and isinstance(chunk, dict)
        for choice in chunk["choices"]
    )


def stream_body(text: str = LONG, **more: Any) -> dict[str, Any]:
    messages = [{"role": "user", "content": text}]
    return {"model": MODEL, "messages": messages, "max_tokens": 500, "stream": True} | more


def test_vault_chunks_arrive_one_by_one_and_are_receipted_on_the_way(
    vault: RunningSidecar, operator: ScriptedOperator, world: World
) -> None:
    operator.switches.pause = 0.005
    arrivals = []
    with vault.http.stream("POST", "/v1/chat/completions", json=stream_body()) as response:
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/event-stream")
        assert "x-halo-stream" not in response.headers
        text = ""
        for piece in response.iter_text():
            arrivals.append(piece)
            text += piece
    found = events(text)
    assert said(found).strip() == f"echo: {LONG}"
    assert len(arrivals) > 5, "not one batch at the end"
    assert found[-1] == ("", "[DONE]")
    name, meta = found[-2]
    assert name == "halo-meta" and meta["choices"][0]["delta"] == {}
    charged = int(meta["halo"]["X-Halo-Charged-Base"])
    key = vault.signer.address, world.vault.ops(vault.signer.address, operator.address).cycle
    assert charged == operator.served[key]
    eventually(lambda: operator.receipts[-1][2] == charged)
    assert len(operator.receipts) > 1, "receipts followed the checkpoints"
    assert [r[2] for r in operator.receipts] == sorted(r[2] for r in operator.receipts)
    row = vault.sidecar.journal.history()[-1]
    assert (row.state, row.charged) == (RequestState.RECEIPTED, charged)


def test_usage_is_shown_to_who_asks_for_it(vault: RunningSidecar) -> None:
    plain = events(vault.http.post("/v1/chat/completions", json=stream_body("a")).text)
    assert not any(isinstance(c, dict) and c["choices"] == [] for _, c in plain)
    options = {"stream_options": {"include_usage": True}}
    told = events(vault.http.post("/v1/chat/completions", json=stream_body("a", **options)).text)
    assert any(isinstance(c, dict) and c["choices"] == [] and c["usage"] for _, c in told)


def test_exact_the_answer_is_bought_whole_and_emitted_again(exact: RunningSidecar) -> None:
    response = exact.http.post("/v1/chat/completions", json=stream_body("hello"))
    assert response.headers["x-halo-stream"] == "buffered"
    assert response.headers["x-halo-charged-base"] == "5000"
    found = events(response.text)
    assert said(found) == "echo: hello"
    assert found[-1] == ("", "[DONE]")
    assert found[0][1]["choices"][0]["delta"]["role"] == "assistant"
    assert any(c["choices"][0]["finish_reason"] == "stop" for n, c in found[:-2])


@pytest.mark.parametrize("rail", ["exact", "vault"])
def test_tool_calls_stream(rail: str, start: Start, operator: ScriptedOperator) -> None:
    operator.switches.tool_call = True
    sidecar = start(rail=rail, vault_deposit_base=1_000_000)
    found = events(sidecar.http.post("/v1/chat/completions", json=stream_body("x")).text)
    calls = [
        call
        for name, chunk in found
        if name == "" and isinstance(chunk, dict)
        for choice in chunk["choices"]
        for call in choice["delta"].get("tool_calls", ())
    ]
    assert calls[0]["index"] == 0 and calls[0]["function"]["name"] == "weather"
    assert "".join(c["function"]["arguments"] for c in calls) == '{"city":"Berlin"}'


def test_M7_a_client_that_leaves_pays_what_it_saw(
    vault: RunningSidecar, operator: ScriptedOperator
) -> None:
    operator.switches.pause = 0.02
    with (
        httpx.Client(base_url=vault.url) as client,
        client.stream("POST", "/v1/chat/completions", json=stream_body()) as response,
    ):
        for seen, _ in enumerate(response.iter_text()):
            if seen == 7:
                break
    eventually(lambda: operator.aborted == 1)
    history = vault.sidecar.journal.history
    eventually(lambda: history()[-1].state is RequestState.RECEIPTED)
    assert vault.sidecar.budget.view().reserved == 0
    row = history()[-1]
    assert 0 < row.charged < row.hold
    assert vault.sidecar.budget.view().spent == row.charged
    eventually(lambda: operator.receipts and operator.receipts[-1][2] == row.charged)


def test_a_stream_that_breaks_off_is_an_error_and_costs_its_checkpoints(
    vault: RunningSidecar, operator: ScriptedOperator
) -> None:
    operator.switches.cut_after = 40
    found = events(vault.http.post("/v1/chat/completions", json=stream_body()).text)
    assert found[-1][1]["error"]["code"] == "upstream_error"
    row = vault.sidecar.journal.history()[-1]
    checkpoints = vault.sidecar.budget.view().spent
    assert row.charged == checkpoints > 0
    assert vault.sidecar.budget.view().reserved == 0


def keyed(vault: RunningSidecar, key: str) -> httpx.Response:
    headers = {"Idempotency-Key": key}
    return vault.http.post("/v1/chat/completions", json=stream_body(), headers=headers)


def test_a_key_that_paid_for_a_part_gets_the_whole_for_the_rest(
    vault: RunningSidecar, operator: ScriptedOperator, world: World
) -> None:
    """The operator finished what broke off; the part counts, and the key is one charge in the end."""
    operator.switches.cut_after, operator.switches.finishes = 40, True
    assert events(keyed(vault, "cut-3").text)[-1][1]["error"]["code"] == "upstream_error"
    part = vault.sidecar.budget.view().spent
    assert part > 0
    whole = keyed(vault, "cut-3")
    found = events(whole.text)
    assert whole.status_code == 200 and found[-1][1] == "[DONE]" and operator.calls == 1
    second, first = vault.sidecar.journal.under_key("cut-3")
    (served,) = operator.served.values()
    assert (first.state, first.charged) == (RequestState.RELEASED, 0)
    assert first.reason == f"answered as {second.id}"
    assert (second.state, second.charged) == (RequestState.RECEIPTED, served) and served > part
    assert int(found[-2][1]["halo"]["X-Halo-Charged-Base"]) == served
    view = vault.sidecar.budget.view()
    assert (view.spent, view.reserved) == (served, 0)
    (kept,) = vault.sidecar.journal.receipts(world.vault.address, vault.signer.address)
    assert kept.signed.receipt.cumulative == served
    assert keyed(vault, "cut-3").text == whole.text


def test_a_key_whose_part_was_not_finished_pays_nothing_more(
    vault: RunningSidecar, operator: ScriptedOperator
) -> None:
    operator.switches.cut_after = 40
    assert events(keyed(vault, "cut-1").text)[-1][1]["error"]["code"] == "upstream_error"
    spent = vault.sidecar.budget.view().spent
    assert spent > 0
    operator.switches.cut_after = 0
    for _ in range(2):
        again = keyed(vault, "cut-1")
        assert (again.status_code, vault.code(again)) == (504, "payment_unknown")
        view = vault.sidecar.budget.view()
        assert (view.spent, view.reserved) == (spent, 0)
    assert operator.calls == 1


def test_what_broke_off_for_nothing_is_bought_anew_under_its_key(
    vault: RunningSidecar, operator: ScriptedOperator, market: Market
) -> None:
    operator.switches.cut_after = CHECKPOINT - 3
    assert events(keyed(vault, "cut-2").text)[-1][1]["error"]["code"] == "upstream_error"
    assert vault.sidecar.budget.view().spent == 0
    operator.switches.cut_after = 0
    whole = keyed(vault, "cut-2")
    assert whole.status_code == 200 and events(whole.text)[-1][1] == "[DONE]"
    assert keyed(vault, "cut-2").text == whole.text
    names = {sent["idempotency-key"] for _, sent in market.seen}
    assert len(names) == 2, "the operator has nothing to give again under the first"
    assert vault.sidecar.budget.view().spent == vault.sidecar.journal.history()[-1].charged


def test_a_stream_that_ends_at_once_is_an_error_status(
    vault: RunningSidecar, operator: ScriptedOperator
) -> None:
    operator.switches.fail_status = 502
    response = vault.http.post("/v1/chat/completions", json=stream_body())
    assert response.status_code == 502
    assert response.headers["content-type"] == "application/json"
    assert vault.sidecar.budget.view().reserved == 0


def test_H9_text_that_looks_like_a_settlement_is_text(
    vault: RunningSidecar, start: Start, operator: ScriptedOperator
) -> None:
    operator.switches.forge_text = True
    for sidecar in (vault, start(rail="vault", vault_deposit_base=1_000_000, e2e=False)):
        found = events(sidecar.http.post("/v1/chat/completions", json=stream_body("x")).text)
        assert '{"halo":"settlement"}' in said(found)
        assert "event: halo-settlement" in said(found)
        charged = int(found[-2][1]["halo"]["X-Halo-Charged-Base"])
        assert charged < 2_000


def test_K7_a_missing_chunk_fails(vault: RunningSidecar, operator: ScriptedOperator) -> None:
    operator.switches.gap = True
    found = events(vault.http.post("/v1/chat/completions", json=stream_body()).text)
    assert found[-1][1]["error"]["code"] == "e2e_failed"


def test_a_stream_is_given_again_to_its_key(
    vault: RunningSidecar, operator: ScriptedOperator
) -> None:
    headers = {"Idempotency-Key": "stream-1"}
    first = vault.http.post("/v1/chat/completions", json=stream_body("x"), headers=headers)
    again = vault.http.post("/v1/chat/completions", json=stream_body("x"), headers=headers)
    assert again.headers["x-halo-idempotent-replay"] == "true"
    assert again.text == first.text
    assert operator.calls == 1
