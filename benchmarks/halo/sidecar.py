"""What paying adds: an answer through sidecar, relay and operator on the vault rail, beside the model itself.

Every part is a process of its own on loopback, and the model answers over HTTP to both.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from benchmarks.halo.load import Result, post, run
from benchmarks.halo.processes import Shop, shop
from tests.crash.theatre import theatre

ROUNDS, REQUESTS, CONNECTIONS, COMMITS = 3, 80, 8, 50
MESSAGES = [{"role": "user", "content": "Summarize Base mainnet in one sentence."}]
BODY = json.dumps({"model": "mock-echo", "messages": MESSAGES, "max_tokens": 50}).encode()
ROLES = ("facilitator", "relay", "indexer", "operator", "vault")


def main() -> str:
    with (
        tempfile.TemporaryDirectory() as folder,
        shop("model") as model,
        theatre(Path(folder)) as stage,
    ):
        stage.upstream = f"http://127.0.0.1:{model.port}/v1"
        for role in ROLES:
            stage.start(role)
            stage.wait_ready(role)
        port = urlsplit(stage.url("vault")).port
        assert port is not None
        ports = {"model": model.port, "sidecar": port}
        processes = {role: Shop(0, stage.running[role].pid) for role in ROLES}
        _run(port, 20, 1)  # reservation and connections
        commit = _commit(Path(folder))
        before = {role: process.processor() for role, process in processes.items()}
        one = {name: [_run(to, REQUESTS, 1) for _ in range(ROUNDS)] for name, to in ports.items()}
        used = {
            role: (process.processor() - before[role]) / (ROUNDS * REQUESTS) * 1000
            for role, process in processes.items()
        }
        many = {name: _run(to, REQUESTS * 2, CONNECTIONS) for name, to in ports.items()}
        first = {name: _first_byte(to) for name, to in ports.items()}
    told = f"vault rail, {ROUNDS * REQUESTS} requests one by one, {CONNECTIONS} connections"
    lines = [f"{told:<50}     p50          p99     requests/s"]
    shares = {
        name: [_percentile(found, share) for share in (0.5, 0.99)] for name, found in one.items()
    }
    for name, (middle, slow) in shares.items():
        lines.append(f"{name:<48} {middle:>7.2f} ms {slow:>9.2f} ms {many[name].per_second:>10.0f}")
    middle, slow = (paid - plain for plain, paid in zip(shares["model"], shares["sidecar"]))
    lines.append(f"{'added by paying':<48} {middle:>7.2f} ms {slow:>9.2f} ms")
    lines.append(
        f"first token of a stream: model {first['model'] * 1000:.1f} ms, sidecar {first['sidecar'] * 1000:.1f} ms"
    )
    each = ", ".join(f"{'sidecar' if r == 'vault' else r} {ms:.1f}" for r, ms in used.items())
    lines.append(f"processor time a request, ms: {each}")
    lines.append(
        f"this disk takes {commit:.2f} ms for a commit; a request waits for four of them. "
        f"Load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors"
    )
    return "\n".join(lines)


def _run(port: int, count: int, connections: int) -> Result:
    request = post("/v1/chat/completions", BODY, {})
    result = asyncio.run(run("127.0.0.1", port, iter([request] * count), connections))
    assert not result.failures, f"{result.failures} requests failed"
    return result


def _percentile(rounds: list[Result], share: float) -> float:
    """Milliseconds, of all rounds together."""
    latencies = [latency for result in rounds for latency in result.latencies]
    return Result(latencies, 1.0, 0).percentile(share) * 1000


def _commit(folder: Path) -> float:
    """Milliseconds that a page takes to the disk, median."""
    taken = []
    with (folder / "page").open("wb") as file:
        for _ in range(COMMITS):
            file.write(bytes(4096))
            file.flush()
            started = time.perf_counter()
            os.fsync(file.fileno())
            taken.append((time.perf_counter() - started) * 1000)
    return statistics.median(taken)


def _first_byte(port: int) -> float:
    """Seconds to the first piece of text, median of ten streams whose model waits 100 ms before it."""
    found = []
    body = {
        "model": "mock-slow?first_ms=100&per_tok_ms=5",
        "messages": MESSAGES,
        "max_tokens": 50,
        "stream": True,
    }
    for _ in range(10):
        started = time.perf_counter()
        url = f"http://127.0.0.1:{port}/v1/chat/completions"
        with httpx.stream("POST", url, json=body, timeout=30) as response:
            for line in response.iter_lines():
                if '"content":' in line and '"content":""' not in line:
                    found.append(time.perf_counter() - started)
                    break
    return statistics.median(found)
