"""What a relay tells about itself and others: models, operators, receipts, reports, documents."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from harness.errors import ConfigError
from harness.http.embedded import running
from harness.protocol.frames import ReceiptAck, ReceiptFrame
from harness.services.relay.attestation import Reports, Unavailable
from harness.services.relay.routes import build_routes
from harness.store.relay import Passage

from .conftest import Running
from .operators import Operator, refuse_payment
from .test_requests import ask, chat

SIGNATURE = "0x" + "11" * 65


async def get(relay: Running, path: str, **query: str) -> Any:
    async with relay.client() as client:
        answer = await client.get(path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()


def test_models_with_what_each_can(relay: Running) -> None:
    async def run() -> None:
        assert await get(relay, "/v1/models") == {"object": "list", "data": []}
        first = {
            "models": ["a", "b"], "tee_models": ["b"], "pricing": {"a": "0.002", "b": "0.01"},
            "context_length": {"a": 4_096}, "vault_payments": True, "streaming": False,
        }  # fmt: skip
        second = {
            "models": ["a"], "pricing": {"a": "0.0015"}, "context_length": {"a": 8_192},
            "data_retention": "none",
        }  # fmt: skip
        async with Operator(relay.url, **first), Operator(relay.url, **second):
            a, b = (await get(relay, "/v1/models"))["data"]
            common = {"object": "model", "created": 0, "owned_by": "halo"}
            assert a == common | {
                "id": "a", "operators": 2, "price_usd_per_mtok": 1.5, "context_length": 4_096,
                "confidential": False, "streaming": True, "vault": True, "privacy": True,
            }  # fmt: skip
            assert b == common | {
                "id": "b", "operators": 1, "price_usd_per_mtok": 10.0, "context_length": None,
                "confidential": True, "streaming": False, "vault": True, "privacy": False,
            }  # fmt: skip

    asyncio.run(run())


def test_operators_by_model_and_enclave(relay: Running) -> None:
    async def run() -> None:
        async with (
            Operator(relay.url, models=["a"], label="one", providers=["mock"]) as one,
            Operator(relay.url, models=["b"], tee_models=["b"]) as two,
        ):

            async def listed(**query: str) -> set[str]:
                told = await get(relay, "/v1/operators", **query)
                return {operator["address"] for operator in told["operators"]}

            assert await listed() == {one.address, two.address}
            assert await listed(model="a") == {one.address}
            assert await listed(tee="1") == {two.address}
            assert await listed(tee="1", model="a") == set()
            told = (await get(relay, "/v1/operators", model="a"))["operators"][0]
            assert told.items() >= {
                "label": "one", "models": ["a"], "teeModels": [], "providers": ["mock"], "cliVersion": "1.2.3",
                "vaultPayments": False, "dataRetention": "unknown", "node": "n0", "inflight": 0, "uptime": 0,
            }.items()  # fmt: skip
            assert "signature" not in told and "peerId" not in told

    asyncio.run(run())


# -- receipts --------------------------------------------------------------------------------------


def receipt(operator: str, **changes: Any) -> dict[str, Any]:
    return {
        "consumer": "0x" + "22" * 20, "operator": operator, "cumulative": "1000", "cycle": "3",
        "signature": SIGNATURE, **changes,
    }  # fmt: skip


async def push(relay: Running, body: dict[str, Any], **headers: str) -> tuple[int, Any]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    async with relay.client() as client:
        answer = await client.post("/v1/receipt", json=body, headers=named)
        return answer.status_code, answer.json()


def test_a_receipt_is_delivered_and_acknowledged(relay: Running) -> None:
    async def run() -> None:
        async with Operator(relay.url) as operator:
            body = receipt(operator.address)
            status, told = await push(relay, body, x_halo_operator=operator.address)
            frame = await operator.sees(lambda f: isinstance(f, ReceiptFrame))
            assert isinstance(frame, ReceiptFrame)
            assert (status, told) == (
                202, {"receiptId": frame.receipt_id, "accepted": True, "provisional": False},
            )  # fmt: skip
            assert (frame.cumulative, frame.cycle, frame.signature) == ("1000", "3", SIGNATURE)
            operator.ack = lambda r: ReceiptAck(
                receipt_id=r.receipt_id, accepted=True, provisional=True
            )
            assert (await push(relay, body))[1]["provisional"] is True
            operator.ack = lambda r: ReceiptAck(
                receipt_id=r.receipt_id, accepted=False, reason="stale"
            )
            status, told = await push(relay, body)
            assert status == 409 and told["error"]["code"] == "receipt_rejected"
            assert told["error"]["reason"] == "stale"

    asyncio.run(run())


@pytest.mark.parametrize(
    "changes",
    [
        {"consumer": "0x12"}, {"operator": None}, {"cumulative": "-1"}, {"cumulative": 1.5},
        {"cumulative": "1" * 79}, {"cycle": "x"}, {"signature": "0x12"}, {"signature": 5},
    ],
)  # fmt: skip
def test_what_is_no_receipt(relay: Running, changes: dict[str, Any]) -> None:
    async def run() -> None:
        async with Operator(relay.url) as operator:
            assert (await push(relay, receipt(operator.address) | changes))[0] == 400
            assert not any(isinstance(f, ReceiptFrame) for f in operator.frames)

    asyncio.run(run())


def test_receipts_that_cannot_be_delivered(start_relay: Callable[..., Running]) -> None:
    relay = start_relay(receipt_timeout_s=0.3)

    async def run() -> None:
        status, told = await push(relay, receipt("0x" + "33" * 20))
        assert (status, told["error"]["code"]) == (404, "operator_not_connected")
        async with Operator(relay.url) as operator, Operator(relay.url) as other:
            wrong = await push(relay, receipt(operator.address), x_halo_operator=other.address)
            assert wrong[0] == 400  # header and body must name the same one
            stranger: list[str] = []

            def forward(frame: ReceiptFrame) -> None:
                stranger.append(frame.receipt_id)

            operator.ack = forward
            pushed = asyncio.create_task(push(relay, receipt(operator.address)))
            while not stranger:
                await asyncio.sleep(0.01)
            # somebody else's acknowledgement, even of the right name, is not one
            await other.say(ReceiptAck(receipt_id=stranger[0], accepted=True))
            status, told = await pushed
            assert (status, told["error"]["code"]) == (504, "receipt_timeout")

            async def vanish() -> None:
                await operator.socket.close()

            operator.ack = lambda _: asyncio.ensure_future(vanish()) and None
            assert (await push(relay, receipt(operator.address)))[0] == 404

    asyncio.run(run())


# -- reports ---------------------------------------------------------------------------------------


class Provider:
    """An enclave provider's attestation endpoint."""

    def __init__(self) -> None:
        self.asked: list[dict[str, str]] = []
        self.answer: Callable[[], Response] = lambda: JSONResponse({"quote": "q"})

    async def report(self, request: Request) -> Response:
        self.asked.append(dict(request.query_params))
        return self.answer()

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[str]:
        app = Starlette(routes=[Route("/v1/attestation/report", self.report)])
        async with running(app, "127.0.0.1:0") as url:
            yield url + "/v1"


