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

from harness.chain.errors import ChainError, ContractError
from harness.chain.journal import MemoryJournal
from harness.chain.keys import LocalSigner
from harness.chain.outbox import Outbox
from harness.diamond.vault import Vault
from harness.protocol.league import check_signature, event_from_wire
from harness.protocol.vault import Receipt, Reservation, SignedReceipt
from harness.services.facilitator.app import build_app
from harness.services.facilitator.desk import Desk
from harness.services.facilitator.office import Office
from harness.services.facilitator.request import Terms
from harness.services.facilitator.schemes import build_facilitator
from harness.services.facilitator.signer import JournaledSigner
from harness.store.database import Database
from harness.store.settlements import SettlementLedger

PENDING = {"success": False, "errorReason": "settlement_pending", "transaction": "0x" + "5e" * 32}
REFUSED = {"success": False, "errorReason": "insufficient_funds", "transaction": ""}


@dataclass
class Hand:
    """What the line does next: a list per path, of answers that replace the real one.

    `None` passes; a dict is answered in its place without asking; "lose" lets the facilitator work and
    answers 500; "down" answers 500 at once.
    """

    script: dict[str, list[Any]] = field(default_factory=dict)
    calls: Counter[str] = field(default_factory=Counter)
    vault_info: dict[str, Any] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)
    event_answers: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    heartbeats: int = 0

    def reset(self) -> None:
        self.script.clear()
        self.calls.clear()
        self.vault_info.clear()
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
        elif wanted == "lose":

            async def swallow(_message: Any) -> None:
                return

            await self._app(scope, receive, swallow)
            await JSONResponse({}, 500)(scope, receive, send)
        else:
            await JSONResponse({"network": network, **wanted})(scope, receive, send)


def build(
    chain: Any, gas: LocalSigner, vault: Vault, dollar: str, hand: Hand, state: Path
) -> Any:
    """Facilitator and indexer in one application, on one chain."""
    outbox = Outbox(chain, gas, MemoryJournal())
    signer = JournaledSigner(outbox, 20, 500_000)
    terms = Terms(chain.chain_id, frozenset({dollar}), None, 1_000)
    ledger = SettlementLedger(Database.open(state / "facilitator.db"))
    desk = Desk(terms, build_facilitator(terms, signer, None), signer, ledger, None)
    till = Vault(chain, vault.address, Outbox(chain, gas, outbox.journal))
    lock = asyncio.Lock()

    async def info(_request: Request) -> JSONResponse:
        told = {
            "vault": vault.address,
            "chainId": chain.chain_id,
            "token": dollar,
            "domain": {"name": "Halo", "version": "2"},
            "redeemGrace": 86_400,
            "maxReserveTtl": 2_592_000,
            "withdrawTimelock": 172_800,
            "feeBps": 0,
        }
        return JSONResponse(told | hand.vault_info)

    async def reserve(request: Request) -> JSONResponse:
        body = await request.json()
        epoch = till.key_epoch(body["consumer"])
        wanted = Reservation(
            body["consumer"], body["operator"], int(body["amount"]), int(body["expiry"]),
            int(body["nonce"]), epoch,
        )  # fmt: skip
        try:
            async with lock:
                expiry, cycle = await asyncio.to_thread(
                    till.reserve, wanted, bytes.fromhex(body["signature"][2:])
                )
        except ContractError as error:
            envelope = {"message": str(error), "code": error.name, "type": "invalid_request_error"}
            return JSONResponse({"error": envelope}, 400)
        return JSONResponse(
            {"hash": "0x" + "ab" * 32, "status": "confirmed", "cycle": str(cycle), "expiry": str(expiry)}
        )

    async def redeem(request: Request) -> JSONResponse:
        body = await request.json()
        consumer, operator = body["consumer"], body["operator"]
        cycle, cumulative = int(body["cycle"]), int(body["cumulative"])
        pair = till.ops(consumer, operator)
        if pair.cycle != cycle:
            return JSONResponse({"status": "rejected", "reason": "cycle-mismatch", "error": "old"})
        if pair.redeemed >= cumulative:
            return JSONResponse(
                {"status": "already-redeemed", "redeemed": str(pair.redeemed), "cycle": str(cycle)}
            )
        receipt = Receipt(consumer, operator, cumulative, till.key_epoch(consumer), cycle)
        signed = SignedReceipt(receipt, bytes.fromhex(body["signature"][2:]))
        try:
            async with lock:
                await asyncio.to_thread(till.redeem, signed)
        except ContractError as error:
            return JSONResponse(
                {"status": "rejected", "reason": "invalid-receipt", "error": error.name}
            )
        except ChainError:
            return JSONResponse({"status": "rejected", "reason": "unavailable", "error": ""})
        told = {"transaction": "0x" + "cd" * 32, "cumulative": str(cumulative), "cycle": str(cycle)}
        return JSONResponse({"status": "confirmed", **told})

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

    office = Office(desk, workers=4, requests_per_minute=100_000)
    inner = build_app(office)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        await office.start()
        yield
        await office.stop()

    routes = [
        Route("/vault/info", info),
        Route("/vault/reserve", reserve, methods=["POST"]),
        Route("/vault/redeem", redeem, methods=["POST"]),
        Route("/v1/events", event, methods=["POST"]),
        Route("/heartbeat", heartbeat, methods=["POST"]),
        Mount("/", inner),
    ]
    return Line(Starlette(routes=routes, lifespan=lifespan), hand)
