"""Our own paid routes: the official clients pay them, and nobody gets an answer for nothing."""

from __future__ import annotations

import asyncio
import base64
import copy
import json
import shutil
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from x402.schemas import PaymentRequirements

from harness.chain.anvil import AnvilChain
from harness.clients.facilitator import FacilitatorClient
from harness.diamond.tokens import FwUsd
from harness.x402.middleware import Offer, PaymentMiddleware

from .conftest import PRICE, START, Running, ThreadedServer, Wire
from .test_x402_interop import assert_paid_once, get_paid, httpx_client, receipt_of
from .test_x402_node import pay_with

JSON = {"content-type": "application/json"}
NPM = Path(__file__).resolve().parents[2] / "node_modules" / "@x402" / "axios"


class Kiosk:
    """Routes behind our middleware; `ran` counts what the application did."""

    def __init__(self, facilitator: str, required: PaymentRequirements) -> None:
        self.ran = 0
        self.pause = 0.0
        routes = [
            Route("/weather", self.weather),
            Route("/broken", self.broken),
            Route("/stream", self.stream),
            Route("/free", self.free),
        ]
        offers = {
            f"GET /{name}": Offer((required,), "weather")
            for name in ("weather", "broken", "stream")
        }
        self.app = PaymentMiddleware(
            Starlette(routes=routes), offers, FacilitatorClient(facilitator)
        )

    async def weather(self, _request: Request) -> Response:
        self.ran += 1
        await asyncio.sleep(self.pause)
        return JSONResponse({"weather": "clear"})

    async def broken(self, _request: Request) -> Response:
        self.ran += 1
        return JSONResponse({"error": "no"}, 500)

    async def free(self, _request: Request) -> Response:
        return JSONResponse({"free": True})

    async def stream(self, _request: Request) -> Response:
        async def parts() -> AsyncIterator[str]:
            for number in range(3):
                self.ran += 1
                yield f"data: {number}\n\n"

        return StreamingResponse(parts(), media_type="text/event-stream")


@pytest.fixture
def kiosk(facilitator: Running, wire: Wire) -> Iterator[tuple[str, Kiosk]]:
    kiosk = Kiosk(facilitator.url, PaymentRequirements.model_validate(wire.requirements()))
    with ThreadedServer(kiosk.app) as url:
        yield url, kiosk


def header(wire: Wire, **changes: Any) -> str:
    return encoded(wire.body(**changes)["paymentPayload"])


def encoded(document: Any) -> str:
    return base64.b64encode(json.dumps(document).encode()).decode()


def ask(url: str, payment: str | None = None, **headers: str) -> httpx.Response:
    paid = {"PAYMENT-SIGNATURE": payment} if payment is not None else {}
    return httpx.get(url, headers={**paid, **headers}, timeout=60)


def test_the_official_httpx_client_pays_us(
    kiosk: tuple[str, Kiosk], wire: Wire, dollar: FwUsd, chain: AnvilChain, facilitator: Running
) -> None:
    response = get_paid(f"{kiosk[0]}/weather", httpx_client(wire.payer, dollar))
    assert (response.status_code, response.json()) == (200, {"weather": "clear"})
    assert response.headers["cache-control"] == "private"
    receipt = receipt_of(response.headers["payment-response"])
    assert_paid_once(receipt, wire, dollar, chain, facilitator)


@pytest.mark.skipif(
    shutil.which("node") is None or not NPM.is_dir(),
    reason="node and the npm packages are not installed",
)
@pytest.mark.parametrize("client", ["axios_client.mjs", "fetch_client.mjs"])
def test_the_official_npm_clients_pay_us(
    client: str,
    kiosk: tuple[str, Kiosk],
    wire: Wire,
    dollar: FwUsd,
    chain: AnvilChain,
    facilitator: Running,
) -> None:
    answer = pay_with(client, f"{kiosk[0]}/weather", wire, dollar)
    assert (answer["status"], answer["body"]) == (200, {"weather": "clear"})
    assert_paid_once(answer["receipt"], wire, dollar, chain, facilitator)


