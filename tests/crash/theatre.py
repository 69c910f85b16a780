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
from collections.abc import Iterator, Mapping
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
from harness.protocol.addresses import Address
from tests.services.conftest import ThreadedServer

DIED = 137
PRICE = "0.05"  # USD for a thousand tokens
DOLLARS = 50_000_000  # base units each payer begins with
BUDGET = 40_000_000
DEPOSIT = 5_000_000
UNLIMITED = 10_000_000
PAYERS = {"exact": "alice", "vault": "bob"}
START_SECONDS = 30.0


@dataclass(frozen=True)
class Part:
    """A service of a cast. `kind` is what the nursery starts, `wallet` a role of the devnet's.

    `changes` are settings beside the usual ones, or instead of them.
    """

    kind: str
    wallet: str = ""
    changes: Mapping[str, Any] = field(default_factory=dict)


def sidecar(rail: str, wallet: str, **changes: Any) -> Part:
    """A consumer that pays by one rail."""
    return Part("consumer", wallet, {"rail": rail, **changes})


CAST = {
    "facilitator": Part("facilitator", "facilitator"),
    "relay": Part("relay"),
    "indexer": Part("indexer"),
    "operator": Part("operator", "operator"),
    **{rail: sidecar(rail, wallet) for rail, wallet in PAYERS.items()},
}


@dataclass
class Process:
    """A service that runs, or ran."""

    role: str
    pid: int
    point: str = ""


@dataclass
class Theatre:
    """The parts of a cast by name. `addresses` says where others find relay, facilitator and indexer
    when that is not the part of this name."""

    root: Path
    chain: AnvilChain
    rpc: str
    world: World
    ports: dict[str, int]
    nursery: subprocess.Popen[str]
    cast: Mapping[str, Part] = field(default_factory=lambda: CAST)
    addresses: dict[str, str] = field(default_factory=dict)
    running: dict[str, Process] = field(default_factory=dict)
    kills: int = 0
    upstream: str | None = None  # a model over HTTP instead of the one in the operator's process
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def url(self, role: str) -> str:
        return f"http://127.0.0.1:{self.ports[role]}"

    def address(self, name: str) -> str:
        """Where the other parts find a service."""
        return self.addresses.get(name) or self.url(name)

    def wallet(self, role: str) -> Address:
        """The account a part acts with."""
        return dev_key(self.cast[role].wallet).address

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
                "start": self.cast[role].kind,
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
                if self.cast[role].kind == "operator":
                    found = httpx.get(f"{self.address('relay')}/v1/operators", timeout=5).json()
                    if self.wallet(role).lower() in {
                        each["address"].lower() for each in found["operators"]
                    }:
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
        part = self.cast[role]
        usual = self._usual(role, part)
        return {**usual, **part.changes}

    def _usual(self, role: str, part: Part) -> dict[str, Any]:
        world, chain_id = self.world, self.chain.chain_id
        state = str(self.root / role)
        listen = f"127.0.0.1:{self.ports.get(role, 0)}"
        dollar = {
            "usdc": world.dollar, "usdc_name": "USD Coin", "usdc_version": "2", "diamond": world.diamond,
            "rpc": self.rpc, "chain_id": chain_id,
        }  # fmt: skip
        if part.kind == "facilitator":
            return {
                "rpc": self.rpc, "chain_id": chain_id, "listen": listen, "state": state,
                "diamond": world.diamond, "credits": world.credits, "assets": [world.dollar],
                "verifies_per_minute": UNLIMITED, "settles_per_minute": UNLIMITED,
                "requests_per_minute": UNLIMITED, "max_gas": 2_000_000,
            }  # fmt: skip
        if part.kind == "relay":
            return {
                "listen": listen, "state": state, "requests_per_minute": UNLIMITED, "announces_per_minute": UNLIMITED,
                "connects_per_minute": UNLIMITED, "node_id": "theatre", "min_cli_version": "0.0.1",
            }  # fmt: skip
        if part.kind == "indexer":
            return {
                "rpc": self.rpc, "chain_id": chain_id, "listen": listen, "state": state,
                "diamond": world.diamond, "usdc": world.dollar, "confirmations": 1,
                "link_secret": "a secret of thirty-two characters or more",
            }  # fmt: skip
        services = {name: self.address(name) for name in ("relay", "facilitator", "indexer")}
        if part.kind == "operator":
            return {
                **dollar, **services, "state": state, "wallet": part.wallet, "price": PRICE,
                "max_reconnect_attempts": 0, "max_concurrency": 64,
                **({"upstream": self.upstream} if self.upstream else {}),
            }  # fmt: skip
        return {
            **dollar, **services, "state": state, "wallet": part.wallet, "port": self.ports[role],
            "max_usdc_base": 1_000_000, "budget_base": BUDGET,
            "vault_deposit_base": DEPOSIT if part.changes.get("rail") == "vault" else 0,
            "network_name": "devnet",
        }  # fmt: skip


@contextlib.contextmanager
def theatre(root: Path, cast: Mapping[str, Part] = CAST) -> Iterator[Theatre]:
    """The chain and the nursery; nothing of the market is started yet."""
    chain, world = genesis().start()
    node = DevNode(chain)
    names = tuple(name for name, part in cast.items() if part.kind != "operator")
    with ThreadedServer(build_rpc(node, block_seconds=1)) as rpc:
        nursery = subprocess.Popen(
            [sys.executable, "-m", "tests.crash.nursery"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        stage = Theatre(root, AnvilChain(node), rpc, world, free_ports(names), nursery, cast)
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
    """Gas money for who sends transactions, dollars for who pays; a wallet of two parts gets them once."""
    owner = Outbox(stage.chain, dev_key("owner"), MemoryJournal())
    dollar = FwUsd(stage.chain, stage.world.dollar, owner)
    for wallet in dict.fromkeys(part.wallet for part in stage.cast.values() if part.wallet):
        stage.chain.set_balance(dev_key(wallet).address, GAS_MONEY)
    payers = (part.wallet for part in stage.cast.values() if part.kind == "consumer")
    for wallet in dict.fromkeys(payers):
        dollar.mint(dev_key(wallet).address, DOLLARS)


def free_ports(names: tuple[str, ...]) -> dict[str, int]:
    """A port for each; they stay the same over restarts, as a deployed service's do."""
    held = [socket.socket() for _ in names]
    for one in held:
        one.bind(("127.0.0.1", 0))
    ports = {name: one.getsockname()[1] for name, one in zip(names, held, strict=True)}
    for one in held:
        one.close()
    return ports
