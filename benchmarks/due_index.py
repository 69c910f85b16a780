"""Gas of asking for 100 due jobs while more and more jobs are not due: the view that keepers poll.

Jobs are made by real transactions on anvil; the due ones lie in as many minutes, the dearer case. A
public system that scans its jobs pays 7,904,105 for 100 due of 1,000.
"""

from __future__ import annotations

import json
import sys
import tempfile
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from eth_abi.abi import encode
from eth_utils.crypto import keccak

from harness.chain.anvil import Anvil
from harness.chain.journal import MemoryJournal
from harness.chain.keys import LocalSigner
from harness.chain.outbox import Outbox
from harness.diamond.book import AddressBook
from harness.diamond.build import DEFAULT_BUILDER, build_contracts
from harness.diamond.economy import Economy, Options, deploy
from harness.protocol.addresses import Address
from tests.gas.table import render

SIZES = (1_000, 10_000, 100_000)
PUBLIC = {1_000: 7_904_105}
DUE, PER_OWNER, BATCH = 100, 32, 500
HOUR, DAY = 3_600, 86_400
ROOT = Path(__file__).resolve().parents[1]
FREE = ("--gas-price", "0", "--block-base-fee-per-gas", "0", "--disable-block-gas-limit",
        "--auto-impersonate", "--no-request-size-limit", "--transaction-block-keeper", "1",
        "--prune-history", "1")  # fmt: skip


def main(sizes: Sequence[int] = SIZES) -> str:
    rows = []
    with Anvil(options=FREE) as anvil, tempfile.TemporaryDirectory() as folder:
        crowd = _Crowd(anvil, _deploy(anvil, Path(folder)))
        made = 0
        for size in sizes:
            crowd.schedule(range(made, size - DUE), lambda n: 2 * DAY + n % (300 * DAY))
            made = size - DUE
            crowd.invite(size)
            mark = anvil.chain.snapshot()
            crowd.schedule(range(made, size), lambda n: 60 + 60 * (n % DUE))
            anvil.chain.advance(2 * HOUR)
            gas = crowd.ask()
            anvil.chain.revert(mark)
            crowd.forget()
            public = PUBLIC.get(size)
            rows.append((f"{size:,}", gas, public or "", f"{gas / public:.3f}" if public else ""))
            print(f"  {size:,} jobs: {gas:,}", file=sys.stderr, flush=True)
    headings = ("jobs", "gas", "public", "ratio")
    return render(f"jobsDue, {DUE} due (whole calls)", headings, rows)


def _deploy(anvil: Anvil, folder: Path) -> Economy:
    owner = LocalSigner.from_phrase("owner")
    anvil.chain.set_balance(owner.address, 10**24)
    outbox = Outbox(anvil.chain, owner, MemoryJournal())
    options = Options(issuers=(owner.address,), builder=DEFAULT_BUILDER)
    book = AddressBook.of(anvil.chain, folder)
    economy = deploy(anvil.chain, outbox, build_contracts(ROOT), book, options)
    economy.diamond.registry.register("target")
    return economy


class _Crowd:
    """As many owners as the jobs need, each with an approval."""

    def __init__(self, anvil: Anvil, economy: Economy) -> None:
        self._anvil = anvil
        self._economy = economy
        self._owners = 0
        self._nonces: dict[str, int] = {}

    def schedule(self, numbers: range, interval: Any) -> None:
        """One job per number, `interval(number)` seconds apart."""
        self.invite(numbers.stop)
        diamond = self._economy.diamond.address
        self._send(
            {
                "from": _owner(number // PER_OWNER),
                "to": diamond,
                "data": _call(
                    "scheduleJob(uint256,bytes,uint64,uint128,uint32)",
                    (1, b"", interval(number), 1, 2),
                ),
            }
            for number in numbers
        )

    def ask(self) -> int:
        """Gas of the whole call, which must find them all."""
        data = _call("jobsDue(uint256,uint256)", (0, DUE))
        message = {"to": self._economy.diamond.address, "data": data, "gas": hex(30_000_000)}
        request = self._anvil.chain.transport.request
        answer = request("eth_call", [message, "latest"])
        assert int(answer[2 + 128 : 2 + 192], 16) == DUE
        trace = request("debug_traceCall", [message, "latest", {"tracer": "callTracer"}])
        return int(trace["gasUsed"], 16)

    def forget(self) -> None:
        """The chain went back: what was sent since is gone."""
        self._nonces.clear()

    def invite(self, jobs: int) -> None:
        """As many owners as so many jobs need."""
        owners = -(-jobs // PER_OWNER)
        new = range(self._owners, owners)
        token, diamond = self._economy.credits, self._economy.diamond.address
        pay = ((_owner(n), 100) for n in new)
        self._send(
            {"from": token.sender, "to": token.address, "data": _call("mint(address,uint256)", p)}
            for p in pay
        )
        approve = _call("approve(address,uint256)", (diamond, 100))
        self._send({"from": _owner(n), "to": token.address, "data": approve} for n in new)
        self._owners = max(self._owners, owners)

    def _send(self, transactions: Iterator[dict[str, str]]) -> None:
        """All of them, a block for each batch; every one must succeed."""
        self._anvil.chain.set_automine(False)
        batch: list[dict[str, str]] = []
        for transaction in transactions:
            nonce = hex(self._nonce(transaction["from"]))
            batch.append({"gas": hex(500_000), "gasPrice": "0x0", "nonce": nonce, **transaction})
            if len(batch) == BATCH:
                self._mine(batch)
                batch = []
        self._mine(batch)
        self._anvil.chain.set_automine(True)

    def _nonce(self, sender: str) -> int:
        if sender not in self._nonces:
            self._nonces[sender] = self._anvil.chain.nonce(Address(sender))
        self._nonces[sender] += 1
        return self._nonces[sender] - 1

    def _mine(self, batch: list[dict[str, str]]) -> None:
        if not batch:
            return
        self._together([("eth_sendTransaction", [t]) for t in batch])
        self._anvil.chain.mine()
        receipts = self._anvil.chain.transport.request("eth_getBlockReceipts", ["latest"])
        assert len(receipts) == len(batch), (len(receipts), len(batch))
        assert all(r["status"] == "0x1" for r in receipts)

    def _together(self, requests: list[tuple[str, list[Any]]]) -> None:
        body = [
            {"jsonrpc": "2.0", "id": n, "method": method, "params": params}
            for n, (method, params) in enumerate(requests)
        ]
        headers = {"content-type": "application/json"}
        request = urllib.request.Request(self._anvil.url, json.dumps(body).encode(), headers)
        with urllib.request.urlopen(request) as answer:
            failed = [a["error"] for a in json.load(answer) if "error" in a]
        assert not failed, failed[0]


def _owner(number: int) -> str:
    return f"0x{0x1000 + number:040x}"


def _call(signature: str, arguments: tuple[Any, ...]) -> str:
    types = signature[signature.index("(") + 1 : -1].split(",")
    return "0x" + (keccak(text=signature)[:4] + encode(types, arguments)).hex()


if __name__ == "__main__":
    print(main())
