"""Every code of the table is provoked, and its message ends with the fix."""

from __future__ import annotations

import json
import re
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from harness.chain.keys import LocalSigner
from harness.errors import HarnessError
from harness.services.consumer.refusals import TABLE
from tests.faults.disk import Disk

from .conftest import RunningSidecar, Start
from .scripted_market import Market
from .scripted_operator import MODEL, ScriptedOperator
from .world import DOLLAR, World

ROOT = Path(__file__).resolve().parents[3]


@dataclass
class Scene:
    """Everything a provocation may use."""

    start: Start
    market: Market
    operator: ScriptedOperator
    world: World
    folder: Path

    def vault(self, **changes: Any) -> RunningSidecar:
        return self.start(**({"rail": "vault", "vault_deposit_base": 1_000_000} | changes))


class Enclave:
    """An attested enclave whose signatures do not hold."""

    def encrypt_messages(self, body: dict[str, Any]) -> Any:
        return body, {"X-Signing-Algo": "ecdsa"}, self

    def decrypt(self, completion: dict[str, Any]) -> dict[str, Any]:
        return completion

    def verify(self, signature: Any, request: bytes, response: bytes) -> None:
        raise HarnessError("signed by somebody else")


class FakeAttestor:
    async def enclave(self, model: str) -> Any:
        return Enclave()

    def forget(self, model: str) -> None:
        return None


def raw(url: str, lines: list[str], body: bytes = b"") -> httpx.Response:
    """A request that no client would send."""
    host, port = url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        head = "\r\n".join([*lines, f"Content-Length: {len(body)}", "Connection: close", "", ""])
        connection.sendall(head.encode("latin-1") + body)
        answer = b""
        while part := connection.recv(65536):
            answer += part
    top, _, content = answer.partition(b"\r\n\r\n")
    return httpx.Response(int(top.split(b" ")[1]), content=content)


def bad_json(s: Scene) -> httpx.Response:
    headers = {"content-type": "application/json"}
    return s.start().http.post("/v1/chat/completions", content=b'{"a":', headers=headers)


def bad_request(s: Scene) -> httpx.Response:
    return s.start().chat(max_tokens=0)


def bad_budget(s: Scene) -> httpx.Response:
    return s.start().http.post("/v1/budget", json={"limitUsd": -1})


def duplicate_header(s: Scene) -> httpx.Response:
    lines = [
        "GET /v1/models HTTP/1.1",
        "Host: 127.0.0.1",
        "X-Halo-Operator: a",
        "X-Halo-Operator: b",
    ]
    return raw(s.start().url, lines)


def bad_token(s: Scene) -> httpx.Response:
    return s.start(api_key="right").http.get(
        "/v1/models", headers={"Authorization": "Bearer wrong"}
    )


def budget_token_required(s: Scene) -> httpx.Response:
    return s.start(budget_token="a person").http.post("/v1/budget", json={"limitUsd": 9})


def insufficient_funds(s: Scene) -> httpx.Response:
    sidecar = s.start(dollars=0.0)
    answer = sidecar.chat()
    error = answer.json()["error"]
    assert error["message"].startswith(sidecar.signer.address)
    assert error["walletAddress"] == sidecar.signer.address
    assert error["network"] == f"eip155:{s.world.chain.chain_id}"
    assert "provider" not in error["message"]
    return answer


def over_cap(s: Scene) -> httpx.Response:
    return s.start(max_usdc_base=900).chat()


def over_budget(s: Scene) -> httpx.Response:
    sidecar = s.start(budget_base=500)
    answer = sidecar.chat()
    error = answer.json()["error"]
    assert (error["spentUsd"], error["limitUsd"]) == (0, 0.0005)
    ask = error["raiseWith"]
    raised = sidecar.http.request(ask["method"], ask["path"], json=ask["body"])
    assert raised.status_code == 200 and sidecar.chat().status_code == 200
    return answer


