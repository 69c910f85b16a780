"""A chain with a dollar on it, payers with money, and a facilitator on loopback."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn

from harness.chain.anvil import Anvil, AnvilChain, anvil_available
from harness.chain.journal import MemoryJournal
from harness.chain.keys import LocalSigner
from harness.chain.outbox import Outbox
from harness.chain.records import Call
from harness.diamond.book import AddressBook
from harness.diamond.economy import Economy, Options, deploy
from harness.diamond.tokens import FwUsd
from harness.protocol.authorization import TRANSFER, SignedAuthorization, sign
from harness.services.facilitator.app import build_app, build_office
from harness.services.facilitator.settings import FacilitatorSettings
from tests.harness.contracts import artifact, everything

from .vault_world import terms

WEI = 10**18
START = 1_000_000  # base units of the dollar each payer begins with
PRICE = 2_500


@pytest.fixture(scope="session")
def anvil() -> Iterator[Anvil]:
    if not anvil_available():
        pytest.skip("anvil is not installed")
    with Anvil() as process:
        yield process


@pytest.fixture(scope="session")
def chain(anvil: Anvil) -> AnvilChain:
    return anvil.chain


@pytest.fixture(scope="session")
def owner(chain: AnvilChain) -> Outbox:
    """Deploys and mints."""
    key = LocalSigner.from_phrase("services owner")
    chain.set_balance(key.address, 1000 * WEI)
    return Outbox(chain, key, MemoryJournal())


@pytest.fixture(scope="session")
def dollar(chain: AnvilChain, owner: Outbox) -> FwUsd:
    creation = artifact("contracts/tokens/FwUSD.sol").creation(owner.address)
    created = owner.execute(Call(None, creation)).created
    assert created is not None
    return FwUsd(chain, created, owner)


@pytest.fixture(scope="session")
def economy(chain: AnvilChain, owner: Outbox, tmp_path_factory: pytest.TempPathFactory) -> Economy:
    """A whole Diamond, its vault open."""
    book = AddressBook.of(chain, tmp_path_factory.mktemp("deployments"))
    options = Options(issuers=(owner.address,), vault=terms())
    return deploy(chain, owner, everything(), book, options)


@pytest.fixture
def payer(dollar: FwUsd) -> LocalSigner:
    key = LocalSigner.generate()
    dollar.mint(key.address, START)
    return key


@pytest.fixture
def payee() -> str:
    return LocalSigner.generate().address


@dataclass
class Wire:
    """Builds the bodies that resource servers send."""

    dollar: FwUsd
    payer: LocalSigner
    payee: str

    def requirements(self, **changes: Any) -> dict[str, Any]:
        return {
            "scheme": "exact",
            "network": f"eip155:{self.dollar.chain.chain_id}",
            "asset": self.dollar.address,
            "amount": str(PRICE),
            "payTo": self.payee,
            "maxTimeoutSeconds": 60,
            "extra": {"name": "USD Coin", "version": "2"},
        } | changes

    def authorise(self, **changes: Any) -> SignedAuthorization:
        values: dict[str, Any] = {
            "payee": self.payee,
            "value": PRICE,
            "valid_before": int(time.time()) + 60,
        } | changes
        return sign(self.payer, TRANSFER, self.dollar.domain.separator, **values)

    def body(
        self,
        signed: SignedAuthorization | None = None,
        payload: dict[str, Any] | None = None,
        accepted: dict[str, Any] | None = None,
        **changes: Any,
    ) -> dict[str, Any]:
        required = self.requirements(**changes)
        if payload is None:
            payload = (signed or self.authorise()).to_wire()
        return {
            "x402Version": 2,
            "paymentPayload": {
                "x402Version": 2,
                "accepted": accepted if accepted is not None else required,
                "payload": payload,
            },
            "paymentRequirements": required,
        }


@pytest.fixture
def wire(dollar: FwUsd, payer: LocalSigner, payee: str) -> Wire:
    return Wire(dollar, payer, payee)


@dataclass
class Running:
    """A facilitator that serves on loopback."""

    url: str
    signer: LocalSigner
    settings: FacilitatorSettings
    client: httpx.Client

    def post(self, path: str, body: Any) -> httpx.Response:
        return self.client.post(path, json=body)


class ThreadedServer:
    """uvicorn in a thread, on a port of its own choice."""

    def __init__(self, app: Any) -> None:
        self._server = uvicorn.Server(
            uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, access_log=False)
        )
        self._thread = threading.Thread(target=self._server.run, daemon=True)

    def __enter__(self) -> str:
        self._thread.start()
        deadline = time.monotonic() + 20
        while not self._server.started:
            assert self._thread.is_alive() and time.monotonic() < deadline, "server did not start"
            time.sleep(0.01)
        port = self._server.servers[0].sockets[0].getsockname()[1]
        return f"http://127.0.0.1:{port}"

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join(20)


@pytest.fixture
def start_facilitator(anvil: Anvil, tmp_path: Path) -> Iterator[Callable[..., Running]]:
    """A function that starts a facilitator with these settings."""
    stack: list[tuple[ThreadedServer, httpx.Client]] = []

    def start(**changes: Any) -> Running:
        key = LocalSigner.generate()
        anvil.chain.set_balance(key.address, WEI)
        raw = "0x" + key._secret.hex()
        settings = FacilitatorSettings(
            **{
                "rpc": anvil.url,
                "key": raw,
                "state": tmp_path / f"state{len(stack)}",
                "settles_per_minute": 1_000,
                "verifies_per_minute": 1_000,
                **changes,
            }
        )
        server = ThreadedServer(build_app(build_office(settings)))
        client = httpx.Client(base_url=server.__enter__(), timeout=60)
        stack.append((server, client))
        return Running(str(client.base_url).rstrip("/"), key, settings, client)

    yield start
    for server, client in reversed(stack):
        client.close()
        server.__exit__()


@pytest.fixture
def facilitator(start_facilitator: Callable[..., Running]) -> Running:
    return start_facilitator()
