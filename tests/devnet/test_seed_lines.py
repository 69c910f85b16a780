"""The lines of the seed that need a market, on one: rows 15, 21, 28 to 30, 32 to 38 and 43 of the table in
`tests/cli/halo/test_seed_lines.py`, as a user would type them."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from harness.chain.keys import LocalSigner
from harness.devnet.market import Market
from harness.devnet.options import CONFIDENTIAL_MODELS
from harness.devnet.world import dev_key
from harness.inference.mock_server import MockUpstream
from harness.protocol.authorization import TRANSFER, sign
from tests.services.conftest import ThreadedServer

from .conftest import Halo, answers

ENCLAVED = CONFIDENTIAL_MODELS[0]
SNIPPET = """
from openai import OpenAI
client = OpenAI(base_url="http://127.0.0.1:8799/v1", api_key="halo")  # api_key unused unless --api-key set
resp = client.chat.completions.create(
    model="gpt-4o-mini",
    messages=[{"role": "user", "content": "Summarize Base mainnet in one sentence."}],
    max_tokens=100,
)
print(resp.choices[0].message.content)
"""


def chat(client: httpx.Client, text: str = "hello", **more: Any) -> httpx.Response:
    headers = more.pop("headers", {})
    body = {
        "model": "gpt-4o-mini",
        "messages": [{"role": "user", "content": text}],
        "max_tokens": 50,
        **more,
    }
    return client.post("/v1/chat/completions", json=body, headers=headers)


def operators(market: Market) -> list[dict[str, Any]]:
    return list(httpx.get(f"{market.relay}/v1/operators").json()["operators"])


def free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def set_up(halo: Halo, *more: str) -> str:
    """A new wallet on the devnet; its address."""
    said = halo(
        "setup", "--provider", "mock", "--models", "mock-echo", "--flat", "0.0005", "--fallback-cents", "1",
        "--no-wallet-passphrase", "--chain", "devnet", *more,
    )  # fmt: skip
    found = re.search(r"0x[0-9a-fA-F]{40}", said)
    assert found is not None, said
    return found.group()


def test_row_15_halo_serve(market: Market, halo: Halo, sidecar: httpx.Client) -> None:
    address = set_up(halo, "--label", "second")
    with halo.daemon(
        "serve", until=lambda: any(o["address"] == address for o in operators(market))
    ) as output:
        answer = chat(sidecar, model="mock-echo", headers={"X-Halo-Operator": address})
        assert answer.status_code == 200, answer.text
        assert answer.headers["x-halo-operator"] == address
        said = output.read_text()
        assert "unattended mode" in said
        assert "connecting to relay: ws://" in said
        assert "connected; announcing as 0x" in said
        deadline = time.monotonic() + 20
        while "inference req_" not in output.read_text() and time.monotonic() < deadline:
            time.sleep(0.05)
        assert "inference req_" in output.read_text()
    assert all(o["address"] != address for o in operators(market))


def test_row_21_halo_consume_confidential(market: Market, halo: Halo) -> None:
    address = set_up(halo, "--consume")
    dollar = market.dollar()
    give(market, address, 1_000_000)
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with (
        halo.daemon(
            "consume", "--confidential", "--port", str(port), until=lambda: answers(f"{url}/health")
        ),
        httpx.Client(base_url=url, timeout=60) as client,
    ):
        assert client.get("/health").json()["confidential"] is True
        refused = chat(client, model="gpt-4o-mini")
        assert refused.status_code == 502
        assert refused.json()["error"]["code"] == "confidential_setup_failed"
        assert dollar.balance_of(address) == 1_000_000
        answer = chat(client, model=ENCLAVED)
        assert answer.status_code == 200, answer.text
        assert answer.headers["x-halo-tee-verified"] == "true"
        assert dollar.balance_of(address) < 1_000_000


def give(market: Market, address: str, dollars: int) -> None:
    from harness.chain.journal import MemoryJournal
    from harness.chain.outbox import Outbox

    market.ground.chain.set_balance(address, 10**18)
    market.dollar(Outbox(market.ground.chain, dev_key("owner"), MemoryJournal())).mint(
        address, dollars
    )


def test_row_28_the_openai_snippet(market: Market, sidecar: httpx.Client) -> None:
    before = sidecar.get("/v1/budget").json()["spentUsd"]
    ours = SNIPPET.replace("http://127.0.0.1:8799/v1", market.base_url)
    done = subprocess.run([sys.executable, "-c", ours], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()
    spent = sidecar.get("/v1/budget").json()["spentUsd"] - before
    assert 0 < spent < 0.001


@pytest.mark.skipif(
    shutil.which("curl") is None or shutil.which("jq") is None, reason="curl or jq is not installed"
)
def test_row_29_confidential_models_by_curl(market: Market) -> None:
    line = f"curl -s {market.sidecar}/v1/models | jq -r '.data[] | select(.confidential) | .id'"
    done = subprocess.run(["sh", "-c", line], capture_output=True, text=True, timeout=60)
    assert done.stdout.split() == list(CONFIDENTIAL_MODELS)


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_row_30_a_confidential_request_by_curl(market: Market) -> None:
    body = '{"model":"deepseek-ai/DeepSeek-V4-Flash","messages":[{"role":"user","content":"hi"}]}'
    line = (
        f"curl -s -D - {market.sidecar}/v1/chat/completions -H 'content-type: application/json' "
        f"-H 'X-Halo-Confidential: true' -d '{body}'"
    )
    done = subprocess.run(["sh", "-c", line], capture_output=True, text=True, timeout=60)
    assert "x-halo-tee-verified: true" in done.stdout.lower(), done.stdout


def test_row_32_models(sidecar: httpx.Client) -> None:
    models = sidecar.get("/v1/models").json()["data"]
    assert {"gpt-4o-mini", ENCLAVED} <= {m["id"] for m in models}
    for model in models:
        assert model["confidential"] is (model["id"] in CONFIDENTIAL_MODELS)
        assert model["allowed"] is True


def test_row_33_account(market: Market, sidecar: httpx.Client) -> None:
    account = sidecar.get("/v1/account").json()
    assert account["address"] == market.consumer_address
    assert {"consumePoints", "consumeTier", "requestsConsumed"} <= set(account["league"])
    assert {"capped", "limitUsd", "spentUsd", "remainingUsd"} <= set(account["sessionBudget"])


def test_row_34_budget(sidecar: httpx.Client) -> None:
    """64 at once never exceed it; the ceiling moves, what was spent does not."""
    chat(sidecar)
    spent = sidecar.get("/v1/budget").json()["spentUsd"]
    try:
        limit = round(spent + 0.0003, 6)
        assert sidecar.post("/v1/budget", json={"limitUsd": limit}).json()["limitUsd"] == limit
        with ThreadPoolExecutor(64) as pool:
            answers = list(pool.map(lambda _: chat(sidecar), range(64)))
        found = {a.status_code for a in answers}
        assert 402 in found and found <= {200, 402}
        refused = next(a for a in answers if a.status_code == 402)
        assert refused.json()["error"]["code"] == "over_budget"
        budget = sidecar.get("/v1/budget").json()
        assert budget["spentUsd"] + budget["reservedUsd"] <= limit
        assert budget["spentUsd"] >= spent
    finally:
        sidecar.post("/v1/budget", json={"limitUsd": 0})


def test_row_35_streams(sidecar: httpx.Client) -> None:
    answer = chat(sidecar, "one two three four", stream=True)
    assert answer.headers["content-type"].startswith("text/event-stream")
    lines = [line for line in answer.text.splitlines() if line.startswith("data: ")]
    assert lines[-1] == "data: [DONE]"
    pieces = [json.loads(line[6:]) for line in lines[:-1] if '"chat.completion.chunk"' in line]
    text = "".join(p["choices"][0]["delta"].get("content") or "" for p in pieces if p["choices"])
    assert text == "one two three four"
    assert "x-halo-stream" not in answer.headers  # true streaming on the vault rail


def test_row_36_routing_hints(market: Market, sidecar: httpx.Client) -> None:
    assert chat(sidecar, headers={"X-Halo-Operator": market.operator_address}).status_code == 200
    for routing in ("balanced", "cheapest", "fastest", "random"):
        assert chat(sidecar, headers={"X-Halo-Routing": routing}).status_code == 200
    nobody = chat(sidecar, headers={"X-Halo-Operator": "0x" + "00" * 19 + "07"})
    assert (nobody.status_code, nobody.json()["error"]["code"]) == (503, "no_operator")
    dear = chat(sidecar, headers={"X-Halo-Max-Price": "0.0001"})
    assert dear.status_code in (402, 503)
    private = chat(sidecar, headers={"X-Halo-Privacy": "true"})
    assert private.status_code == 503
    confidential = chat(sidecar, model=ENCLAVED, headers={"X-Halo-Confidential": "true"})
    assert confidential.headers["x-halo-confidential"] == "true"


def test_row_37_the_flow_embedded_in_ones_own_code(market: Market) -> None:
    """402, sign, retry pinned: nothing of ours but the wallet's signature."""
    payer = LocalSigner.generate()
    give(market, payer.address, 1_000_000)
    dollar = market.dollar()
    body = {
        "model": "gpt-4o-mini",
        "messages": [{"role": "user", "content": "hi"}],
        "max_tokens": 50,
    }
    with httpx.Client(base_url=market.relay, timeout=60) as client:
        unpaid = client.post("/v1/chat/completions", json=body)
        assert unpaid.status_code == 402
        required = json.loads(base64.b64decode(unpaid.headers["payment-required"]))["accepts"]
        exact = next(r for r in required if r["scheme"] == "exact")
        signed = sign(
            payer, TRANSFER, dollar.domain.separator, payee=exact["payTo"], value=int(exact["amount"]),
            valid_before=int(time.time()) + 300,
        )  # fmt: skip
        payment = {"x402Version": 2, "accepted": exact, "payload": signed.to_wire()}
        paid = client.post(
            "/v1/chat/completions",
            json=body,
            headers={
                "PAYMENT-SIGNATURE": base64.b64encode(json.dumps(payment).encode()).decode(),
                "X-Halo-Operator": unpaid.headers["x-halo-operator"],
            },
        )
    assert paid.status_code == 200, paid.text
    receipt = json.loads(base64.b64decode(paid.headers["payment-response"]))
    mined = market.ground.chain.receipt(bytes.fromhex(receipt["transaction"][2:]))
    assert mined is not None and mined.succeeded
    assert dollar.balance_of(payer.address) == 1_000_000 - int(exact["amount"])