def payment_failed(s: Scene) -> httpx.Response:
    s.operator.switches.fail_status = 402
    s.operator.switches.fail_body = {"error": {"code": "replayed_payment", "message": "no"}}
    return s.start().chat()


def model_not_allowed(s: Scene) -> httpx.Response:
    answer = s.start(allowed_models=("cheap",)).chat()
    assert s.market.seen == []
    return answer


def with_rules(s: Scene, text: str) -> RunningSidecar:
    path = s.folder / "rules.toml"
    path.write_text(text)
    return s.start(policy=path, budget_token="a person")


def policy_denied(s: Scene) -> httpx.Response:
    return with_rules(s, '[[rule]]\naction = "deny"').chat()


def policy_asks(s: Scene) -> httpx.Response:
    return with_rules(s, '[[rule]]\naction = "ask"').chat()


def bad_origin(s: Scene) -> httpx.Response:
    return s.start().chat(headers={"Origin": "https://evil.example"})


def no_route(s: Scene) -> httpx.Response:
    return s.start().http.get("/v1/nothing")


def method_not_allowed(s: Scene) -> httpx.Response:
    return s.start().http.get("/v1/chat/completions")


def idempotency_conflict(s: Scene) -> httpx.Response:
    sidecar = s.start()
    headers = {"Idempotency-Key": "one"}
    assert sidecar.chat("a", headers).status_code == 200
    return sidecar.chat("b", headers)


def idempotency_in_progress(s: Scene) -> httpx.Response:
    sidecar = s.start()
    s.operator.switches.delay = 0.6
    headers = {"Idempotency-Key": "one"}
    first = threading.Thread(target=sidecar.chat, args=("a", headers))
    first.start()
    time.sleep(0.2)
    answer = sidecar.chat("a", headers)
    first.join()
    return answer


def request_too_large(s: Scene) -> httpx.Response:
    return s.start().chat("x" * (5 * 1024 * 1024))


def bad_host(s: Scene) -> httpx.Response:
    return s.start().http.get("/v1/models", headers={"Host": "evil.example:8799"})


def confidential_setup_failed(s: Scene) -> httpx.Response:
    return s.start().chat(headers={"X-Halo-Confidential": "yes"})


def tee_verification_failed(s: Scene) -> httpx.Response:
    s.operator.tee_models = (MODEL,)
    sidecar = s.start(confidential=True, attestor=FakeAttestor())
    answer = sidecar.chat()
    assert "choices" not in answer.json()
    assert sidecar.sidecar.journal.history()[-1].state.value == "disputed"
    return answer


def e2e_failed(s: Scene) -> httpx.Response:
    s.operator.switches.plaintext_reply = True
    return s.start().chat()


def upstream_error(s: Scene) -> httpx.Response:
    s.market.down = True
    return s.start().http.get("/v1/models")


def chain_unavailable(s: Scene) -> httpx.Response:
    sidecar = s.vault()
    assert sidecar.chat().status_code == 200
    other = s.market.add()
    sidecar.sidecar.directory._listing.at = -1e9
    s.world.chain.silent = True
    return sidecar.chat(headers={"X-Halo-Operator": other.address})


def vault_unverified(s: Scene) -> httpx.Response:
    s.world.vault_switches["info"] = {"vault": LocalSigner.generate().address}
    return s.vault().chat()


def session_key_mismatch(s: Scene) -> httpx.Response:
    signer = s.world.wallet(5)
    sidecar = s.vault(signer=signer)
    assert sidecar.chat().status_code == 200
    s.start.stop(sidecar)  # type: ignore[attr-defined]
    answer = s.vault(signer=signer, session_key="browser").chat()
    assert answer.json()["error"]["registered"] == signer.address
    return answer


