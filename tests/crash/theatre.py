"""The whole market as separate processes around a chain that outlives them."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from harness.chain.anvil import AnvilChain
from harness.chain.journal import MemoryJournal
from harness.chain.outbox import Outbox
from harness.devnet.node import DevNode
from harness.devnet.rpc import build_rpc
from harness.devnet.world import GAS_MONEY, World, dev_key, genesis
from harness.diamond.tokens import FwUsd
from harness.diamond.vault import Vault
from tests.services.conftest import ThreadedServer

DIED = 137
PRICE = "0.05"  # USD for a thousand tokens
DOLLARS = 50_000_000  # base units each payer begins with
BUDGET = 40_000_000
DEPOSIT = 5_000_000
UNLIMITED = 10_000_000
PAYERS = {"exact": "alice", "vault": "bob"}
START_SECONDS = 30.0


@dataclass
class Process:
    """A service that runs, or ran."""

    role: str
    pid: int
    point: str = ""


@dataclass
class Theatre:
    """Roles: facilitator, relay, indexer, operator, and a sidecar for each rail: exact, vault."""

    root: Path
    chain: AnvilChain
    rpc: str
    world: World
    ports: dict[str, int]
    nursery: subprocess.Popen[str]
    running: dict[str, Process] = field(default_factory=dict)
    kills: int = 0
    upstream: str | None = None  # a model over HTTP instead of the one in the operator's process
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def url(self, role: str) -> str:
        return f"http://127.0.0.1:{self.ports[role]}"

    @property
    def dollar(self) -> FwUsd:
        return FwUsd(self.chain, self.world.dollar)

    @property
    def vault(self) -> Vault:
        return Vault(self.chain, self.world.diamond)

    # -- processes -----------------------------------------------------------------------------

    def start(self, role: str, point: str = "") -> Process:
        """Start a service, which dies at `point` when it comes there."""
        answer = self._ask(
            {
                "start": "consumer" if role in PAYERS else role,
                "settings": self._settings(role),
                "crash": point,
                "log": str(self.root / f"{role}.log"),
            }
        )
        self.running[role] = Process(role, answer["pid"], point)
        return self.running[role]

    def kill(self, role: str) -> None:
        """SIGKILL, wherever it is."""
        process = self.running.pop(role)
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGKILL)
        self._ask({"wait": process.pid})
        self.kills += 1

    def stop(self, role: str) -> int:
        """SIGTERM, and how it ended."""
        process = self.running.pop(role)
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGTERM)
        return int(self._ask({"wait": process.pid})["status"])

    def alive(self, role: str) -> bool:
        """False once the process has ended (a zombie until it is waited for)."""
        try:
            state = Path(f"/proc/{self.running[role].pid}/stat").read_text().rpartition(")")[2]
        except OSError:
            return False
        return state.split()[0] != "Z"

    def bury(self, role: str) -> int:
        """The exit status of a process that has ended."""
        status = int(self._ask({"wait": self.running.pop(role).pid})["status"])
        if status in (DIED, -9):
            self.kills += 1
        return status

    def wait_ready(self, role: str) -> None:
        """Until it serves; the operator, until the relay knows it."""
        deadline = time.monotonic() + START_SECONDS
        while True:
            with contextlib.suppress(httpx.HTTPError, ValueError, KeyError):
                if role == "operator":
                    found = httpx.get(f"{self.url('relay')}/v1/operators", timeout=5).json()
                    if found["operators"]:
                        return
                elif httpx.get(f"{self.url(role)}/health", timeout=5).status_code == 200:
                    return
            if not self.alive(role):
                raise AssertionError(f"{role} ended while starting:\n{self.log(role)}")
            if time.monotonic() > deadline:
                raise AssertionError(f"{role} is not ready:\n{self.log(role)}")
            time.sleep(0.02)

    def log(self, role: str, lines: int = 25) -> str:
        text = (self.root / f"{role}.log").read_text(errors="replace")
        return "\n".join(text.splitlines()[-lines:])

    def _ask(self, command: dict[str, Any]) -> dict[str, Any]:
        assert self.nursery.stdin is not None and self.nursery.stdout is not None
        with self._lock:
            self.nursery.stdin.write(json.dumps(command) + "\n")
            self.nursery.stdin.flush()
            line = self.nursery.stdout.readline()
        assert line, "the nursery has ended"
        return dict(json.loads(line))

    # -- what each is told ---------------------------------------------------------------------

    def _settings(self, role: str) -> dict[str, Any]:
        world, chain_id = self.world, self.chain.chain_id
        state = str(self.root / role)
        listen = f"127.0.0.1:{self.ports.get(role, 0)}"
        dollar = {
            "usdc": world.dollar, "usdc_name": "USD Coin", "usdc_version": "2", "diamond": world.diamond,
            "rpc": self.rpc, "chain_id": chain_id,
        }  # fmt: skip
        services = {name: self.url(name) for name in ("relay", "facilitator", "indexer")}
        if role == "facilitator":
            return {
                "rpc": self.rpc, "chain_id": chain_id, "listen": listen, "state": state,
                "diamond": world.diamond, "credits": world.credits, "assets": [world.dollar],
                "verifies_per_minute": UNLIMITED, "settles_per_minute": UNLIMITED,
                "requests_per_minute": UNLIMITED, "max_gas": 2_000_000,
            }  # fmt: skip
        if role == "relay":
            return {
                "listen": listen, "state": state, "requests_per_minute": UNLIMITED, "announces_per_minute": UNLIMITED,
                "connects_per_minute": UNLIMITED, "node_id": "theatre", "min_cli_version": "0.0.1",
            }  # fmt: skip
        if role == "indexer":
            return {
                "rpc": self.rpc, "chain_id": chain_id, "listen": listen, "state": state,
                "diamond": world.diamond, "usdc": world.dollar, "confirmations": 1,
                "link_secret": "a secret of thirty-two characters or more",
            }  # fmt: skip
        if role == "operator":
            return {
                **dollar, **services, "state": state, "price": PRICE, "max_reconnect_attempts": 0,
                "max_concurrency": 64, **({"upstream": self.upstream} if self.upstream else {}),
            }  # fmt: skip
        return {
            **dollar, **services, "state": state, "wallet": PAYERS[role], "port": self.ports[role],
            "rail": role, "max_usdc_base": 1_000_000, "budget_base": BUDGET,
            "vault_deposit_base": DEPOSIT if role == "vault" else 0, "network_name": "devnet",
        }  # fmt: skip


@contextlib.contextmanager
def theatre(root: Path) -> Iterator[Theatre]:
    """The chain and the nursery; nothing of the market is started yet."""
    chain, world = genesis().start()
    node = DevNode(chain)
    names = ("facilitator", "relay", "indexer", *PAYERS)
    with ThreadedServer(build_rpc(node, block_seconds=1)) as rpc:
        nursery = subprocess.Popen(
            [sys.executable, "-m", "tests.crash.nursery"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        stage = Theatre(root, AnvilChain(node), rpc, world, free_ports(names), nursery)
        _fund(stage)
        try:
            yield stage
        finally:
            for role in list(stage.running):
                stage.kill(role)
            assert nursery.stdin is not None
            nursery.stdin.close()
            nursery.wait(10)


def _fund(stage: Theatre) -> None:
    owner = Outbox(stage.chain, dev_key("owner"), MemoryJournal())
    dollar = FwUsd(stage.chain, stage.world.dollar, owner)
    for role in ("facilitator", "operator", *PAYERS.values()):
        stage.chain.set_balance(dev_key(role).address, GAS_MONEY)
    for payer in PAYERS.values():
        dollar.mint(dev_key(payer).address, DOLLARS)


def free_ports(names: tuple[str, ...]) -> dict[str, int]:
    """A port for each; they stay the same over restarts, as a deployed service's do."""
    held = [socket.socket() for _ in names]
    for one in held:
        one.bind(("127.0.0.1", 0))
    ports = {name: one.getsockname()[1] for name, one in zip(names, held, strict=True)}
    for one in held:
        one.close()
    return ports