def test_row_38_the_relay_itself(market: Market) -> None:
    assert httpx.get(f"{market.relay}/health").status_code == 200
    assert httpx.get(f"{market.relay}/v1/models").status_code == 200


# -- row 43: the words users search for ------------------------------------------------------------


def test_row_43_keystore_not_found(halo: Halo) -> None:
    assert "keystore not found" in halo("consume", code=78)


def test_row_43_a_wrong_upstream_key(market: Market, halo: Halo) -> None:
    upstream = MockUpstream(models=("mock-echo",), key="sk-the-only-key-that-this-upstream-takes")
    with ThreadedServer(upstream.app()) as url:
        set_up(halo)
        halo(
            "setup", "--provider", "custom", "--base-url", f"{url}/v1", "--api-key", "sk-another-key-than-it-takes-0123",
            "--models", "mock-echo", "--flat", "0.0005", "--fallback-cents", "1", "--no-wallet-passphrase",
        )  # fmt: skip
        said: list[str] = []

        def told() -> bool:
            said[:] = [(halo.home / "serve.out").read_text()]
            return "REJECTED the stored key" in said[0]

        with halo.daemon("serve", until=told):
            pass
    assert "custom: upstream REJECTED the stored key" in said[0]


def test_row_43_too_dear_and_too_poor(market: Market, halo: Halo) -> None:
    """`exceeds --max-usdc`, then `insufficient funds` with the wallet to fund."""
    address = set_up(halo, "--consume")
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    ready = lambda: answers(f"{url}/health")  # noqa: E731
    with halo.daemon("consume", "--port", str(port), "--max-usdc", "0.000001", until=ready):
        dear = chat(httpx.Client(base_url=url, timeout=60))
        assert (dear.status_code, dear.json()["error"]["code"]) == (402, "over_cap")
        assert "--max-usdc" in dear.json()["error"]["message"]
    with halo.daemon("consume", "--port", str(port), until=ready):
        poor = chat(httpx.Client(base_url=url, timeout=60))
        error = poor.json()["error"]
        assert (poor.status_code, error["code"]) == (402, "insufficient_funds")
        assert error["walletAddress"] == address
        assert error["message"].startswith(f"{address}") or address in error["message"][:80]