def reservation_wedged(s: Scene) -> httpx.Response:
    sidecar = s.vault()
    assert sidecar.chat().status_code == 200
    purse = sidecar.sidecar._reservations.purses.pop(s.operator.address)  # type: ignore[attr-defined]
    after = purse.created + 30 * 86_400
    sidecar.sidecar._reservations._clock = lambda: after  # type: ignore[attr-defined]

    def old(consumer: str, operator: str) -> Any:
        from dataclasses import replace

        pair = s.world.vault.ops(consumer, operator)
        return replace(pair, expiry=after - 1)

    sidecar.sidecar._reservations._vault.ops = old  # type: ignore[attr-defined]
    return sidecar.chat()


def no_operator(s: Scene) -> httpx.Response:
    answer = s.start().chat(headers={"X-Halo-Operator": LocalSigner.generate().address})
    assert "pinned" in answer.json()["error"]["message"]
    return answer


def shutting_down(s: Scene) -> httpx.Response:
    sidecar = s.start()
    sidecar.sidecar.stopping = True
    return sidecar.chat()


def upstream_timeout(s: Scene) -> httpx.Response:
    sidecar = s.vault()
    s.operator.switches.fail_status = 504
    answer = sidecar.chat()
    assert sidecar.sidecar.budget.view() == sidecar.sidecar.budget.view().__class__(0, 0, 0)
    return answer


def payment_unknown(s: Scene) -> httpx.Response:
    s.operator.switches.withhold = True
    answer = s.start().chat()
    assert re.fullmatch("0x[0-9a-f]{64}", answer.json()["error"]["paymentDigest"])
    return answer


def storage_unavailable(s: Scene) -> httpx.Response:
    sidecar = s.start()
    disk = Disk(sidecar.sidecar.database.engine)
    disk.fill()
    answer = sidecar.chat()
    assert "INSERT" not in answer.text
    disk.clear()
    assert sidecar.chat().status_code == 200
    return answer


def internal_error(s: Scene) -> httpx.Response:
    sidecar = s.start()

    def broken(ask: Any) -> Any:
        raise RuntimeError("a secret detail")

    sidecar.sidecar.pipeline.hold = broken  # type: ignore[method-assign]
    answer = sidecar.chat()
    assert "secret" not in answer.text
    return answer


PROVOKE: dict[str, Callable[[Scene], httpx.Response]] = {
    name: function for name, function in globals().items() if name in TABLE
}


@pytest.mark.parametrize("code", TABLE)
def test_the_code_is_answered_with_its_fix(
    code: str,
    start: Start,
    market: Market,
    operator: ScriptedOperator,
    world: World,
    tmp_path: Path,
) -> None:
    response = PROVOKE[code](Scene(start, market, operator, world, tmp_path))
    kind = TABLE[code]
    body = response.json()
    assert (response.status_code, body["error"]["code"]) == (kind.status, code), response.text
    assert body["error"]["type"] == kind.type
    assert body["error"]["message"].endswith(kind.fix)
    assert len(body["error"]["message"]) <= 500


def test_the_page_lists_the_same_table() -> None:
    page = (ROOT / "docs/halo/errors.md").read_text("utf-8")
    rows = re.findall(
        r"^\| (\d{3}) \| `([a-z0-9_]+)` \| `([a-z0-9_]+)` \| .+ \| (.+) \|$", page, re.M
    )
    assert {code: (int(status), kind, fix) for status, kind, code, fix in rows} == {
        code: (kind.status, kind.type, kind.fix) for code, kind in TABLE.items()
    }


def test_the_wallet_is_named_first_on_the_vault_rail_too(
    start: Start, operator: ScriptedOperator
) -> None:
    sidecar = start(rail="vault", dollars=0.0)
    error = sidecar.chat().json()["error"]
    assert error["code"] == "insufficient_funds"
    assert error["message"].startswith(sidecar.signer.address)
    assert "Vault can't cover this request" in error["message"]


