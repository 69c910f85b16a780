"""One economy on the embedded chain, one real facilitator in front of it, and wallets with dollars."""

from __future__ import annotations

import pickle
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from harness.chain.embedded import EmbeddedChain
from harness.chain.errors import ChainError, ContractError
from harness.chain.journal import MemoryJournal
from harness.chain.keys import LocalSigner
from harness.chain.outbox import Outbox
from harness.diamond.book import AddressBook
from harness.diamond.economy import Economy, Options, deploy
from harness.diamond.tokens import FwUsd
from harness.diamond.vault import Vault
from harness.diamond.vault_admin import VaultAdmin, VaultTerms
from harness.protocol.vault import Receipt, Reservation, SignedReceipt
from harness.services.facilitator.app import build_app
from harness.services.facilitator.desk import Desk
from harness.services.facilitator.office import Office
from harness.services.facilitator.request import Terms
from harness.services.facilitator.schemes import build_facilitator
from harness.services.facilitator.signer import JournaledSigner
from harness.store.database import Database
from harness.store.settlements import SettlementLedger
from tests.harness.contracts import everything

from ..conftest import ThreadedServer

WEI = 10**18
DOLLAR = 1_000_000


class LockedChain:
    """An embedded chain that several threads may use. `silent` makes every read fail."""

    def __init__(self, chain: EmbeddedChain) -> None:
        self._chain = chain
        self._lock = threading.RLock()
        self.silent = False
        self.reads = 0

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._chain, name)
        if not callable(value):
            return value

        def locked(*args: Any, **kwargs: Any) -> Any:
            if self.silent:
                from harness.chain.errors import NodeError

                raise NodeError("the node does not answer")
            self.reads += 1
            with self._lock:
                return value(*args, **kwargs)

        return locked


@dataclass
class World:
    """Everything that outlives one test."""

    chain: LockedChain
    economy: Economy
    owner: Outbox
    facilitator_url: str
    facilitator_key: LocalSigner
    chain_url: str
    vault_switches: dict[str, Any] = field(default_factory=dict)

    @property
    def dollar(self) -> FwUsd:
        return self.economy.dollar

    @property
    def vault(self) -> Vault:
        return Vault(self.chain, self.economy.diamond.address)

    def wallet(self, dollars: float = 10.0, gas: bool = True) -> LocalSigner:
        key = LocalSigner.generate()
        if gas:
            self.chain.set_balance(key.address, WEI)
        if dollars:
            self.dollar.mint(key.address, int(dollars * DOLLAR))
        return key


def deployed(folder: Path) -> tuple[LockedChain, Economy, Outbox]:
    chain = LockedChain(EmbeddedChain(start_time=int(time.time()), block_seconds=0))
    key = LocalSigner.from_phrase("consumer tests: owner")
    chain.set_balance(key.address, 1000 * WEI)
    owner = Outbox(chain, key, MemoryJournal())
    roles = [LocalSigner.from_phrase(f"consumer tests: {n}").address for n in ("a", "b", "c")]
    options = Options(builder="test", vault=VaultTerms(*roles, redeem_grace=3_600))
    economy = deploy(chain, owner, everything(), AddressBook.of(chain, folder), options)
    return chain, economy, owner


def facilitator_app(chain: LockedChain, folder: Path, vault: Vault, switches: dict[str, Any]) -> Any:
    """The real application, with the vault's endpoints where it has none of its own."""
    key = LocalSigner.from_phrase("consumer tests: facilitator")
    chain.set_balance(key.address, 1000 * WEI)
    outbox = Outbox(chain, key, MemoryJournal())
    signer = JournaledSigner(outbox, 25.0, 500_000)
    terms = Terms(chain.chain_id, frozenset(), None, 1_000)
    ledger = SettlementLedger(Database.open(folder / "facilitator.db"))
    desk = Desk(terms, build_facilitator(terms, signer, None, ()), signer, ledger, None)
    real = build_app(Office(desk, requests_per_minute=1_000_000))
    return VaultDesk(real, vault, outbox, switches)


