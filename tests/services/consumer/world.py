"""One economy on the embedded chain, one real facilitator in front of it, and wallets with dollars."""

from __future__ import annotations

import pickle
import threading
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from eth_utils.crypto import keccak
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from harness.chain.embedded import EmbeddedChain
from harness.chain.errors import ChainError, ContractError, NodeError
from harness.chain.journal import MemoryJournal
from harness.chain.keys import LocalSigner
from harness.chain.outbox import Outbox
from harness.chain.records import Call
from harness.diamond.core import Action, Cut, FacetCut
from harness.diamond.tokens import FwUsd
from harness.diamond.vault import Vault
from harness.diamond.vault_admin import VaultAdmin, VaultTerms
from harness.protocol.addresses import Address
from harness.protocol.vault import Receipt, Reservation, SignedReceipt
from harness.services.facilitator.app import build_app, build_office
from harness.services.facilitator.settings import FacilitatorSettings
from tests.harness.contracts import artifact

from ..conftest import ThreadedServer

CORE = tuple(
    f"contracts/facets/core/{name}.sol"
    for name in ("DiamondCutFacet", "DiamondLoupeFacet", "OwnershipFacet")
)
VAULT = tuple(f"contracts/facets/payments/{name}.sol" for name in ("VaultFacet", "VaultAdminFacet"))
WEI = 10**18
DOLLAR = 1_000_000


class LockedChain:
    """An embedded chain that several threads may use, whose clock is the wall's.

    `silent` makes every call fail as a node that does not answer; `ahead` is added to the time of the
    blocks that it shows, for who waits until something has expired.
    """

    def __init__(self, chain: EmbeddedChain) -> None:
        self._chain = chain
        self._lock = threading.RLock()
        self.silent = False
        self.ahead = 0

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._chain, name)
        if not callable(value):
            return value

        def locked(*args: Any, **kwargs: Any) -> Any:
            if self.silent:
                raise NodeError("the node does not answer")
            with self._lock:
                now = int(time.time())
                if now > self._chain.block().timestamp:
                    self._chain.set_time(now)
                found = value(*args, **kwargs)
                if name == "block" and self.ahead:
                    return replace(found, timestamp=found.timestamp + self.ahead)
                return found

        return locked


@dataclass
class World:
    """Everything that outlives one test."""

    chain: LockedChain
    dollar: FwUsd
    diamond: Address
    facilitator_url: str
    chain_url: str
    vault_switches: dict[str, Any] = field(default_factory=dict)

    @property
    def vault(self) -> Vault:
        return Vault(self.chain, self.diamond)

    def wallet(self, dollars: float = 10.0, gas: bool = True) -> LocalSigner:
        key = LocalSigner.generate()
        if gas:
            self.chain.set_balance(key.address, WEI)
        if dollars:
            self.dollar.mint(key.address, int(dollars * DOLLAR))
        return key


def deployed() -> tuple[LockedChain, FwUsd, Address]:
    """A dollar, and a Diamond with nothing but the vault."""
    chain = LockedChain(EmbeddedChain(start_time=int(time.time()), block_seconds=0))
    key = LocalSigner.from_phrase("consumer tests: owner")
    chain.set_balance(key.address, 1000 * WEI)
    owner = Outbox(chain, key, MemoryJournal())

    def create(path: str, *arguments: Any) -> Address:
        created = owner.execute(Call(None, artifact(path).creation(*arguments))).created
        assert created is not None
        return created

    def cut(names: tuple[str, ...]) -> list[FacetCut]:
        cuts = []
        for name in names:
            selectors = tuple(f.selector for f in artifact(name).interface.functions)
            cuts.append(FacetCut(facets[name], Action.ADD, selectors))
        return cuts

    facets = {name: create(name) for name in (*CORE, *VAULT)}
    init = create("contracts/DiamondInit.sol")
    first = Cut.INTERFACE.function("diamondCut").encode(
        [each.values for each in cut(CORE)],
        init,
        artifact("contracts/DiamondInit.sol").interface.function("init").encode(),
    )
    address = create("contracts/Diamond.sol", owner.address, facets[CORE[0]], first)
    dollar = FwUsd(chain, create("contracts/tokens/FwUSD.sol", owner.address), owner)
    Cut(chain, address, owner).diamond_cut(cut(VAULT))
    roles = [LocalSigner.from_phrase(f"consumer tests: {n}").address for n in ("a", "b", "c")]
    terms = VaultTerms(*roles, redeem_grace=3_600)
    VaultAdmin(chain, address, owner).init_vault(dollar.address, terms)
    return chain, dollar, address


def facilitator_app(
    chain: LockedChain, folder: Path, vault: Vault, switches: dict[str, Any]
) -> Any:
    """The real application, with the vault's endpoints where it has none of its own."""
    secret = keccak(text="consumer tests: facilitator")
    key = LocalSigner(secret)
    chain.set_balance(key.address, 1000 * WEI)
    outbox = Outbox(chain, key, MemoryJournal())
    settings = FacilitatorSettings(
        rpc="http://127.0.0.1:9",  # the chain is given
        chain_id=chain.chain_id,
        key=keccak(text="consumer tests: settling").hex(),
        state=folder / "facilitator",
        verifies_per_minute=10**6,
        settles_per_minute=10**6,
        requests_per_minute=10**6,
    )
    chain.set_balance(LocalSigner(keccak(text="consumer tests: settling")).address, 1000 * WEI)
    real = build_app(build_office(settings, chain))
    return VaultDesk(real, vault, outbox, switches)


class VaultDesk:
    """`/vault/*` straight on the chain; everything else is the facilitator's."""

    def __init__(self, real: Any, vault: Vault, outbox: Outbox, switches: dict[str, Any]) -> None:
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
            return JSONResponse(
                {"status": "rejected", "reason": "cycle-mismatch", "error": ""}, 409
            )
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


__all__ = ["DOLLAR", "WEI", "LockedChain", "ThreadedServer", "World", "deployed"]
