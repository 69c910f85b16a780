"""A Diamond with a vault on the embedded chain, an indexer over it, operators and consumers."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from harness.chain.embedded import EmbeddedChain
from harness.chain.journal import MemoryJournal
from harness.chain.keys import LocalSigner
from harness.chain.outbox import Outbox
from harness.diamond.book import AddressBook
from harness.diamond.economy import Economy, Options, deploy
from harness.diamond.tokens import FwUsd
from harness.diamond.vault import Vault
from harness.diamond.vault_admin import VaultTerms
from harness.protocol.authorization import TRANSFER, sign
from harness.protocol.league import ExactEvent, VaultEvent, iso_timestamp
from harness.protocol.vault import Receipt, Reservation
from harness.services.indexer.app import build_office, wrap
from harness.services.indexer.office import Office
from harness.services.indexer.settings import IndexerSettings
from tests.harness.contracts import everything

WEI = 10**18
USD = 10**6
DAY = 86_400
ROLES = ("guardian", "fee admin", "fee recipient")

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> tuple[EmbeddedChain, Economy]:
    chain = EmbeddedChain()
    owner = LocalSigner.from_phrase("league owner")
    chain.set_balance(owner.address, 1_000 * WEI)
    book = AddressBook.of(chain, tmp_path_factory.mktemp("deployments"))
    terms = VaultTerms(*(LocalSigner.from_phrase(who).address for who in ROLES))
    outbox = Outbox(chain, owner, MemoryJournal())
    options = Options(issuers=(owner.address,), vault=terms)
    return chain, deploy(chain, outbox, everything(), book, options)


@dataclass
class World:
    """People who pay each other; everything is mined at once."""

    chain: EmbeddedChain
    economy: Economy
    first_block: int
    sessions: dict[str, LocalSigner] = field(default_factory=dict)

    @property
    def owner(self) -> Outbox:
        return self.outbox(LocalSigner.from_phrase("league owner"))

    def outbox(self, key: LocalSigner) -> Outbox:
        """A sender without a memory, so that the chain may be turned back under it."""
        return Outbox(self.chain, key, MemoryJournal())

    def person(self, dollars: int = 0) -> LocalSigner:
        key = LocalSigner.generate()
        self.chain.set_balance(key.address, WEI)
        if dollars:
            FwUsd(self.chain, self.economy.dollar.address, self.owner).mint(key.address, dollars)
        return key

    def dollar(self, key: LocalSigner | Outbox) -> FwUsd:
        sender = key if isinstance(key, Outbox) else self.outbox(key)
        return FwUsd(self.chain, self.economy.dollar.address, sender)

    def vault(self, key: LocalSigner) -> Vault:
        return Vault(self.chain, self.economy.diamond.address, self.outbox(key))

    # -- paying --------------------------------------------------------------------------------

    def pay(self, consumer: LocalSigner, operator: LocalSigner, amount: int) -> str:
        """One EIP-3009 transfer, as a facilitator carries it; the transaction's hash."""
        signed = sign(
            consumer, TRANSFER, self.economy.dollar.domain.separator,
            payee=operator.address, value=amount,
            valid_before=self.chain.block().timestamp + 600,
        )  # fmt: skip
        receipt = self.dollar(self.owner).transfer_with_authorization(signed)
        return "0x" + receipt.transaction.hex()

    def deposit(
        self, consumer: LocalSigner, amount: int, session: LocalSigner | None = None
    ) -> None:
        key = session or LocalSigner.generate()
        self.dollar(consumer).approve(self.economy.diamond.address, 2**256 - 1)
        self.vault(consumer).deposit(amount, key.address)
        self.sessions[consumer.address] = key

    def reserve(self, consumer: LocalSigner, operator: LocalSigner, amount: int) -> int:
        """The cycle."""
        vault = self.vault(operator)
        reservation = Reservation(
            consumer.address, operator.address, amount,
            self.chain.block().timestamp + DAY,
            vault.reserve_nonce(consumer.address), vault.key_epoch(consumer.address),
        )  # fmt: skip
        separator = vault.vault_domain_separator()
        signature = reservation.sign(self.sessions[consumer.address], separator)
        return vault.reserve(reservation, signature)[1]

    def redeem(self, consumer: LocalSigner, operator: LocalSigner, cumulative: int) -> None:
        vault = self.vault(operator)
        unsigned = Receipt(
            consumer.address, operator.address, cumulative, vault.key_epoch(consumer.address),
            vault.ops(consumer.address, operator.address).cycle,
        )  # fmt: skip
        separator = vault.vault_domain_separator()
        vault.redeem(unsigned.sign(self.sessions[consumer.address], separator))

    # -- telling -------------------------------------------------------------------------------

    def exact(
        self, operator: LocalSigner, consumer: LocalSigner, amount: int, tx: str, **changes: Any
    ) -> ExactEvent:
        values: dict[str, Any] = {
            "id": f"evt_{next(_numbers)}",
            "operator": operator.address,
            "consumer": consumer.address,
            "model": "mock-echo",
            "tokens": 100,
            "amount_usdc": amount,
            "duration_ms": 40,
            "timestamp": self.chain.block().timestamp * 1_000,
            "tx_hash": tx,
        } | changes
        return ExactEvent(**values).signed(operator)

    def served(
        self,
        operator: LocalSigner,
        consumer: LocalSigner,
        amount: int,
        checkpoint: int,
        cycle: int = 1,
        **changes: Any,
    ) -> VaultEvent:
        values: dict[str, Any] = {
            "id": f"evt_{next(_numbers)}",
            "operator": operator.address,
            "consumer": consumer.address,
            "model": "mock-echo",
            "tokens": 100,
            "amount_usdc": amount,
            "duration_ms": 40,
            "timestamp": iso_timestamp(self.chain.block().timestamp * 1_000),
            "vault_cycle": cycle,
            "cumulative_checkpoint": checkpoint,
        } | changes
        return VaultEvent(**values).signed(operator)