def test_reports_come_from_the_configured_providers_only() -> None:
    async def run() -> None:
        provider = Provider()
        async with provider.serving() as base:
            reports = Reports(("http://127.0.0.1:1/nobody", base))
            await reports.start()
            asked = {"model": "a/b", "signing_algo": "ecdsa"}
            for _ in range(2):
                assert await reports.get(asked) == b'{"quote":"q"}'
            assert provider.asked == [asked]  # the second one was kept
            fresh = asked | {"nonce": "00ff"}
            for _ in range(2):
                await reports.get(fresh)
            assert provider.asked[1:] == [fresh, fresh]
            for wrong in (
                {}, {"model": ""}, {"model": "a b"}, {"model": "a", "signing_algo": "none"},
                {"model": "a", "url": "http://evil.example"}, {"model": "a", "nonce": "xyz"},
            ):  # fmt: skip
                with pytest.raises(ValueError, match=r"model|parameter"):
                    await reports.get(wrong)
            provider.answer = lambda: RedirectResponse("http://127.0.0.1:1/elsewhere")
            with pytest.raises(Unavailable):
                await reports.get(fresh)
            provider.answer = lambda: Response(b"x" * (4 * 1024 * 1024 + 1))
            with pytest.raises(Unavailable):
                await reports.get(fresh)
            await reports.stop()

    asyncio.run(run())
    for base in ("ftp://a", "file:///etc/passwd", "a", "http://user:pass@a"):
        with pytest.raises(ConfigError, match="tee_bases"):
            Reports((base,))