def test_unpaid_is_told_the_price_and_free_is_free(kiosk: tuple[str, Kiosk], wire: Wire) -> None:
    url, shop = kiosk
    unpaid = ask(f"{url}/weather")
    assert unpaid.status_code == 402
    asked = json.loads(base64.b64decode(unpaid.headers["payment-required"]))
    assert asked["accepts"] == [wire.requirements()]
    assert asked["resource"]["url"] == f"{url}/weather"
    assert unpaid.headers["cache-control"] == "no-store"
    assert shop.ran == 0
    assert ask(f"{url}/free").json() == {"free": True}


def test_m1_m2_one_payment_fifty_requests_one_run(
    kiosk: tuple[str, Kiosk], wire: Wire, dollar: FwUsd
) -> None:
    url, shop = kiosk
    shop.pause = 0.3
    payment = header(wire)
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda _: ask(f"{url}/weather", payment), range(50)))
    assert sorted(a.status_code for a in answers) == [200] + [402] * 49
    assert shop.ran == 1
    assert dollar.balance_of(wire.payee) == PRICE
    assert ask(f"{url}/weather", payment).status_code == 402  # nor later
    assert shop.ran == 1


def test_m3_every_stated_member_must_be_accepted_as_stated(
    kiosk: tuple[str, Kiosk], wire: Wire, dollar: FwUsd
) -> None:
    url, shop = kiosk
    good = wire.body()["paymentPayload"]
    for name, other in {
        "scheme": "upto", "network": "eip155:1", "asset": wire.payee, "amount": "1", "payTo": wire.payer.address,
        "maxTimeoutSeconds": 61, "extra": {"name": "Other", "version": "2"},
    }.items():  # fmt: skip
        for change in ({name: other}, {}):
            accepted = {**good["accepted"], **change}
            if not change:
                del accepted[name]
            answer = ask(f"{url}/weather", encoded({**good, "accepted": accepted}))
            assert (answer.status_code, answer.json()["error"]["code"]) == (
                402,
                "no_matching_requirements",
            )
    assert shop.ran == 0
    assert dollar.balance_of(wire.payee) == 0


def test_a_handler_that_fails_is_not_paid(
    kiosk: tuple[str, Kiosk], wire: Wire, dollar: FwUsd
) -> None:
    url, shop = kiosk
    assert ask(f"{url}/broken", header(wire)).status_code == 500
    assert shop.ran == 1
    assert dollar.balance_of(wire.payee) == 0


def test_an_answer_is_withheld_when_its_payment_does_not_settle(
    kiosk: tuple[str, Kiosk], wire: Wire, dollar: FwUsd
) -> None:
    """The payer empties the account between verify and settle."""
    url, shop = kiosk
    shop.pause = 1.0
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(ask, f"{url}/weather", header(wire))
        while not shop.ran:
            pass
        drain = wire.authorise(payee="0x00000000000000000000000000000000000000B1", value=START)
        dollar.transfer_with_authorization(drain)
        answer = asked.result()
    assert answer.status_code == 402
    assert "clear" not in answer.text
    assert receipt_of(answer.headers["payment-response"])["success"] is False


def test_a_stream_is_settled_before_its_first_byte(
    kiosk: tuple[str, Kiosk], wire: Wire, dollar: FwUsd
) -> None:
    url, _ = kiosk
    answer = ask(f"{url}/stream", header(wire))
    assert answer.text == "data: 0\n\ndata: 1\n\ndata: 2\n\n"
    assert receipt_of(answer.headers["payment-response"])["success"] is True
    assert dollar.balance_of(wire.payee) == PRICE


@pytest.mark.parametrize(
    "payment",
    ["", "%%", encoded([]), encoded({}), encoded({"x402Version": 1, "payload": {}}), "A" * 20_000],
)
def test_nonsense_is_the_buyers_error(payment: str, kiosk: tuple[str, Kiosk]) -> None:
    answer = ask(f"{kiosk[0]}/weather", payment)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_payload")
    assert kiosk[1].ran == 0


