"""Paid requests on the exact scheme: our middleware beside the official one, one stub facilitator for both."""

from __future__ import annotations

import asyncio
import base64
import json
import statistics

from benchmarks.halo.load import Result, get, post, run
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
        kind: {"added": [], "used": [], "rate": []} for kind in ("official", "ours")
    }
    asked: list[float] = []
    with shop("stub") as stub:
        url = f"http://127.0.0.1:{stub.port}"
        with shop("official", url) as official, shop("ours", url) as ours:
            shops = {"official": official, "ours": ours}
            for number in range(ROUNDS):
                bare = _run(stub.port, [post("/settle", b"{}", {})] * ONE_BY_ONE, 1)
                asked.append(bare.median * 2000)
                for kind, seller in shops.items():
                    free = _run(seller.port, [get("/free", {})] * ONE_BY_ONE, 1)
                    paid = _run(seller.port, payments(ONE_BY_ONE, f"{number}1"), 1)
                    before = seller.processor()
                    many = _run(seller.port, payments(MANY, f"{number}2"), CONNECTIONS)
                    used = seller.processor() - before
                    assert not paid.failures and not many.failures, f"{kind}: a payment failed"
                    figures[kind]["added"].append((paid.median - free.median) * 1000)
                    figures[kind]["used"].append(used / MANY * 1000)
                    figures[kind]["rate"].append(many.per_second)
    middle = {
        kind: {name: statistics.median(values) for name, values in found.items()}
        for kind, found in figures.items()
    }
    lines = [
        f"{f'exact scheme, median of {ROUNDS} rounds, one stub facilitator':<52}"
        "   added latency   processor time   paid requests/s"
    ]
    for kind, told in (("official", "official FastAPI middleware"), ("ours", "ours")):
        added, used, rate = middle[kind].values()
        lines.append(f"{told:<52} {added:>12.2f} ms {used:>13.2f} ms {rate:>17.0f}")
    added, used, rate = (middle["ours"][name] / middle["official"][name] for name in middle["ours"])
    lines.append(f"{'ratio':<52} {added:>12.2f}    {used:>13.2f}    {rate:>17.2f}")
    lines.append(
        f"{'verify and settle at the stub, by a client that does nothing':<52} {statistics.median(asked):>4.2f} ms"
    )
    return "\n".join(lines)


def _run(port: int, requests: list[bytes], connections: int) -> Result:
    return asyncio.run(run("127.0.0.1", port, iter(requests), connections))
