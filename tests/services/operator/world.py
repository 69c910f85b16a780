"""A chain with dollars and a vault on it, a facilitator, consumers with money, and operators on demand."""

from __future__ import annotations

import asyncio
import base64
import json
import secrets
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx

from harness.chain.embedded import EmbeddedChain
from harness.chain.journal import MemoryJournal
from harness.chain.keys import LocalSigner
from harness.chain.outbox import Outbox
from harness.chain.records import Call
from harness.diamond.core import Action, Cut, FacetCut
from harness.diamond.tokens import FwUsd
from harness.diamond.vault import Vault
from harness.diamond.vault_admin import VaultAdmin, VaultTerms
from harness.inference.mock import MockProvider
from harness.inference.router import Router
from harness.protocol.authorization import TRANSFER, SignedAuthorization, sign
from harness.protocol.frames import InferenceResponse, ReceiptFrame
from harness.protocol.sealed import ConsumerChannel, seal_request
from harness.protocol.vault import Receipt, Reservation, SignedReceipt, vault_domain
from harness.protocol.vault_request import VaultRequest, content_of
from harness.services.operator.app import Operator
from harness.services.operator.settings import OperatorSettings
from tests.harness.contracts import built

from .scripted_facilitator import Hand
from .scripted_relay import ScriptedRelay

WEI = 10**18
USD = 1_000_000
FLAT = Decimal("0.01")  # USD for a thousand tokens: ten base units a token


class LockedChain:
    """The embedded chain for several threads: one call at a time."""

    def __init__(self, chain: EmbeddedChain) -> None:
        self._chain = chain
        self._lock = threading.RLock()
        self.failing: Callable[[Call], bool] | None = None

    @property
    def chain_id(self) -> int:
        return self._chain.chain_id

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._chain, name)
        if not callable(found):
            return found

        def locked(*arguments: Any, **named: Any) -> Any:
            with self._lock:
                if name == "call" and self.failing is not None and self.failing(arguments[0]):
                    from harness.chain.errors import NodeError

                    raise NodeError("the node is away")
                return found(*arguments, **named)

        return locked


@dataclass
class Customer:
    """Somebody with dollars and a session key."""

    world: World
    key: LocalSigner = field(default_factory=LocalSigner.generate)
    session: LocalSigner = field(default_factory=LocalSigner.generate)
    epoch: int = 0
    operator: str = ""  # of the last reservation

    @property
    def address(self) -> str:
        return self.key.address

    def pay(self, operator: str, amount: int, **changes: Any) -> SignedAuthorization:
        values: dict[str, Any] = {
            "payee": operator, "value": amount, "valid_before": int(time.time()) + 300,
        }  # fmt: skip
        domain = self.world.dollar.domain
        return sign(self.key, TRANSFER, domain.separator, **(values | changes))

    def payment(self, challenge: InferenceResponse, **changes: Any) -> dict[str, str]:
        """The header that pays the first way a challenge offers."""
        required = json.loads(base64.b64decode(challenge.headers["PAYMENT-REQUIRED"]))
        accepted = required["accepts"][0]
        signed = self.pay(accepted["payTo"], int(accepted["amount"]), **changes)
        payload = {"x402Version": 2, "accepted": accepted, "payload": signed.to_wire()}
        return header(payload)

    def deposit(self, amount: int) -> None:
        self.world.dollar.mint(self.address, amount)
        outbox = self.world.outbox(self.key)
        FwUsd(self.world.chain, self.world.dollar.address, outbox).approve(
            self.world.vault.address, amount
        )
        Vault(self.world.chain, self.world.vault.address, outbox).deposit(
            amount, self.session.address
        )

    def reserve(self, operator: str, amount: int, seconds: int = 3_600) -> int:
        """Lock funds for an operator; the cycle."""
        vault, self.operator = self.world.vault, operator
        expiry = self.world.chain.block().timestamp + seconds
        nonce = vault.reserve_nonce(self.address)
        wanted = Reservation(self.address, operator, amount, expiry, nonce, self.epoch)
        signature = wanted.sign(self.session, vault.vault_domain_separator())
        _, cycle = self.world.owner_vault.reserve(wanted, signature)
        return cycle

    def signed(self, operator: str, cumulative: int, cycle: int = 1) -> SignedReceipt:
        receipt = Receipt(self.address, operator, cumulative, self.epoch, cycle)
        return receipt.sign(self.session, self.world.vault.vault_domain_separator())

    def receipt(self, operator: str, amount: int, cycle: int = 1, **changes: Any) -> ReceiptFrame:
        signed = self.signed(operator, amount, cycle)
        values: dict[str, Any] = {
            "receipt_id": secrets.token_hex(8),
            "consumer": self.address,
            "operator": operator,
            "cumulative": str(amount),
            "signature": "0x" + signed.signature.hex(),
            "cycle": str(cycle),
        }
        return ReceiptFrame(**(values | changes))

    def vault_headers(self, body: dict[str, Any] | None = None, /, **more: str) -> dict[str, str]:
        """For a request to the operator that has the last reservation; `body` only if it is sealed."""
        enclosed = None if body is None else str(body["_enc"]["epk"])
        if enclosed is None:
            more.setdefault("idempotency-key", "key_" + secrets.token_hex(8))
        return {
            "x-halo-payment-mode": "vault", "x-halo-vault-consumer": self.address,
            "x-halo-vault-proof": self.proof(enclosed or more["idempotency-key"]),
        } | more  # fmt: skip

    def proof(self, exchange: str, seconds: int = 120, **changes: Any) -> str:
        """That this customer asks its operator for one request."""
        values: dict[str, Any] = {
            "consumer": self.address,
            "operator": self.operator or self.address,
            "content": content_of(exchange),
            "deadline": int(time.time()) + seconds,
        }
        domain = vault_domain(self.world.chain.chain_id, self.world.vault.address)
        return VaultRequest(**(values | changes)).prove(self.session, domain.separator)


