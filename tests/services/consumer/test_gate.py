"""Who may ask: host names, web pages, bearers, headers, bodies; and what is never written anywhere."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest

from harness.errors import ConfigError, StateLocked
from harness.services.consumer.settings import ConsumerSettings

from .conftest import RunningSidecar, Start, eventually
from .scripted_market import Market
from .scripted_operator import MODEL, ScriptedOperator
from .test_refusals import raw
from .world import World


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8799", "127.0.0.1.evil.example", ""]
)
def test_H3_other_names_get_nothing(exact: RunningSidecar, market: Market, host: str) -> None:
    answer = exact.http.get("/health", headers={"Host": host})
    assert answer.status_code in (400, 421)
    assert market.seen == []


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:1234", "[::1]:8799"])
def test_H3_its_own_names_are_answered(exact: RunningSidecar, host: str) -> None:
    assert exact.http.get("/health", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:3000"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_H3_pages_spend_nothing(
    exact: RunningSidecar, market: Market, headers: dict[str, str]
) -> None:
    answer = exact.chat(headers=headers)
    assert (answer.status_code, exact.code(answer)) == (403, "bad_origin")
    assert "access-control-allow-origin" not in answer.headers
    preflight = exact.http.options("/v1/chat/completions", headers=headers)
    assert preflight.status_code == 403
    assert market.seen == []


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_H3_simple_requests_spend_nothing(exact: RunningSidecar, market: Market, kind: str) -> None:
    body = b'{"model":"mock-echo","messages":[{"role":"user","content":"x"}]}'
    headers = {"content-type": kind} if kind else {}
    answer = exact.http.post("/v1/chat/completions", content=body, headers=headers)
    assert exact.code(answer) == "bad_json" and market.seen == []


def test_H3_an_allowed_page_may_ask(start: Start, operator: ScriptedOperator) -> None:
    sidecar = start(origins=("http://127.0.0.1:3000",))
    assert sidecar.chat(headers={"Origin": "http://127.0.0.1:3000"}).status_code == 200


@pytest.mark.parametrize("given", ["", "Bearer", "Bearer x", "Basic right", "Bearer right"])
def test_H4_only_the_whole_bearer_opens(
    start: Start, operator: ScriptedOperator, given: str
) -> None:
    sidecar = start(api_key="right", budget_base=5_000)
    headers = {"Authorization": given} if given else {}
    for path in ("/v1/models", "/v1/budget", "/v1/account", "/v1/receipts", "/metrics"):
        answer = sidecar.http.get(path, headers=headers)
        expected = 200 if given.strip() == "Bearer right" else 401
        assert answer.status_code == expected, path
        if expected == 401:
            assert "x-halo-budget-limit" not in answer.headers
    assert sidecar.http.get("/health").status_code == 200
    assert "x-halo-budget-limit" not in sidecar.http.get("/health").headers


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"host": "0.0.0.0"}, "--api-key"),
        ({"rail": "free"}, "rail"),
        ({"rail": "vault", "diamond": None}, "--vault-address"),
        ({"session_key": "other"}, "session key"),
        ({"max_usdc_base": 0}, "--max-usdc"),
        ({"budget_warn": 1.5}, "--budget-warn-pct"),
        ({"policy": {}}, "--budget-token"),
        ({"tee_on_verify_failure": "x"}, "tee_on_verify_failure"),
    ],
)
def test_H5_what_must_not_start(changes: dict[str, Any], word: str) -> None:
    given: dict[str, Any] = {
        "relay": "http://r", "facilitator": "http://f", "rpc": "http://c", "chain_id": 1, "usdc": "0x",
    }  # fmt: skip
    with pytest.raises(ConfigError, match=word) as refused:
        ConsumerSettings(**given | changes).check()
    assert refused.value.exit_code == 78
    ConsumerSettings(**given, host="0.0.0.0", api_key="x").check()


def test_secrets_are_not_in_the_repr_of_settings() -> None:
    settings = ConsumerSettings(
        "r", "f", "c", 1, "0x", api_key="hush hush", budget_token="a person"
    )
    assert "hush" not in repr(settings) and "a person" not in repr(settings)


@pytest.mark.parametrize(
    "lines",
    [
        ["Host: 127.0.0.1", "Host: evil.example"],
        ["Host: 127.0.0.1", "Authorization: Bearer a", "Authorization: Bearer b"],
        ["Host: 127.0.0.1", "X-Halo-Vault-Consumer: a", "X-Halo-Vault-Consumer: b"],
        ["Host: 127.0.0.1", "Idempotency-Key: a", "idempotency-key: b"],
        ["Host: 127.0.0.1", "X-A: one\r\n two\x00"],
        ["Host: 127.0.0.1", f"X-A: {'a' * 40_000}"],
        ["X-No-Host: at all"],
    ],
)
def test_H1_headers_with_two_meanings_are_refused(
    exact: RunningSidecar, market: Market, lines: list[str]
) -> None:
    answer = raw(exact.url, ["GET /v1/models HTTP/1.1", *lines])
    assert answer.status_code in (400, 413, 421, 431)
    assert market.seen == []


def test_H1_money_headers_of_a_client_never_win(
    vault: RunningSidecar, market: Market, operator: ScriptedOperator
) -> None:
    headers = {
        "X-Halo-Vault-Consumer": "0x000000000000000000000000000000000000dEaD",
        "X-Halo-Payment-Mode": "exact",
        "X-Halo-Receipt": "forged",
        "PAYMENT-SIGNATURE": "forged",
        "X-Halo-Tee": "true",
        "Cookie": "session=1",
        "X-Forwarded-For": "10.0.0.1",
    }
    assert vault.chat(headers=headers).status_code == 200
    _, sent = market.seen[-1]
    assert sent["x-halo-vault-consumer"] == vault.signer.address
    assert sent["x-halo-payment-mode"] == "vault"
    for name in ("x-halo-receipt", "payment-signature", "x-halo-tee", "cookie", "x-forwarded-for"):
        assert name not in sent


@pytest.mark.parametrize(
    "body",
    [
        b'{"messages":' + b"[" * 100_000,
        b'{"a":' + b'{"a":' * 100 + b"1" + b"}" * 101,
        b'{"model":"a","model":"b"}',
        b"[]",
        b"NaN",
        b'{"max_tokens": Infinity}',
        b"\xff\xfe",
        b"",
    ],
    ids=["deep list", "deep object", "twice", "list", "nan", "infinity", "utf-16", "empty"],
)
def test_H6_bodies_that_are_no_request(exact: RunningSidecar, market: Market, body: bytes) -> None:
    headers = {"content-type": "application/json"}
    answer = exact.http.post("/v1/chat/completions", content=body, headers=headers)
    assert (answer.status_code, exact.code(answer)) == (400, "bad_json")
    assert market.seen == []


def test_K3_prompts_keys_and_signatures_are_written_nowhere(
    start: Start,
    operator: ScriptedOperator,
    caplog: pytest.LogCaptureFixture,
    tmp_path: Path,
) -> None:
    caplog.set_level(logging.DEBUG)
    secret, bearer = "the whale sings at noon", "bearer-secret-123"
    for rail in ("exact", "vault"):
        sidecar = start(
            rail=rail, vault_deposit_base=1_000_000, api_key=bearer, budget_token="tok-9"
        )
        headers = {"Authorization": f"Bearer {bearer}"}
        assert sidecar.chat(secret, headers).status_code == 200
        operator.switches.fail_status = 500
        assert secret not in sidecar.chat(secret, headers).text
        operator.switches.fail_status = 0
        private = sidecar.signer._secret.hex()
        text = "\n".join(f"{r.getMessage()} {r.__dict__}" for r in caplog.records)
        metrics = sidecar.http.get("/metrics", headers=headers).text
        history = sidecar.http.get("/v1/receipts", headers=headers).text
        database = b"".join(p.read_bytes() for p in (tmp_path / "state").rglob("consume.db*"))
        for where in (text, metrics, history, database.decode("latin-1")):
            for hidden in (secret, private, bearer, "tok-9"):
                assert hidden not in where
    assert all(
        p.stat().st_mode & 0o077 == 0 for p in (tmp_path / "state").rglob("*") if p.name != "lock"
    )


def test_the_state_belongs_to_one_process(start: Start, world: World) -> None:
    running = start()
    from harness.services.consumer.sidecar import Sidecar

    second = Sidecar(running.settings, running.signer, world.chain)
    with pytest.raises(StateLocked, match="in use by process"):
        second.acquire()


def test_documents_and_lists(exact: RunningSidecar, operator: ScriptedOperator) -> None:
    assert exact.http.get("/healthz").json() == {
        "status": "ok",
        "service": "halo-consume",
        "wallet": exact.signer.address,
        "network": exact.settings.network,
        "confidential": False,
        "rail": "exact",
        "version": "0.1.0",
    }
    assert exact.http.get("/ready").status_code == 200
    document = exact.http.get("/openapi.json").json()
    paths = {route.path for route in exact.sidecar_routes()}
    assert set(document["paths"]) == {path.replace(":path", "") for path in paths}
    models = exact.http.get("/v1/models").json()["data"]
    assert {m["id"]: (m["confidential"], m["allowed"]) for m in models}[MODEL] == (False, True)
    account = exact.http.get("/v1/account").json()
    assert account["address"] == exact.signer.address and account["league"] is None
    assert exact.chat().status_code == 200
    (row,) = exact.http.get("/v1/receipts").json()["data"]
    assert (row["state"], row["chargedBase"], row["operator"]) == (
        "settled", "1000", operator.address,
    )  # fmt: skip
    since = {"since": str(row["updatedAt"])}
    eventually(lambda: exact.http.get("/v1/receipts", params=since).json()["data"] == [])
    metrics = exact.http.get("/metrics").text
    assert 'facetworks_consumer_charged_base_total{rail="exact"} 1000.0' in metrics


def test_models_are_marked_by_the_allowlist(start: Start, operator: ScriptedOperator) -> None:
    models = start(allowed_models=("other",)).http.get("/v1/models").json()["data"]
    assert all(model["allowed"] is False for model in models)


def test_the_default_model_is_used(start: Start, operator: ScriptedOperator) -> None:
    answer = start(default_model=MODEL).chat(model=None)
    assert answer.status_code == 200 and answer.json()["model"] == MODEL
