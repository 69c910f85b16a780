"""Paid requests on the exact scheme: our middleware beside the official one, one stub facilitator for both."""

from __future__ import annotations

import asyncio
import base64
import json
import statistics

from benchmarks.halo.load import Result, get, run
from benchmarks.halo.processes import shop
from benchmarks.halo.shops import REQUIREMENTS

ROUNDS = 5
ONE_BY_ONE, MANY, CONNECTIONS = 150, 600, 16


def payments(count: int, mark: str) -> list[bytes]:
    """Requests with a payment each; the stub does not look at the signature."""
    found = []
    for number in range(count):
        authorization = {
            "from": "0x00000000000000000000000000000000000000A3", "to": REQUIREMENTS["payTo"], "value": "2500",
            "validAfter": "0", "validBefore": "99999999999", "nonce": f"0x{mark:0>32}{number:032x}",
        }  # fmt: skip
        payload = {"signature": "0x" + "11" * 65, "authorization": authorization}
        document = {"x402Version": 2, "accepted": REQUIREMENTS, "payload": payload}
        header = base64.b64encode(json.dumps(document).encode()).decode()
        found.append(get("/weather", {"payment-signature": header}))
    return found


def main() -> str:
    figures: dict[str, dict[str, list[float]]] = {
        kind: {"added": [], "rate": []} for kind in ("official", "ours")
    }
    with shop("stub") as stub:
        url = f"http://127.0.0.1:{stub}"
        with shop("official", url) as official, shop("ours", url) as ours:
            ports = {"official": official, "ours": ours}
            for number in range(ROUNDS):
                for kind, port in ports.items():
                    free = _run(port, [get("/free", {})] * ONE_BY_ONE, 1)
                    paid = _run(port, payments(ONE_BY_ONE, f"{number}1"), 1)
                    many = _run(port, payments(MANY, f"{number}2"), CONNECTIONS)
                    assert not paid.failures and not many.failures, f"{kind}: a payment failed"
                    figures[kind]["added"].append((paid.median - free.median) * 1000)
                    figures[kind]["rate"].append(many.per_second)
    lines = [
        f"exact scheme, median of {ROUNDS} rounds, one stub facilitator   added a request   paid requests/s"
    ]
    for kind, told in (("official", "official FastAPI middleware"), ("ours", "ours")):
        added, rate = (statistics.median(figures[kind][name]) for name in ("added", "rate"))
        lines.append(f"{told:<60} {added:>9.2f} ms   {rate:>15.0f}")
    added, rate = (
        statistics.median(figures["ours"][name]) / statistics.median(figures["official"][name])
        for name in ("added", "rate")
    )
    lines.append(f"{'ratio':<60} {added:>9.2f}      {rate:>15.2f}")
    return "\n".join(lines)


def _run(port: int, requests: list[bytes], connections: int) -> Result:
    return asyncio.run(run("127.0.0.1", port, iter(requests), connections))