def test_messages_carry_both_envelopes(exact: RunningSidecar) -> None:
    answer = exact.http.post("/v1/messages", json={"model": MODEL, "messages": [], "max_tokens": 5})
    body = answer.json()
    assert body["type"] == "error" and body["error"]["code"] == "bad_request"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"messages": "x"}, "messages"),
        ({"messages": [1]}, "messages"),
        ({"messages": []}, "messages"),
        ({"model": "a\nb"}, "model"),
        ({"model": ["x"]}, "model"),
        ({"model": None}, "model"),
        ({"max_tokens": 1.5}, "max_tokens"),
        ({"max_tokens": True}, "max_tokens"),
        ({"max_completion_tokens": -1}, "max_completion_tokens"),
        ({"n": 2}, "n"),
        ({"stream": "yes"}, "stream"),
    ],
)
def test_wrong_controls_name_their_field(
    exact: RunningSidecar, market: Market, body: dict[str, Any], field: str
) -> None:
    error = exact.chat(**body).json()["error"]
    assert (error["code"], error["field"]) == ("bad_request", field)
    assert market.seen == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("X-Halo-Routing", "anyhow"),
        ("X-Halo-Operator", "0x12"),
        ("X-Halo-Max-Price", "cheap"),
        ("X-Halo-Max-Price", "-1"),
        ("X-Halo-Max-Price", "NaN"),
        ("Idempotency-Key", "k" * 256),
    ],
)
def test_wrong_hints_are_named(exact: RunningSidecar, name: str, value: str) -> None:
    error = exact.chat(headers={name: value}).json()["error"]
    assert (error["code"], error["field"]) == ("bad_request", name)


@pytest.mark.parametrize(
    "body",
    [
        {"limitUsd": "5"},
        {"limitUsd": True},
        {"limitUsd": None},
        {},
        {"limitUsd": 1, "spentUsd": 0},
        {"limitUsd": 1e12},
        {"limitUsd": 10**400},  # no float is so large
        {"limitUsd": 1e-9},
        [],
    ],
)
def test_wrong_budgets_change_nothing(exact: RunningSidecar, body: Any) -> None:
    answer = exact.http.post("/v1/budget", json=body)
    assert (answer.status_code, exact.code(answer)) == (400, "bad_budget")
    assert exact.http.get("/v1/budget").json()["capped"] is False


def test_spent_money_survives_every_move_of_the_ceiling(exact: RunningSidecar) -> None:
    assert exact.chat().status_code == 200
    for limit in (5, 0.002, 0):
        told = exact.http.post("/v1/budget", json={"limitUsd": limit}).json()
        assert (told["limitUsd"], told["spentUsd"]) == (limit, 0.001)
    answer = exact.http.post("/v1/budget", json={"limitUsd": 0.0012})
    assert answer.headers["x-halo-budget-limit"] == "0.0012"
    assert answer.headers["x-halo-budget-spent"] == "0.0010"
    assert answer.headers["x-halo-budget-warning"] == "true"
    assert "POST /v1/budget" in answer.headers["x-halo-budget-message"]
    refused = exact.chat()
    assert (refused.status_code, exact.code(refused)) == (402, "over_budget")
    assert refused.headers["x-halo-budget-remaining"] == "0.0002"


def test_dollars_are_shown_exactly() -> None:
    from harness.services.consumer.budget import usd, usd4

    assert [usd4(n) for n in (0, 49, 50, 1_000, 1_234_567)] == [
        "0.0000", "0.0000", "0.0001", "0.0010", "1.2346",
    ]  # fmt: skip
    assert usd(DOLLAR // 4) == "0.25"


def test_upstream_words_are_bounded_and_secrets_stay_out(
    exact: RunningSidecar, operator: ScriptedOperator
) -> None:
    operator.switches.fail_status = 500
    leak = {"error": {"code": "x" * 5_000, "message": "sk-secret " * 5_000}, "key": "sk-raw"}
    operator.switches.fail_body = leak
    answer = exact.chat()
    assert answer.status_code == 502 and len(answer.text) < 1_500
    assert "sk-raw" not in answer.text and json.loads(answer.text)
