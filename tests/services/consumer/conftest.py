"""A market, an economy and sidecars, all over real HTTP."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from harness.chain.keys import LocalSigner
from harness.diamond.vault import Vault
from harness.services.consumer.app import application
from harness.services.consumer.routes import build_routes
from harness.services.consumer.settings import ConsumerSettings
from harness.services.consumer.sidecar import Sidecar

from .scripted_market import Market
from .scripted_operator import MODEL, ScriptedOperator
from .world import ChainServer, ThreadedServer, World, deployed, facilitator_app


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    chain, dollar, diamond = deployed()
    switches: dict[str, Any] = {}
    vault = Vault(chain, diamond)
    app = facilitator_app(chain, tmp_path_factory.mktemp("facilitator"), vault, switches)
    with ThreadedServer(app) as url, ThreadedServer(ChainServer(chain)) as chain_url:
        yield World(chain, dollar, diamond, url, chain_url, switches)


@pytest.fixture(autouse=True)
def honest_world(world: World) -> Iterator[None]:
    yield
    world.chain.silent, world.chain.ahead = False, 0
    world.vault_switches.clear()


@dataclass
class RunningMarket:
    market: Market
    url: str


@pytest.fixture
def served(world: World) -> Iterator[RunningMarket]:
    market = Market(
        world.facilitator_url,
        world.vault,
        f"eip155:{world.chain.chain_id}",
        world.dollar.address,
    )
    with ThreadedServer(market.app) as url:
        yield RunningMarket(market, url)


@pytest.fixture
def market(served: RunningMarket) -> Market:
    return served.market


@pytest.fixture
def operator(market: Market) -> ScriptedOperator:
    return market.add()


@dataclass
class RunningSidecar:
    """A sidecar on loopback, and a client for it."""

    url: str
    http: httpx.Client
    sidecar: Sidecar
    signer: LocalSigner
    settings: ConsumerSettings

    def chat(
        self, text: str = "hello", headers: dict[str, str] | None = None, **more: Any
    ) -> httpx.Response:
        body = {"model": MODEL, "messages": [{"role": "user", "content": text}], "max_tokens": 64}
        return self.http.post("/v1/chat/completions", json=body | more, headers=headers)

    def sidecar_routes(self) -> list[Any]:
        return build_routes(self.sidecar)

    def code(self, response: httpx.Response) -> str:
        return str(response.json()["error"]["code"])


def settings_for(world: World, url: str, state: Path, **changes: Any) -> ConsumerSettings:
    values: dict[str, Any] = {
        "relay": url,
        "facilitator": world.facilitator_url,
        "rpc": "",
        "chain_id": world.chain.chain_id,
        "usdc": world.dollar.address,
        "diamond": world.diamond,
        "network_name": "devnet",
        "state": state,
    }
    return ConsumerSettings(**values | changes)


class Start:
    """Starts sidecars; on the same state when they are given the same signer. Stops what is left."""

    def __init__(self, world: World, url: str, state: Path) -> None:
        self._world = world
        self._url = url
        self._state = state
        self._running: dict[int, tuple[ThreadedServer, RunningSidecar]] = {}

    def __call__(
        self,
        signer: LocalSigner | None = None,
        *,
        dollars: float = 10.0,
        attestor: Any = None,
        **changes: Any,
    ) -> RunningSidecar:
        key = signer or self._world.wallet(dollars)
        settings = settings_for(self._world, self._url, self._state, **changes)
        sidecar = Sidecar(
            settings, key, self._world.chain, attestor=attestor, first_wait=0.05, push_retry=0.1
        )
        server = ThreadedServer(application(sidecar))
        client = httpx.Client(base_url=server.__enter__(), timeout=60)
        url = str(client.base_url).rstrip("/")
        running = RunningSidecar(url, client, sidecar, key, settings)
        self._running[id(running)] = server, running
        return running

    def stop(self, running: RunningSidecar) -> None:
        """A clean stop."""
        server, _ = self._running.pop(id(running))
        running.http.close()
        server.__exit__()

    def stop_all(self) -> None:
        for _, running in list(self._running.values()):
            self.stop(running)


@pytest.fixture
def start(world: World, served: RunningMarket, tmp_path: Path) -> Iterator[Start]:
    found = Start(world, served.url, tmp_path / "state")
    yield found
    found.stop_all()


@pytest.fixture
def exact(start: Start, operator: ScriptedOperator) -> RunningSidecar:
    return start()


@pytest.fixture
def vault(start: Start, operator: ScriptedOperator) -> RunningSidecar:
    return start(rail="vault", vault_deposit_base=2_000_000)


def eventually(condition: Callable[[], Any], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)
