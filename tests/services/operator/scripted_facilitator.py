"""The real facilitator on a chain, with a hand on the line: answers can be lost, delayed or falsified."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Mount, Route

from harness.chain.errors import NodeError
from harness.chain.keys import LocalSigner
from harness.devnet.node import DevNode
from harness.protocol.league import check_signature, event_from_wire
from harness.services.facilitator.app import build_app, build_office
from harness.services.facilitator.settings import FacilitatorSettings

PENDING = {"success": False, "errorReason": "settlement_pending", "transaction": "0x" + "5e" * 32}
REFUSED = {"success": False, "errorReason": "insufficient_funds", "transaction": ""}


@dataclass
class Hand:
    """What the line does next: a list per path, of answers that replace the real one.

    `None` passes; a dict is answered in its place without asking, a number with this status; "lose" lets
    the facilitator work and answers 500; "down" answers 500 at once.
    """

    script: dict[str, list[Any]] = field(default_factory=dict)
    calls: Counter[str] = field(default_factory=Counter)
    events: list[dict[str, Any]] = field(default_factory=list)
    event_answers: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    heartbeats: int = 0

    def reset(self) -> None:
        self.script.clear()
        self.calls.clear()
        self.events.clear()
        self.event_answers.clear()
        self.heartbeats = 0

    def next(self, path: str) -> Any:
        self.calls[path] += 1
        waiting = self.script.get(path)
        return waiting.pop(0) if waiting else None


class Line:
    """ASGI middleware under a Hand."""

    def __init__(self, app: Any, hand: Hand) -> None:
        self._app = app
        self._hand = hand

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        wanted = self._hand.next(scope["path"])
        network = "eip155:31337"
        if wanted is None:
            await self._app(scope, receive, send)
        elif wanted == "down":
            await JSONResponse({}, 500)(scope, receive, send)
        elif isinstance(wanted, int):
            await JSONResponse({}, wanted)(scope, receive, send)
        elif wanted == "lose":

            async def swallow(_message: Any) -> None:
                return

            await self._app(scope, receive, swallow)
            await JSONResponse({}, 500)(scope, receive, send)
        else:
            await JSONResponse({"network": network, **wanted})(scope, receive, send)


def build(chain: Any, gas: LocalSigner, vault: str, dollar: str, hand: Hand, state: Path) -> Any:
    """Facilitator, indexer and the chain's node in one application."""
    settings = FacilitatorSettings(
        rpc="",
        key="0x" + gas._secret.hex(),
        state=state,
        vault=vault,
        assets=(dollar,),
        settles_per_minute=10_000,
        verifies_per_minute=10_000,
        reserves_per_minute=10_000,
        requests_per_minute=1_000_000,
    )
    office = build_office(settings, chain)

    async def event(request: Request) -> JSONResponse:
        body = await request.json()
        check_signature(event_from_wire(body))
        if hand.event_answers:
            status, answer = hand.event_answers.pop(0)
            return JSONResponse(answer, status)
        known = any(each["id"] == body["id"] for each in hand.events)
        if not known:
            hand.events.append(body)
        return JSONResponse({"id": body["id"], "status": "duplicate" if known else "accepted"})

    async def heartbeat(request: Request) -> JSONResponse:
        hand.heartbeats += 1
        return JSONResponse({})

    async def rpc(request: Request) -> JSONResponse:
        call = await request.json()
        answer: dict[str, Any] = {"jsonrpc": "2.0", "id": call["id"]}
        try:
            found = await asyncio.to_thread(node.request, call["method"], call.get("params", ()))
        except NodeError as failure:
            error = {"code": failure.code, "message": failure.message, "data": failure.data}
            return JSONResponse(answer | {"error": error})
        return JSONResponse(answer | {"result": found})

    node = DevNode(chain, clock=lambda: float(chain.block().timestamp))
    inner = build_app(office)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        await office.start()
        yield
        await office.stop()

    routes = [
        Route("/v1/events", event, methods=["POST"]),
        Route("/heartbeat", heartbeat, methods=["POST"]),
        Route("/rpc", rpc, methods=["POST"]),
        Mount("/", inner),
    ]
    return Line(Starlette(routes=routes, lifespan=lifespan), hand)
