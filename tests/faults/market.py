"""A whole market in one thread, with a wire on every way between two of its parts, and short patience.

sidecars --relay--> relay <--socket-- operator        each of them --..._node--> chain
    `--..._bank--> facilitator <--operator_bank--'     operator --events--> indexer
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar
from unittest.mock import patch
from urllib.parse import urlsplit

import httpx

from harness.chain.anvil import AnvilChain
from harness.chain.journal import MemoryJournal
from harness.chain.json_rpc import HttpTransport
from harness.chain.node import NodeChain
from harness.chain.outbox import Outbox
from harness.clients.facilitator import FacilitatorClient
from harness.devnet.node import DevNode
from harness.devnet.rpc import build_rpc
from harness.devnet.world import GAS_MONEY, World, dev_key, dev_secret, genesis
from harness.diamond.tokens import FwUsd
from harness.diamond.vault import Vault
from harness.http.embedded import running, running_apart
from harness.inference.mock import MockProvider
from harness.inference.router import Router
from harness.services.consumer import directory, exact, receipts, relay, vault_identity, watcher
from harness.services.consumer import vault as vault_rail
from harness.services.consumer.app import application
from harness.services.consumer.settings import ConsumerSettings
from harness.services.consumer.sidecar import Sidecar
from harness.services.facilitator import office as facilitator_office
from harness.services.facilitator import vault_office
from harness.services.facilitator.app import build_app as build_facilitator
from harness.services.facilitator.app import build_office as open_facilitator
from harness.services.facilitator.office import Office as Facilitator
from harness.services.facilitator.settings import FacilitatorSettings
from harness.services.indexer import app as indexer_app
from harness.services.indexer.office import Office as Indexer
from harness.services.indexer.settings import IndexerSettings
from harness.services.operator import app as operator_app
from harness.services.operator import connection, events
from harness.services.operator.app import Operator
from harness.services.operator.settings import OperatorSettings
from harness.services.relay import directory as relay_directory
from harness.services.relay.app import build_app as build_relay
from harness.services.relay.app import build_office as open_relay
from harness.services.relay.app import server_options
from harness.services.relay.settings import RelaySettings
from tests.crash.theatre import BUDGET, DEPOSIT, DOLLARS, PAYERS, UNLIMITED
from tests.faults.disk import Disk
from tests.faults.liar import Liar
from tests.faults.wire import Wire

NODES = ("facilitator", "operator", "exact", "vault", "indexer")
PRICE = Decimal("0.05")  # USD for a thousand tokens
MODELS = ("mock-echo", "mock-slow?first_ms=20&per_tok_ms=5")
NODE_SECONDS = 1.5

T = TypeVar("T")


def hurried() -> Iterator[None]:
    """The waits of a day in a second: what is waited for stays the same."""
    short: list[tuple[Any, dict[str, float]]] = [
        (connection, {"FIRST_PAUSE": 0.05, "LONGEST_PAUSE": 0.2, "HANDSHAKE_SECONDS": 2.0,
                      "PING_SECONDS": 0.3, "PONG_SECONDS": 1.5}),
        (relay, {"BUFFERED_SECONDS": 4.0, "IDLE_SECONDS": 3.0, "CONTROL_SECONDS": 2.0}),
        (exact, {"PROBE_SECONDS": 2.5}),
        (watcher, {"FIRST_PAUSE": 0.1, "LONGEST_PAUSE": 0.3}),
        (receipts, {"SWEEP_SECONDS": 1.0}),
        (vault_identity, {"RETRY_SECONDS": 0.1}),
        (vault_rail, {"FIRST_WAIT": 0.1}),
        (facilitator_office, {"_FIRST_PAUSE": 0.2, "_LONGEST_PAUSE": 0.4}),
        (vault_office, {"_FIRST_PAUSE": 0.2, "_LONGEST_PAUSE": 0.4}),
        (operator_app, {"RETRY_SECONDS": 0.3, "HEARTBEAT_SECONDS": 1.0}),
        (events, {"_IDLE_SECONDS": 0.2}),
        # There is one operator here: it is not to be left alone because the last test broke it.
        (relay_directory, {"REST_SECONDS": 0.0}),
        (directory, {"PENALTY_SECONDS": 0.0}),
    ]  # fmt: skip
    with ExitStack() as stack:
        for module, values in short:
            stack.enter_context(patch.multiple(module, **values))
        # How long a client waits for a facilitator is an argument that services leave as it is.
        waits = FacilitatorClient.__init__.__kwdefaults__
        stack.enter_context(patch.dict(waits, {"seconds": 2.5}))
        yield


@dataclass
class FaultyMarket:
    """Everything that runs. `wires` by name, `nodes` by who asks them."""

    root: Path
    chain: AnvilChain
    world: World
    loop: asyncio.AbstractEventLoop
    between: asyncio.AbstractEventLoop  # the wires': services may block their own for a moment
    wires: dict[str, Wire] = field(default_factory=dict)
    nodes: dict[str, Liar] = field(default_factory=dict)
    urls: dict[str, str] = field(default_factory=dict)
    disks: dict[str, Disk] = field(default_factory=dict)
    sidecars: dict[str, Sidecar] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)

    facilitator: Facilitator = field(init=False)
    indexer: Indexer = field(init=False)
    operator: Operator = field(init=False)
    model: MockProvider = field(init=False)

    @property
    def dollar(self) -> FwUsd:
        return FwUsd(self.chain, self.world.dollar)

    @property
    def vault(self) -> Vault:
        return Vault(self.chain, self.world.diamond)

    def url(self, role: str) -> str:
        return self.urls[role]

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Do something inside the market's loop, from a test's thread."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(60)

    def heal(self) -> None:
        for wire in self.wires.values():
            wire.heal()
        for node in self.nodes.values():
            node.tell_the_truth()
        for disk in self.disks.values():
            disk.clear()

    def recover(self) -> None:
        """Heal, and wait until the operator is back and believes in its vault."""
        self.heal()
        # What was cut is cut when this has run, and both ends of the socket have been told.
        asyncio.run_coroutine_threadsafe(asyncio.sleep(0.05), self.between).result(10)
        eventually(self._whole, "the operator's return")

    def _whole(self) -> bool:
        ready = self.operator.connection.announced and self.operator.connection.link_open
        rail = self.operator.vault
        listed = httpx.get(f"{self.url('relay')}/v1/operators", timeout=10).json()["operators"]
        return ready and rail is not None and rail.verified and bool(listed)

    def ask(self, rail: str, key: str, **more: Any) -> tuple[int, str]:
        """One completion: the status, and the error's code or the text of the answer."""
        stream = bool(more.get("stream"))
        body: dict[str, Any] = {
            "model": "mock-echo",
            "messages": [{"role": "user", "content": f"echo {key}"}],
            "max_tokens": 40,
        }
        response = httpx.post(
            f"{self.url(rail)}/v1/chat/completions", json=body | more,
            headers={"Idempotency-Key": key}, timeout=20,
        )  # fmt: skip
        if stream and response.status_code == 200:
            return (200, "whole") if "[DONE]" in response.text else (200, "broken")
        found = response.json()
        if response.status_code == 200:
            return 200, str(found["choices"][0]["message"]["content"])
        return response.status_code, str(found["error"]["code"])

    def until_served(self, rail: str, key: str, seconds: float = 20, **more: Any) -> None:
        """The same request again and again, as a patient client asks, until it is answered."""
        deadline = time.monotonic() + seconds
        while (found := self.ask(rail, key, **more))[0] != 200 or found[1] == "broken":
            assert time.monotonic() < deadline, f"{rail} {key}: still {found}"
            time.sleep(0.1)