def test_h2_two_payments_are_ambiguous(kiosk: tuple[str, Kiosk], wire: Wire) -> None:
    url, shop = kiosk
    answer = ask(f"{url}/weather", header(wire), **{"X-PAYMENT": "e30="})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "ambiguous_payment")
    twice = httpx.Headers(
        [("PAYMENT-SIGNATURE", header(wire)), ("PAYMENT-SIGNATURE", header(wire))]
    )
    assert httpx.get(f"{url}/weather", headers=twice).status_code == 400
    assert shop.ran == 0


def test_a_facilitator_that_is_gone_is_502(wire: Wire) -> None:
    kiosk = Kiosk("http://127.0.0.1:9", PaymentRequirements.model_validate(wire.requirements()))
    with ThreadedServer(kiosk.app) as url:
        answer = ask(f"{url}/weather", header(wire))
    assert (answer.status_code, answer.json()["error"]["code"]) == (502, "facilitator_unavailable")
    assert kiosk.ran == 0


class Deaf:
    """In front of a facilitator: what it says to `/settle` is lost, as often as `losing` says."""

    def __init__(self, facilitator: str, pending: bool) -> None:
        self.losing = 0
        self.settles = 0
        self._url = facilitator
        self._pending = pending
        names = ("verify", "settle")
        self.app = Starlette(routes=[Route(f"/{n}", self.passed, methods=["POST"]) for n in names])

    async def passed(self, request: Request) -> Response:
        async with httpx.AsyncClient(timeout=60) as http:
            answer = await http.post(
                self._url + request.url.path, content=await request.body(), headers=JSON
            )
        if request.url.path == "/settle":
            self.settles += 1
            if self.losing:
                self.losing -= 1
                told = {"success": False, "errorReason": "settlement_pending", "transaction": ""}
                return JSONResponse(told) if self._pending else Response(status_code=503)
        return Response(answer.content, answer.status_code, media_type="application/json")


@pytest.mark.parametrize(("pending", "lost", "status"), [(False, 1, 502), (True, 2, 402)])
def test_a_payment_that_settled_unheard_buys_its_answer_when_it_is_sent_again(
    facilitator: Running, wire: Wire, dollar: FwUsd, pending: bool, lost: int, status: int
) -> None:
    deaf = Deaf(facilitator.url, pending)
    with ThreadedServer(deaf.app) as between:
        shop = Kiosk(between, PaymentRequirements.model_validate(wire.requirements()))
        with ThreadedServer(shop.app) as url:
            payment = header(wire)
            deaf.losing = lost
            first = ask(f"{url}/weather", payment)
            assert first.status_code == status and "clear" not in first.text
            assert dollar.balance_of(wire.payee) == PRICE, "it has been paid"
            deaf.losing = lost  # not heard of once more: nothing is run for it
            assert ask(f"{url}/weather", payment).status_code == status and shop.ran == 1
            again = ask(f"{url}/weather", payment)
            assert (again.status_code, again.json()) == (200, {"weather": "clear"})
            assert receipt_of(again.headers["payment-response"])["success"] is True
            assert ask(f"{url}/weather", payment).status_code == 402, "and no second answer"
            assert shop.ran == 2
    assert dollar.balance_of(wire.payee) == PRICE


def test_asking_for_the_head_of_a_paid_route_runs_nothing_unpaid(
    kiosk: tuple[str, Kiosk], wire: Wire
) -> None:
    url, shop = kiosk
    assert httpx.head(f"{url}/weather").status_code == 402
    assert shop.ran == 0
    paid = httpx.head(f"{url}/weather", headers={"PAYMENT-SIGNATURE": header(wire)}, timeout=60)
    assert paid.status_code == 200 and receipt_of(paid.headers["payment-response"])["success"]
    assert httpx.head(f"{url}/free").status_code == 200


def test_a_changed_signature_is_refused(kiosk: tuple[str, Kiosk], wire: Wire) -> None:
    payment = copy.deepcopy(wire.body()["paymentPayload"])
    payment["payload"]["authorization"]["value"] = str(PRICE - 1)
    answer = ask(f"{kiosk[0]}/weather", encoded(payment))
    assert answer.status_code == 402
    assert kiosk[1].ran == 0
