"""The chain below a devnet: ours in this process, an anvil, or a local node that is running already."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from harness.chain.anvil import Anvil, AnvilChain
from harness.chain.errors import NodeError
from harness.chain.json_rpc import HttpTransport
from harness.devnet.history import History, replay
from harness.devnet.node import DevNode
from harness.devnet.options import DevnetOptions
from harness.devnet.rpc import build_rpc
from harness.devnet.world import Genesis, World, build, deploy_world, genesis
from harness.errors import ConfigError
from harness.http.embedded import running_apart
from harness.store.files import private_directory, write_atomically

LOCAL_CHAINS = (31_337, 1_337)


@dataclass(frozen=True)
class Ground:
    """A chain with the contracts on it. `chain` also moves time and sets balances."""

    url: str
    chain: AnvilChain
    world: World


@asynccontextmanager
async def ground(options: DevnetOptions) -> AsyncIterator[Ground]:
    """The chain that the options ask for, for as long as the block lasts."""
    if options.anvil or options.rpc:
        async with _node(options) as url:
            chain = AnvilChain(HttpTransport(url))
            await asyncio.to_thread(_check, chain)
            options.say("deploying the contracts")
            artifacts = await asyncio.to_thread(build)
            world = await asyncio.to_thread(deploy_world, chain, artifacts)
            yield Ground(url, chain, world)
        return
    node, world = await asyncio.to_thread(_embedded, options)
    listen = f"127.0.0.1:{options.ports.chain}"
    try:
        async with running_apart(build_rpc(node, options.block_seconds), listen) as url:
            yield Ground(url, AnvilChain(node), world)
    finally:
        node.close()


@asynccontextmanager
async def _node(options: DevnetOptions) -> AsyncIterator[str]:
    if options.rpc:
        yield options.rpc
        return
    process = Anvil(port=options.ports.chain, accounts=0)
    await asyncio.to_thread(process.start)
    try:
        yield process.url
    finally:
        await asyncio.to_thread(process.stop)


def _check(chain: AnvilChain) -> None:
    """Roles of a devnet have public keys, so it must be a chain where nothing has value."""
    if chain.chain_id not in LOCAL_CHAINS:
        raise ConfigError(
            f"chain {chain.chain_id} is no local chain ({', '.join(map(str, LOCAL_CHAINS))}); a devnet's "
            "keys are public, never use them where money is"
        )
    try:
        chain.transport.request("anvil_setBalance", ["0x" + "00" * 19 + "01", "0x0"])
    except NodeError as reason:
        raise ConfigError(f"the node must be an anvil, to hand out gas money: {reason}") from None


def _embedded(options: DevnetOptions) -> tuple[DevNode, World]:
    if not options.persist:
        chain, world = genesis(say=options.say).start()
        return DevNode(chain), world
    folder = private_directory(options.state / "chain")
    kept = folder / "genesis.json"
    if not kept.exists():  # a later build changes nothing about a chain that goes on
        write_atomically(kept, json.dumps(genesis(say=options.say).document))
    try:
        chain, world = Genesis.load(kept).start()
    except (ValueError, KeyError):
        raise ConfigError(f"{kept} is damaged; facetworks devnet reset starts anew") from None
    history = History(folder / "history.jsonl")
    count = replay(chain, history)
    if count:
        options.say(f"going on at block {chain.block().number:,}, after {count:,} transactions")
    return DevNode(chain, history), world