def test_status_pay_link_receipts_on_the_market(market: Market, halo: Halo, consumer: Halo) -> None:
    address = set_up(halo, "--consume")
    assert (
        "insufficient" in halo("pay", "--model", "gpt-4o-mini", "--prompt", "Hello", code=1).lower()
    )
    give(market, address, 1_000_000)
    paid = halo("pay", "--model", "gpt-4o-mini", "--prompt", "Hello")
    assert "Hello" in paid and re.search(r"0x[0-9a-f]{64}", paid)
    assert "gpt-4o-mini" in halo("receipts", "list")
    assert re.search(r"\d{3}-\d{3}-\d{3}", halo("link"))
    status = json.loads(halo("status", "--json"))["consume"]
    assert status["today"] == status["total"] and status["total"]["requests"] == 1
    assert f"paid     : {cost(status)} for 1 request today, {cost(status)} for 1" in halo("status")
    assert json.loads(halo("doctor", "--json"))["network"]["relayReachable"] is True


def test_status_says_what_an_answer_cost_before_the_chain_knows(
    market: Market, consumer: Halo
) -> None:
    before = json.loads(consumer("status", "--json"))
    assert before["address"] == market.consumer_address
    assert before["consume"]["pid"] == os.getpid()
    with httpx.Client(base_url=market.sidecar, timeout=60) as client:
        answer = chat(client)
    after = json.loads(consumer("status", "--json"))["consume"]["total"]
    paid = int(after["usdcBase"]) - int(before["consume"]["total"]["usdcBase"])
    assert paid == int(answer.headers["X-Halo-Charged-Base"]) > 0
    assert after["requests"] == before["consume"]["total"]["requests"] + 1


def cost(consume: dict[str, Any]) -> str:
    return f"{int(consume['total']['usdcBase']) / 1e6:f}".rstrip("0") + " USD"