@pytest.fixture
def world(deployed: tuple[EmbeddedChain, Economy]) -> Iterator[World]:
    chain, economy = deployed
    mark = chain.snapshot()
    yield World(chain, economy, chain.block().number)
    chain.revert(mark)


class Locked:
    """A chain that several threads may use."""

    def __init__(self, chain: EmbeddedChain) -> None:
        self._chain = chain
        self._lock = threading.RLock()

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._chain, name)
        if not callable(found):
            return found

        def call(*arguments: Any, **named: Any) -> Any:
            with self._lock:
                return found(*arguments, **named)

        return call


@dataclass
class League:
    """An indexer asked over ASGI; `catch_up` reads the chain, two blocks of patience included."""

    office: Office
    world: World

    def client(self, caller: str = "10.0.0.1") -> TestClient:
        return TestClient(wrap(self.office), client=(caller, 50_000))

    def catch_up(self) -> None:
        self.world.chain.mine()
        self.office._advance()

    def tell(self, event: ExactEvent | VaultEvent) -> Any:
        return self.client().post("/v1/events", json=event.to_wire())

    def points(self, key: LocalSigner) -> dict[str, Any]:
        answer = self.client().get(f"/points/{key.address}")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())


StartLeague = Callable[..., League]


@pytest.fixture
def start_league(world: World, tmp_path: Path) -> StartLeague:
    """A function that makes an indexer over the world, with these settings."""

    def start(**changes: Any) -> League:
        settings = IndexerSettings(
            **{
                "rpc": "",
                "diamond": world.economy.diamond.address,
                "usdc": world.economy.dollar.address,
                "state": tmp_path / f"state{next(_numbers)}",
                "start_block": world.first_block,
                **changes,
            }
        )
        league = League(build_office(settings, Locked(world.chain)), world)  # type: ignore[arg-type]
        league.office._advance()
        return league

    return start


@pytest.fixture
def league(start_league: StartLeague) -> League:
    return start_league()