def test_the_report_endpoint(start_relay: Callable[..., Running]) -> None:
    async def run() -> None:
        provider = Provider()
        async with provider.serving() as base:
            relay = await asyncio.to_thread(start_relay, tee_bases=(base,))
            assert await get(relay, "/v1/attestation/report", model="m") == {"quote": "q"}
            async with relay.client() as client:
                wrong = await client.get("/v1/attestation/report", params={"model": "m", "x": "y"})
                assert wrong.status_code == 400
                provider.answer = lambda: Response(status_code=500)
                gone = await client.get("/v1/attestation/report?model=other")
                assert (gone.status_code, gone.json()["error"]["code"]) == (
                    502, "attestation_unavailable",
                )  # fmt: skip

    asyncio.run(run())


# -- documents -------------------------------------------------------------------------------------


def test_health_and_readiness(relay: Running) -> None:
    async def run() -> None:
        async with Operator(relay.url):
            told = {"status": "ok", "operators": 1, "inflight": 0, "node": "n0", "version": "0.1.0"}
            assert await get(relay, "/health") == told
            assert await get(relay, "/ready") == told
        relay.office.draining = True
        try:
            async with relay.client() as client:
                assert (await client.get("/ready")).status_code == 503
                assert (await client.get("/health")).status_code == 200
            assert (await ask(relay)).json()["error"]["code"] == "relay_restart"
        finally:
            relay.office.draining = False

    asyncio.run(run())


def test_every_route_is_described(relay: Running) -> None:
    described = asyncio.run(get(relay, "/openapi.json"))
    served = {route.path for route in build_routes(relay.office) if isinstance(route, Route)}
    assert set(described["paths"]) == served
    text = str(described)
    for name in described["components"]["schemas"]:
        assert name in ("Model", "Announcement") or f"/{name}'" in text, name


def test_metrics_count_what_happened(start_relay: Callable[..., Running]) -> None:
    relay = start_relay()

    async def run() -> None:
        async with Operator(relay.url, refuse_payment):
            await ask(relay)
            await ask(relay, chat() | {"model": "unheard-of"})
            async with relay.client() as client:
                text = (await client.get("/metrics")).text
        values = {
            (sample.name, tuple(sample.labels.values())): sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        }
        assert values["facetworks_relay_operators", ()] == 1
        assert values["facetworks_relay_requests_total", ("402",)] == 1
        assert values["facetworks_relay_requests_total", ("404",)] == 1
        assert values["facetworks_relay_first_frame_seconds_count", ()] == 1
        assert values["facetworks_relay_inflight", ()] == 0

    asyncio.run(run())


def test_each_request_leaves_a_row(relay: Running) -> None:
    async def run() -> list[Passage]:
        async with Operator(relay.url) as operator:
            name = (await ask(relay)).headers["x-halo-request-id"]
            deadline = time.monotonic() + 10
            while not (rows := relay.office.archive.records.passages(name)):
                assert time.monotonic() < deadline
                await asyncio.sleep(0.05)
            assert rows[0].operator == operator.address
            return rows

    (row,) = asyncio.run(run())
    assert (row.node, row.kind, row.model, row.status, row.outcome) == (
        "n0", "request", "mock-echo", 200, "delivered",
    )  # fmt: skip
