"""`facetworks devnet up`: start, say where everything is, and stop when told to."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Callable

from harness.devnet.market import Market, market
from harness.devnet.options import DevnetOptions
from harness.protocol.amounts import DOLLARS


async def run(options: DevnetOptions, tell: Callable[[str], None]) -> int:
    """Until SIGINT or SIGTERM; 0 when it was stopped."""
    started = time.monotonic()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    starting = asyncio.ensure_future(_until_stopped(options, tell, stop, started))
    stopped = asyncio.ensure_future(stop.wait())
    await asyncio.wait({starting, stopped}, return_when=asyncio.FIRST_COMPLETED)
    if stop.is_set() and not starting.done():
        tell("stopping")
    await starting
    stopped.cancel()
    return 0


async def _until_stopped(
    options: DevnetOptions, tell: Callable[[str], None], stop: asyncio.Event, started: float
) -> None:
    async with market(options) as running:
        # Told to stop while it started, it is over before anybody could use it.
        for line in () if stop.is_set() else describe(running, options, time.monotonic() - started):
            tell(line)
        await stop.wait()
    tell("stopped; the state is kept" if options.persist else "stopped")


def describe(running: Market, options: DevnetOptions, seconds: float) -> list[str]:
    """What to show when everything is up."""
    home = running.homes["consumer"]
    return [
        f"ready in {seconds:.1f} s",
        "",
        f"  endpoint     {running.base_url}   rail {options.rail}, any API key",
        f"  chain        {running.ground.url}   id {running.network.chain_id}",
        f"  facilitator  {running.facilitator}",
        f"  relay        {running.relay}",
        f"  indexer      {running.indexer}",
        f"  operator     {running.operator_address}   sells {', '.join(options.models[:3])}, …",
        f"  consumer     {running.consumer_address}   has {DOLLARS.show(running.dollar().balance_of(running.consumer_address))}",
        f"  vault        {running.network.vault}",
        "",
        "try:",
        f"  curl -s {running.base_url}/chat/completions -H 'content-type: application/json' \\",
        """    -d '{"messages":[{"role":"user","content":"hello"}]}'""",
        f"  HALO_HOME={home} halo status",
        "",
        "Ctrl-C stops everything.",
    ]