class RunningFaultyMarket:
    """`with RunningFaultyMarket(folder) as market:`; its loop is a thread's."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._ready = threading.Event()
        self._failure: BaseException | None = None
        self._market: FaultyMarket | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> FaultyMarket:
        self._thread.start()
        self._ready.wait(120)
        if self._failure is not None:
            raise self._failure
        assert self._market is not None, "the market did not start"
        return self._market

    def __exit__(self, *_: object) -> None:
        assert self._market is not None
        self._market.loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(60)
        assert not self._thread.is_alive(), "the market did not stop"

    def _run(self) -> None:
        try:
            with contextlib.contextmanager(hurried)():
                asyncio.run(self._main())
        except BaseException as failure:
            self._failure = failure
        finally:
            self._ready.set()

    async def _main(self) -> None:
        self._stop = asyncio.Event()
        async with faulty_market(self._root) as market:
            self._market = market
            self._ready.set()
            await self._stop.wait()
            market.heal()


@asynccontextmanager
async def faulty_market(root: Path) -> AsyncIterator[FaultyMarket]:
    """Start everything in order, stop it in the opposite one."""
    chain, world = await asyncio.to_thread(genesis().start)
    node = DevNode(chain)
    async with AsyncExitStack() as stack:
        between = stack.enter_context(_loop())
        market = FaultyMarket(root, AnvilChain(node), world, asyncio.get_running_loop(), between)
        _fund(market)
        rpc = await stack.enter_async_context(running_apart(build_rpc(node, 1), "127.0.0.1:0"))
        for name in NODES:
            url = await _wired(market, stack, f"{name}_node", rpc)
            market.nodes[name] = Liar(HttpTransport(url, timeout=NODE_SECONDS))
        await _services(market, stack)
        yield market


@contextlib.contextmanager
def _loop() -> Iterator[asyncio.AbstractEventLoop]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield loop
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


def chain_of(market: FaultyMarket, role: str) -> NodeChain:
    """The chain as a service sees it: over a wire, and by the word of a node of its own."""
    return NodeChain(market.nodes[role], market.chain.chain_id)


async def _wired(market: FaultyMarket, stack: AsyncExitStack, name: str, url: str) -> str:
    parts = urlsplit(url)
    assert parts.hostname is not None and parts.port is not None
    wire = market.wires[name] = Wire(parts.hostname, parts.port)
    port = await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(wire.start(), market.between))
    stack.push_async_callback(
        lambda: asyncio.wrap_future(asyncio.run_coroutine_threadsafe(wire.stop(), market.between))
    )
    return f"http://127.0.0.1:{port}"


async def _services(market: FaultyMarket, stack: AsyncExitStack) -> None:
    world, chain_id = market.world, market.chain.chain_id

    async def serve(app: Any, **how: Any) -> str:
        return await stack.enter_async_context(running(app, "127.0.0.1:0", **how))

    market.facilitator = open_facilitator(
        FacilitatorSettings(
            rpc="", chain_id=chain_id, key=dev_secret("facilitator").hex(),
            state=market.root / "facilitator", diamond=world.diamond, credits=world.credits,
            assets=(world.dollar,), max_gas=2_000_000, receipt_s=1.0, bump_after_s=5.0,
            verifies_per_minute=UNLIMITED, settles_per_minute=UNLIMITED,
            requests_per_minute=UNLIMITED, reserves_per_minute=UNLIMITED,
        ),
        chain_of(market, "facilitator"),
    )  # fmt: skip
    market.urls["facilitator"] = await serve(build_facilitator(market.facilitator))
    relaying = RelaySettings(
        state=market.root / "relay", requests_per_minute=UNLIMITED, node_id="faulty",
        announces_per_minute=UNLIMITED, connects_per_minute=UNLIMITED, inference_timeout_s=3.0,
        accept_timeout_s=1.2, receipt_timeout_s=1.2, operator_idle_s=2.0, stream_idle_s=2.0,
    )  # fmt: skip
    office = open_relay(relaying)
    market.urls["relay"] = await serve(build_relay(relaying, office), **server_options(relaying))
    market.indexer = indexer_app.build_office(
        IndexerSettings(
            rpc="", chain_id=chain_id, diamond=world.diamond, usdc=world.dollar, confirmations=1,
            state=market.root / "indexer", link_secret="a secret of thirty-two characters or more",
        ),
        chain_of(market, "indexer"),
    )  # fmt: skip
    market.indexer._poll = 0.2
    market.urls["indexer"] = await serve(indexer_app.wrap(market.indexer))
    dollar = {
        "usdc": world.dollar, "usdc_name": "USD Coin", "usdc_version": "2",
        "diamond": world.diamond, "rpc": "", "chain_id": chain_id,
    }  # fmt: skip
    services = {
        "relay": await _wired(market, stack, "socket", market.urls["relay"]),
        "facilitator": await _wired(market, stack, "operator_bank", market.urls["facilitator"]),
        "indexer": await _wired(market, stack, "events", market.urls["indexer"]),
    }
    market.model = MockProvider(MODELS)
    market.operator = Operator(
        OperatorSettings(
            **dollar, **services, pricing_mode="flat", flat_usd_per_1k=PRICE, max_concurrency=64,
            state=market.root / "operator", max_reconnect_attempts=0, outbox_retry_base_ms=100,
            outbox_retry_cap_ms=300, outbox_request_timeout_ms=800,
        ),
        dev_key("operator"), Router([market.model]), chain_of(market, "operator"),
    )  # fmt: skip
    serving = asyncio.create_task(market.operator.run())
    stack.push_async_callback(market.operator.stop)
    for rail, payer in PAYERS.items():
        ways = {
            "relay": await _wired(market, stack, f"{rail}_relay", market.urls["relay"]),
            "facilitator": await _wired(market, stack, f"{rail}_bank", market.urls["facilitator"]),
        }
        sidecar = Sidecar(
            ConsumerSettings(
                **dollar, **ways, state=market.root / rail, rail=rail, max_usdc_base=1_000_000,
                budget_base=BUDGET, vault_deposit_base=DEPOSIT if rail == "vault" else 0,
                network_name="devnet",
            ),
            dev_key(payer), chain_of(market, rail), first_wait=0.1, push_retry=0.2,
        )  # fmt: skip
        market.sidecars[rail] = sidecar
        market.urls[rail] = await serve(application(sidecar))
    await asyncio.wait({serving, asyncio.create_task(market.operator.ready.wait())},
                       return_when=asyncio.FIRST_COMPLETED)  # fmt: skip
    if serving.done():
        serving.result()
    databases = {
        "facilitator": market.facilitator.desk.ledger._database,
        "relay": office.archive.records._database,
        "indexer": market.indexer.facts._database,
        "operator": market.operator.journal._database,
        **{rail: sidecar.database for rail, sidecar in market.sidecars.items()},
    }
    market.disks |= {name: Disk(database.engine) for name, database in databases.items()}


def _fund(market: FaultyMarket) -> None:
    owner = Outbox(market.chain, dev_key("owner"), MemoryJournal())
    dollar = FwUsd(market.chain, market.world.dollar, owner)
    for role in ("facilitator", "operator", *PAYERS.values()):
        market.chain.set_balance(dev_key(role).address, GAS_MONEY)
    for payer in PAYERS.values():
        dollar.mint(dev_key(payer).address, DOLLARS)


def eventually(condition: Callable[[], Any], what: str = "it", seconds: float = 20.0) -> None:
    """Until it is so."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"{what} did not happen"
        time.sleep(0.03)