def header(payload: dict[str, Any]) -> dict[str, str]:
    return {"payment-signature": base64.b64encode(json.dumps(payload).encode()).decode()}


def version1(
    signed: SignedAuthorization, network: str = "base-sepolia", **changes: Any
) -> dict[str, str]:
    """X-PAYMENT: a signed transfer as x402 version 1 carries it."""
    payload = {
        "x402Version": 1, "scheme": "exact", "network": network, "payload": signed.to_wire(),
    } | changes  # fmt: skip
    return {"x-payment": base64.b64encode(json.dumps(payload).encode()).decode()}


def settlement(answer: InferenceResponse) -> dict[str, Any]:
    """PAYMENT-RESPONSE."""
    found: dict[str, Any] = json.loads(base64.b64decode(answer.headers["PAYMENT-RESPONSE"]))
    return found


def question(text: str = "hello", **more: Any) -> dict[str, Any]:
    return {
        "model": "mock-echo", "messages": [{"role": "user", "content": text}], "max_tokens": 100,
    } | more  # fmt: skip


def sealed(body: dict[str, Any], relay: ScriptedRelay) -> tuple[dict[str, Any], ConsumerChannel]:
    """A request as a sidecar sends it to the operator the relay has."""
    said = relay.announcements[-1]
    envelope, channel = seal_request(
        json.dumps(body).encode(), said.encryption_pubkey, said.address
    )
    outer = {"model": body["model"], "stream": body.get("stream", False), "_enc": envelope}
    return outer, channel


class World:
    """Deployed once for a session of tests."""

    def __init__(self, chain_id: int = 31337) -> None:
        self.inner = EmbeddedChain(chain_id=chain_id, start_time=int(time.time()) - 7_200)
        self.chain: Any = LockedChain(self.inner)
        self.owner = self.outbox(LocalSigner.from_phrase("operator tests: owner"))
        creation = built("contracts/tokens/FwUSD.sol")["FwUSD"].creation(self.owner.address)
        self.dollar = FwUsd(self.chain, self._create(creation), self.owner)
        diamond = self._diamond()
        terms = VaultTerms(*(LocalSigner.from_phrase(who).address for who in ("g", "a", "r")))
        VaultAdmin(self.chain, diamond, self.owner).init_vault(self.dollar.address, terms)
        self.vault = Vault(self.chain, diamond)
        self.owner_vault = Vault(self.chain, diamond, self.owner)
        self.hand = Hand()
        self.url = ""

    def outbox(self, key: LocalSigner) -> Outbox:
        self.chain.set_balance(key.address, 100 * WEI)
        return Outbox(self.chain, key, MemoryJournal())

    def _create(self, creation: bytes) -> str:
        created = self.owner.execute(Call(None, creation)).created
        assert created is not None
        return created

    def _diamond(self) -> str:
        artifacts = built("contracts/DiamondInit.sol") | built("contracts/Diamond.sol")
        facets = {}
        for room, name in (
            ("core", "DiamondCutFacet"), ("core", "DiamondLoupeFacet"), ("core", "OwnershipFacet"),
            ("payments", "VaultFacet"), ("payments", "VaultAdminFacet"),
        ):  # fmt: skip
            facets[name] = built(f"contracts/facets/{room}/{name}.sol")[name]
        addresses = {name: self._create(facet.creation()) for name, facet in facets.items()}
        cuts = [
            FacetCut(
                addresses[name], Action.ADD, tuple(f.selector for f in facet.interface.functions)
            )
            for name, facet in facets.items()
        ]
        init = self._create(artifacts["DiamondInit"].creation())
        first = Cut.INTERFACE.function("diamondCut").encode(
            [cut.values for cut in cuts],
            init,
            artifacts["DiamondInit"].interface.function("init").encode(),
        )
        return self._create(
            artifacts["Diamond"].creation(self.owner.address, addresses["DiamondCutFacet"], first)
        )

    def customer(self, dollars: int = USD) -> Customer:
        someone = Customer(self)
        self.dollar.mint(someone.address, dollars)
        return someone

    def settings(self, relay: str, state: Path, **changes: Any) -> OperatorSettings:
        values: dict[str, Any] = {
            "relay": relay,
            "facilitator": self.url,
            "indexer": self.url,
            "chain_id": self.chain.chain_id,
            "usdc": self.dollar.address,
            "diamond": self.vault.address,
            "pricing_mode": "flat",
            "flat_usd_per_1k": FLAT,
            "min_settlement_base": 1_000,
            "state": state,
        }
        return OperatorSettings(**(values | changes))

    @asynccontextmanager
    async def operator(
        self,
        relay: ScriptedRelay,
        state: Path,
        signer: LocalSigner | None = None,
        provider: Any = None,
        chain: Any = None,
        timing: Any = None,
        **changes: Any,
    ) -> AsyncIterator[Operator]:
        """A running operator that the relay knows."""
        http = httpx.AsyncClient(verify=False)  # nothing here is TLS, and certificates load slowly
        operator = Operator(
            self.settings(relay.url, state, **changes),
            signer or LocalSigner.generate(),
            Router([provider or MockProvider()]),
            chain or self.chain,
            timing,
            http,
        )
        running = asyncio.create_task(operator.run())
        try:
            announced = asyncio.create_task(operator.ready.wait())
            await asyncio.wait((announced, running), return_when=asyncio.FIRST_COMPLETED)
            if running.done():
                announced.cancel()
                running.result()
            yield operator
        finally:
            if not running.done():
                await operator.stop()
            await asyncio.wait((running,))
            await http.aclose()
