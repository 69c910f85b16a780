"""What paying adds: an answer through sidecar, relay and operator on the vault rail, beside the model itself.

Every part is a process of its own on loopback, and the model answers over HTTP to both.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from benchmarks.halo.load import Result, post, run
from benchmarks.halo.processes import shop
from tests.crash.theatre import theatre

ROUNDS, REQUESTS, CONNECTIONS = 3, 150, 8
MESSAGES = [{"role": "user", "content": "Summarize Base mainnet in one sentence."}]
BODY = json.dumps({"model": "mock-echo", "messages": MESSAGES, "max_tokens": 50}).encode()


def main() -> str:
    with (
        tempfile.TemporaryDirectory() as folder,
        shop("model") as model,
        theatre(Path(folder)) as stage,
    ):
        stage.upstream = f"http://127.0.0.1:{model.port}/v1"
        for role in ("facilitator", "relay", "indexer", "operator", "vault"):
            stage.start(role)
            stage.wait_ready(role)
        sidecar = urlsplit(stage.url("vault")).port
        assert sidecar is not None
        _run(sidecar, 20, 1)  # reservation and connections
        one = {"model": _rounds(model.port, 1), "sidecar": _rounds(sidecar, 1)}
        many = {"model": _rounds(model.port, CONNECTIONS), "sidecar": _rounds(sidecar, CONNECTIONS)}
        first = {
            name: _first_byte(port) for name, port in (("model", model.port), ("sidecar", sidecar))
        }
    added = [
        (paid.percentile(share) - plain.percentile(share)) * 1000
        for share in (0.5, 0.99)
        for plain, paid in [(_middle(one["model"]), _middle(one["sidecar"]))]
    ]
    lines = [
        f"vault rail, median of {ROUNDS} rounds of {REQUESTS}              p50        p99     requests/s"
    ]
    for name in ("model", "sidecar"):
        middle, rate = _middle(one[name]), statistics.median(r.per_second for r in many[name])
        lines.append(
            f"{name:<40} {middle.percentile(0.5) * 1000:>8.2f} ms {middle.percentile(0.99) * 1000:>8.2f} ms {rate:>10.0f}"
        )
    lines.append(f"{'added by paying':<40} {added[0]:>8.2f} ms {added[1]:>8.2f} ms")
    lines.append(
        f"first token of a stream: model {first['model'] * 1000:.1f} ms, sidecar {first['sidecar'] * 1000:.1f} ms"
    )
    return "\n".join(lines)


def _rounds(port: int, connections: int) -> list[Result]:
    return [_run(port, REQUESTS, connections) for _ in range(ROUNDS)]


def _run(port: int, count: int, connections: int) -> Result:
    request = post("/v1/chat/completions", BODY, {})
    result = asyncio.run(run("127.0.0.1", port, iter([request] * count), connections))
    assert not result.failures, f"{result.failures} requests failed"
    return result


def _middle(results: list[Result]) -> Result:
    return sorted(results, key=lambda result: result.median)[len(results) // 2]


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