class VaultDesk:
    """`/vault/*` straight on the chain; everything else is the facilitator's."""

    def __init__(
        self, real: Any, vault: Vault, outbox: Outbox, switches: dict[str, Any]
    ) -> None:
        self._real = real
        self._reading = vault
        self._vault = Vault(vault.chain, vault.address, outbox)
        self._switches = switches
        self._lock = threading.Lock()
        self._own = Starlette(
            routes=[
                Route("/vault/info", self._info),
                Route("/vault/reserve", self._reserve, methods=["POST"]),
                Route("/vault/redeem", self._redeem, methods=["POST"]),
                Route("/vault/release", self._release, methods=["POST"]),
            ]
        )

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        own = scope["type"] == "http" and scope["path"].startswith("/vault/")
        await (self._own if own else self._real)(scope, receive, send)

    def _info(self, _request: Request) -> Response:
        admin = VaultAdmin(self._reading.chain, self._reading.address)
        info = {
            "vault": self._reading.address,
            "chainId": self._reading.chain.chain_id,
            "token": admin.vault_token(),
            "domain": {"name": "Halo", "version": "2"},
            "redeemGrace": admin.redeem_grace(),
            "maxReserveTtl": admin.max_reserve_ttl(),
            "withdrawTimelock": admin.withdraw_timelock(),
            "feeBps": admin.fee_bps(),
        }
        return JSONResponse(info | self._switches.get("info", {}))

    async def _reserve(self, request: Request) -> Response:
        body = await request.json()
        reservation = Reservation(
            body["consumer"],
            body["operator"],
            int(body["amount"]),
            int(body["expiry"]),
            int(body["nonce"]),
            0,
        )
        if (lost := self._switches.get("reserve")) == "refuse":
            return _refusal(400, "BadNonce")
        signature = bytes.fromhex(body["signature"][2:])
        with self._lock:
            try:
                expiry, cycle = self._vault.reserve(reservation, signature)
            except ContractError as failure:
                return _refusal(400, failure.name or "reverted")
        if lost == "lose the answer":
            return _refusal(503, "unavailable")
        return JSONResponse(
            {
                "status": "confirmed",
                "hash": "0x" + "ab" * 32,
                "cycle": str(cycle),
                "expiry": str(expiry),
            }
        )

    async def _redeem(self, request: Request) -> Response:
        body = await request.json()
        pair = self._vault.ops(body["consumer"], body["operator"])
        cumulative, cycle = int(body["cumulative"]), int(body["cycle"])
        if pair.cycle != cycle:
            return JSONResponse({"status": "rejected", "reason": "cycle-mismatch", "error": ""}, 409)
        signature = bytes.fromhex(body["signature"][2:])
        signed = SignedReceipt(
            Receipt(body["consumer"], body["operator"], cumulative, 0, cycle), signature
        )
        with self._lock:
            try:
                self._vault.redeem(signed)
            except ContractError as failure:
                return JSONResponse(
                    {"status": "rejected", "reason": "invalid-receipt", "error": str(failure)}, 400
                )
        hashed = "0x" + "cd" * 32
        return JSONResponse(
            {
                "status": "confirmed",
                "transaction": hashed,
                "cumulative": str(cumulative),
                "cycle": str(cycle),
            }
        )

    async def _release(self, request: Request) -> Response:
        body = await request.json()
        with self._lock:
            try:
                self._vault.release_expired(body["consumer"], body["operator"])
            except ContractError as failure:
                return _refusal(400, failure.name or "reverted")
        return JSONResponse({"hash": "0x" + "ef" * 32})


def _refusal(status: int, code: str) -> Response:
    return JSONResponse({"error": {"message": code, "type": "x", "code": code}}, status)


class ChainServer:
    """The chain for a process of its own: calls by name, pickled, over loopback."""

    def __init__(self, chain: LockedChain) -> None:
        self._chain = chain

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            message = await receive()
            while message["type"] == "lifespan.startup":
                await send({"type": "lifespan.startup.complete"})
                message = await receive()
            await send({"type": "lifespan.shutdown.complete"})
            return
        name, args, kwargs = pickle.loads(await Request(scope, receive).body())
        try:
            answer: Any = (True, getattr(self._chain, name)(*args, **kwargs))
        except (ChainError, KeyError) as failure:
            answer = (False, failure)
        await Response(pickle.dumps(answer))(scope, receive, send)


class RemoteChain:
    """The other end of a ChainServer."""

    def __init__(self, url: str, chain_id: int) -> None:
        self._url = url
        self.chain_id = chain_id
        self._http = httpx.Client(timeout=30)

    def __getattr__(self, name: str) -> Any:
        def call(*args: Any, **kwargs: Any) -> Any:
            answer = self._http.post(self._url, content=pickle.dumps((name, args, kwargs)))
            succeeded, value = pickle.loads(answer.content)
            if not succeeded:
                raise value
            return value

        return call


__all__ = ["DOLLAR", "WEI", "LockedChain", "RemoteChain", "ThreadedServer", "World", "deployed"]
