"""A whole market in this process: `async with market(options) as running`."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx

from harness.chain.journal import MemoryJournal
from harness.chain.json_rpc import HttpTransport
from harness.chain.node import NodeChain
from harness.chain.outbox import Outbox
from harness.confidential.attestor import Attestor
from harness.confidential.simulated import SimulatedEnclave
from harness.confidential.simulated import build_app as build_enclave
from harness.devnet.folder import Folder
from harness.devnet.ground import Ground, ground
from harness.devnet.homes import FLAT_USD_PER_1K, make_home
from harness.devnet.options import CONFIDENTIAL_MODELS, DevnetOptions
from harness.devnet.world import DOLLARS, GAS_MONEY, dev_key, dev_secret
from harness.diamond.tokens import FwUsd
from harness.errors import HarnessError
from harness.halo.chains import Network
from harness.halo.config import Consume, Provider
from harness.halo.daemons import running_as
from harness.http.embedded import running
from harness.inference.build import ProviderConfig, build_provider
from harness.inference.mock import MockProvider
from harness.inference.router import Router
from harness.protocol.addresses import Address
from harness.services.consumer.app import build_app as build_sidecar
from harness.services.consumer.settings import ConsumerSettings
from harness.services.facilitator.app import build_app as build_facilitator
from harness.services.facilitator.app import build_office
from harness.services.facilitator.settings import FacilitatorSettings
from harness.services.indexer.app import build_app as build_indexer
from harness.services.indexer.settings import IndexerSettings
from harness.services.operator.app import Operator
from harness.services.operator.settings import OperatorSettings
from harness.services.relay.app import build_app as build_relay
from harness.services.relay.app import server_options
from harness.services.relay.settings import RelaySettings
from harness.store.files import private_directory

PAYERS = ("consumer", "alice", "bob")  # accounts with dollars
UNLIMITED = 1_000_000  # a minute; a devnet is for load tests too


@dataclass
class Market:
    """Everything that runs, and where."""

    ground: Ground
    folder: Folder
    facilitator: str
    relay: str
    indexer: str
    enclave: str
    sidecar: str
    network: Network
    operator: Operator
    operator_address: Address
    consumer_address: Address
    model: MockProvider
    homes: dict[str, Path]

    @property
    def base_url(self) -> str:
        """What an OpenAI client is given."""
        return f"{self.sidecar}/v1"

    def dollar(self, sender: Outbox | None = None) -> FwUsd:
        return FwUsd(self.ground.chain, self.ground.world.dollar, sender)

    def to_json(self) -> dict[str, Any]:
        """The file that `halo --chain devnet` reads, and what people look up."""
        network = self.network
        return {
            "name": network.name,
            "chainId": network.chain_id,
            "rpcUrls": list(network.rpc_urls),
            "usdc": {"address": network.usdc, "name": network.usdc_name, "version": network.usdc_version},
            "vaultAddress": network.vault,
            "relayUrl": self.relay,
            "indexerUrl": self.indexer,
            "facilitatorUrl": self.facilitator,
            "sidecarUrl": self.base_url,
            "teeBaseUrl": f"{self.enclave}/v1",
            "teeRoot": self.network.tee_root,
            "operator": self.operator_address,
            "consumer": self.consumer_address,
            "creditsAddress": self.ground.world.credits,
            "homes": {role: str(path) for role, path in self.homes.items()},
        }  # fmt: skip


@asynccontextmanager
async def market(options: DevnetOptions) -> AsyncIterator[Market]:
    """Start everything in order, stop it in the opposite one."""
    folder = Folder(options.state)
    folder.open(keep=options.persist)
    async with AsyncExitStack() as stack:
        stack.callback(folder.close)
        below = await stack.enter_async_context(ground(options))
        await asyncio.to_thread(_fund, below, options)
        settled = await _services(stack, options, folder, below)
        folder.describe(settled.to_json())
        yield settled


async def _services(
    stack: AsyncExitStack, options: DevnetOptions, folder: Folder, below: Ground
) -> Market:
    ports, world = options.ports, below.world
    chain_id = below.chain.chain_id

    async def serve(app: Any, port: int, **how: Any) -> str:
        return await stack.enter_async_context(running(app, f"127.0.0.1:{port}", **how))

    office = build_office(
        FacilitatorSettings(
            rpc=below.url,
            chain_id=chain_id,
            key=dev_secret("facilitator").hex(),
            state=folder.service("facilitator"),
            diamond=world.diamond,
            credits=world.credits,
            assets=(world.dollar, world.credits),
            verifies_per_minute=UNLIMITED,
            settles_per_minute=UNLIMITED,
            requests_per_minute=UNLIMITED,
            max_gas=2_000_000,
        )
    )
    facilitator = await serve(build_facilitator(office), ports.facilitator)
    relaying = RelaySettings(
        listen=f"127.0.0.1:{ports.relay}",
        state=folder.service("relay"),
        requests_per_minute=UNLIMITED,
        node_id="devnet",
    )
    relay = await serve(build_relay(relaying), ports.relay, **server_options(relaying))
    indexer = await serve(
        build_indexer(
            IndexerSettings(
                rpc=below.url,
                chain_id=chain_id,
                diamond=world.diamond,
                usdc=world.dollar,
                state=folder.service("indexer"),
                confirmations=1,
                link_secret=dev_secret("indexer").hex(),
            ),
            NodeChain(HttpTransport(below.url), chain_id),
        ),
        ports.indexer,
    )
    model = MockProvider(models=options.models)
    hardware = SimulatedEnclave(models=CONFIDENTIAL_MODELS, seed=dev_secret("enclave"))
    enclave = await serve(build_enclave(hardware), ports.enclave)
    dollar = FwUsd(below.chain, world.dollar, None)
    network = Network(
        "devnet", chain_id, (below.url,), world.dollar, dollar.domain.name, dollar.domain.version,
        world.diamond, relay, indexer, facilitator, f"{enclave}/v1", hardware.root_pem,
    )  # fmt: skip
    signers = {role: dev_key(role) for role in ("operator", "consumer")}
    homes = {
        role: make_home(
            folder.home(role), signers[role], dev_secret(role), network,
            Provider(slug="mock", models=list(options.models)),
            Consume(default_model=options.models[0], port=ports.sidecar or 8799, rail=options.rail),  # type: ignore[arg-type]
        )
        for role in signers
    }  # fmt: skip
    stack.enter_context(running_as(homes["operator"], "serve"))
    stack.enter_context(running_as(homes["consumer"], "consume"))
    operator = Operator(
        OperatorSettings(
            relay=relay, facilitator=facilitator, indexer=indexer, rpc=below.url, chain_id=chain_id,
            usdc=world.dollar, usdc_name=network.usdc_name, usdc_version=network.usdc_version,
            diamond=world.diamond, label="devnet operator", pricing_mode="flat",
            flat_usd_per_1k=Decimal(FLAT_USD_PER_1K), max_concurrency=256,
            state=private_directory(homes["operator"].state("serve")), max_reconnect_attempts=0,
        ),
        signers["operator"],
        Router([model, build_provider(ProviderConfig("near", f"{enclave}/v1", "devnet-key-without-any-meaning", CONFIDENTIAL_MODELS))]),
        NodeChain(HttpTransport(below.url), chain_id),
    )  # fmt: skip
    stack.push_async_callback(operator.stop)
    serving = asyncio.create_task(operator.run())
    stack.push_async_callback(_ended, serving)
    http = await stack.enter_async_context(httpx.AsyncClient())
    attestor = Attestor(f"{enclave}/v1", hardware.policy(enclave, chain_id), http)
    sidecar = await serve(
        build_sidecar(
            ConsumerSettings(
                relay=relay, facilitator=facilitator, indexer=indexer, rpc=below.url, chain_id=chain_id,
                usdc=world.dollar, usdc_name=network.usdc_name, usdc_version=network.usdc_version,
                diamond=world.diamond, network_name="devnet", port=ports.sidecar,
                max_usdc_base=options.max_per_request, budget_base=options.budget,
                default_model=options.models[0], rail=options.rail, vault_deposit_base=options.vault_deposit,
                tee_base_url=f"{enclave}/v1",
                state=private_directory(homes["consumer"].state("consume")),
            ),
            signers["consumer"],
            NodeChain(HttpTransport(below.url), chain_id),
            attestor=attestor,
        ),
        ports.sidecar,
    )  # fmt: skip
    await _announced(relay, serving)
    return Market(
        below, folder, facilitator, relay, indexer, enclave, sidecar, network, operator,
        signers["operator"].address, signers["consumer"].address, model,
        {role: home.root for role, home in homes.items()},
    )  # fmt: skip


def _fund(below: Ground, options: DevnetOptions) -> None:
    """Gas money for the roles, dollars for those who pay; what is there already is left."""
    chain = below.chain
    for role in ("facilitator", "operator", *PAYERS):
        if chain.balance(dev_key(role).address) < GAS_MONEY // 10:
            chain.set_balance(dev_key(role).address, GAS_MONEY)
    owner = Outbox(chain, dev_key("owner"), MemoryJournal())
    dollar = FwUsd(chain, below.world.dollar, owner)
    for role in PAYERS:
        if dollar.balance_of(dev_key(role).address) == 0:
            dollar.mint(dev_key(role).address, DOLLARS)


async def _announced(relay: str, serving: asyncio.Task[Any]) -> None:
    """Wait until the relay knows the operator; what ended the operator is raised."""
    async with httpx.AsyncClient(base_url=relay) as client:
        while True:
            if serving.done():
                serving.result()
                raise HarnessError("the operator stopped before it was announced; its log says why")
            if (await client.get("/v1/operators")).json()["operators"]:
                return
            await asyncio.sleep(0.02)


async def _ended(task: asyncio.Task[Any]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
