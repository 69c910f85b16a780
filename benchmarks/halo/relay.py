"""A relay's memory by idle operators, and its requests a second: `python -m benchmarks.halo.relay [N...]`.

The relay is a process of its own. Operators ping as they should and do nothing else; requests are
buffered, sixteen at a time, at one operator that answers at once. Latency is what the consumer sees.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path

import httpx
from websockets.exceptions import ConnectionClosed

from harness.protocol.frames import Ping, encode
from tests.services.relay.operators import Operator

SIZES = (1, 500, 1_000, 2_000)
REQUESTS, AT_ONCE = 1_000, 16
BODY = {"model": "mock-echo", "messages": [{"role": "user", "content": "hello"}]}


def main(sizes: Sequence[int] = SIZES) -> str:
    """One table: operators, resident memory, bytes for each operator, requests a second, latency."""
    return asyncio.run(_measure(sizes))


async def _measure(sizes: Sequence[int]) -> str:
    lines = ["operators   RSS MB   bytes/operator   requests/s   p50 ms   p99 ms"]
    with _relay() as (url, pid):
        base = _resident(pid)
        async with AsyncExitStack() as stack:
            operators: list[Operator] = []
            await stack.enter_async_context(_pinging(operators))
            for size in sizes:
                while len(operators) < size:
                    name = "mock-echo" if not operators else "idle"
                    operator = Operator(url, models=[name], max_concurrency=AT_ONCE)
                    operators.append(await stack.enter_async_context(operator))
                resident = _resident(pid)
                rate, middle, slow = await _requests(url)
                each = (resident - base) // size
                lines.append(
                    f"{size:9,} {resident / 1e6:8.1f} {each:16,} {rate:12.0f} {middle:8.1f} {slow:8.1f}"
                )
    return "\n".join(lines)


async def _requests(url: str) -> tuple[float, float, float]:
    """Requests a second, and the middle and the 99th of a hundred latencies in milliseconds."""
    taken: list[float] = []
    left = iter(range(REQUESTS))

    async def ask(client: httpx.AsyncClient) -> None:
        for _ in left:
            started = time.perf_counter()
            answer = await client.post("/v1/chat/completions", json=BODY)
            assert answer.status_code == 200, answer.text
            taken.append(time.perf_counter() - started)

    async with httpx.AsyncClient(base_url=url, timeout=60, verify=False) as client:
        started = time.perf_counter()
        await asyncio.gather(*(ask(client) for _ in range(AT_ONCE)))
        seconds = time.perf_counter() - started
    taken.sort()
    return REQUESTS / seconds, taken[REQUESTS // 2] * 1e3, taken[REQUESTS * 99 // 100] * 1e3


@asynccontextmanager
async def _pinging(operators: list[Operator]) -> AsyncIterator[None]:
    async def ping() -> None:
        while True:
            await asyncio.sleep(5)
            for operator in list(operators):
                with contextlib.suppress(ConnectionClosed):  # at the end
                    await operator.socket.send(encode(Ping()))

    task = asyncio.create_task(ping())
    yield
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


@contextmanager
def _relay() -> Iterator[tuple[str, int]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    limits = {"REQUESTS_PER_MINUTE": "1000000", "CONNECTS_PER_MINUTE": "1000000"}
    named = {f"FACETWORKS_RELAY_{name}": value for name, value in limits.items()}
    with tempfile.TemporaryDirectory() as folder:
        running = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "harness.cli.facetworks",
                "relay",
                "--listen",
                f"127.0.0.1:{port}",
            ],
            env={**os.environ, "FACETWORKS_STATE": str(Path(folder) / "state"), **named},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        url = f"http://127.0.0.1:{port}"
        try:
            while True:
                with contextlib.suppress(httpx.TransportError):
                    httpx.get(url + "/health", verify=False)
                    break
                time.sleep(0.05)
            yield url, running.pid
        finally:
            running.kill()
            running.wait()


def _resident(pid: int) -> int:
    """Bytes of memory that a process holds."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    print(main([int(size) for size in sys.argv[1:]] or SIZES))
