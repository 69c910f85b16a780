"""Homes of their own, `halo` in this process and as a process, and a market on loopback to talk to."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from harness.chain.keys import LocalSigner
from harness.cli.halo.main import main
from harness.devnet.node import DevNode
from harness.devnet.rpc import build_rpc
from harness.diamond.vault import Vault
from harness.halo.config import HaloConfig, load
from harness.halo.home import Home
from harness.protocol.league import link_init_message
from harness.protocol.personal import recover_personal
from harness.services.facilitator.app import build_app, build_office
from harness.services.facilitator.settings import FacilitatorSettings
from tests.harness.contracts import ROOT
from tests.services.conftest import ThreadedServer
from tests.services.consumer.scripted_market import Market
from tests.services.consumer.world import World, deployed

PROVIDER_KEY = "sk-test-0123456789abcdefghij"
QUICK = ("--provider", "mock", "--no-wallet-passphrase", "--fallback-cents", "1")
_OURS = ("HALO_", "FACETWORKS_CHAIN", "BASE_RPC_URL")


@dataclass(frozen=True)
class Said:
    """What a command printed and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """An empty home, and no variable of the outside."""
    for name in list(os.environ):
        if name.startswith(_OURS):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("HALO_HOME", str(tmp_path / "halo"))
    monkeypatch.setenv("FACETWORKS_STATE", str(tmp_path / "facetworks"))
    # Nothing listens on port 9: what a test does not set up does not answer, and at once.
    for name in ("RELAY", "INDEXER", "FACILITATOR"):
        monkeypatch.setenv(f"HALO_{name}_URL", "http://127.0.0.1:9")
    return Home.find()


@pytest.fixture
def halo(
    home: Home, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Said]:
    """`halo <words>` in this process, without a terminal."""

    def run(*words: str, stdin: str = "") -> Said:
        import io

        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        capsys.readouterr()
        code = main(words)
        printed = capsys.readouterr()
        return Said(code, printed.out, printed.err)

    return run


@pytest.fixture
def config(home: Home) -> Callable[[], HaloConfig]:
    return lambda: load(home.config)


def process(*words: str, stdin: str = "", **environ: str) -> Said:
    """`halo <words>` as a process of its own; it must end within a minute."""
    done = subprocess.run(
        [sys.executable, "-m", "harness.cli.halo", *words],
        input=stdin, capture_output=True, text=True, timeout=60, check=False, cwd=ROOT,
        env={**os.environ, **environ},
    )  # fmt: skip
    return Said(done.returncode, done.stdout, done.stderr)


@contextlib.contextmanager
def running(
    *words: str, ready: Callable[[], bool], **environ: str
) -> Iterator[subprocess.Popen[str]]:
    """`halo <words>` until the block ends, ready before it begins."""
    child = subprocess.Popen(
        [sys.executable, "-m", "harness.cli.halo", *words],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT,
        env={**os.environ, **environ},
    )  # fmt: skip
    try:
        wait_until(ready, lambda: child.poll() is None)
        yield child
    finally:
        if child.poll() is None:
            child.kill()
        child.communicate()


def wait_until(true: Callable[[], bool], alive: Callable[[], bool] = lambda: True) -> None:
    deadline = time.monotonic() + 40
    while not true():
        assert alive(), "it ended before it was ready"
        assert time.monotonic() < deadline, "it did not become ready"
        time.sleep(0.05)


def healthy(port: int) -> bool:
    try:
        return (
            httpx.get(f"http://127.0.0.1:{port}/health", timeout=2, trust_env=False).status_code
            == 200
        )
    except httpx.HTTPError:
        return False


def end(pid: int) -> None:
    """Stop a detached process, and see it gone."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not Path(f"/proc/{pid}").exists() or _zombie(pid))


def _zombie(pid: int) -> bool:
    """Ended, all of it: a thread that still writes to the disk keeps the files and the port of a dead leader."""
    try:
        if len(list(Path(f"/proc/{pid}/task").iterdir())) > 1:
            return False
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except OSError:
        return True


@dataclass
class Indexer:
    """Takes pairing codes that are signed rightly, and knows the points of everybody."""

    codes: list[str] = field(default_factory=list)
    refuse: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/health", lambda _: JSONResponse({"status": "ok"})),
                Route("/link/init", self._init, methods=["POST"]),
                Route("/points/{address}", self._points),
            ]
        )

    async def _init(self, request: Request) -> Response:
        if self.refuse:
            return JSONResponse({"error": {"message": "not now", "code": "busy"}}, self.refuse)
        body = await request.json()
        text = link_init_message(
            body["operatorAddress"], body["code"], body["nonce"], body["expiresAt"]
        )
        if recover_personal(text, body["operatorSig"]).lower() != body["operatorAddress"]:
            return JSONResponse({"error": {"message": "signature", "code": "bad"}}, 401)
        self.codes.append(body["code"])
        return JSONResponse({"status": "ok"})

    async def _points(self, _: Request) -> Response:
        return JSONResponse(
            {
                "servePoints": 120.5, "serveTier": "bronze", "requestsServed": 7, "tokensServed": 900,
                "uptimeSeconds": 7200, "usdcEarnedBase": "1234567", "consumePoints": 3,
                "consumeTier": "bronze", "consumeStreakDays": 2, "consumeStreakMultiplier": 1.04,
                "requestsConsumed": 4, "tokensConsumed": 80, "usdcSpentBase": "20000", "season": "2026-Q4",
            }
        )  # fmt: skip


@pytest.fixture
def indexer(monkeypatch: pytest.MonkeyPatch, home: Home) -> Iterator[Indexer]:
    found = Indexer()
    with ThreadedServer(found.app()) as url:
        monkeypatch.setenv("HALO_INDEXER_URL", url)
        yield found


@dataclass
class Place:
    """A whole market on loopback: chain, vault, facilitator, relay with one scripted operator."""

    world: World
    market: Market
    relay: str
    file: Path

    def fund(self, address: str, dollars: int) -> None:
        self.world.chain.set_balance(address, 10**18)
        self.world.dollar.mint(address, dollars * 1_000_000)


def _facilitator(rpc: str, key: LocalSigner, vault: str, folder: Path) -> Any:
    """The real one, as a process of its own would run it."""
    settings = FacilitatorSettings(
        rpc=rpc, key="0x" + key._secret.hex(), vault=vault, state=folder / "facilitator",
        verifies_per_minute=10_000, settles_per_minute=10_000, reserves_per_minute=10_000,
        releases_per_minute=10_000, requests_per_minute=1_000_000,
    )  # fmt: skip
    return build_app(build_office(settings))


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("market")
    chain, dollar, diamond = deployed()
    vault = Vault(chain, diamond)
    with contextlib.ExitStack() as stack:
        rpc = stack.enter_context(ThreadedServer(build_rpc(DevNode(chain))))  # type: ignore[arg-type]
        key = LocalSigner.generate()
        chain.set_balance(key.address, 1000 * 10**18)
        facilitator = stack.enter_context(
            ThreadedServer(_facilitator(rpc, key, vault.address, folder))
        )
        world = World(chain, dollar, diamond, facilitator, rpc)
        market = Market(facilitator, vault, f"eip155:{chain.chain_id}", dollar.address)
        market.app.router.routes.append(Route("/health", lambda _: JSONResponse({"status": "ok"})))
        market.add()
        relay = stack.enter_context(ThreadedServer(market.app))
        file = folder / "network.json"
        domain = dollar.domain
        described: Mapping[str, Any] = {
            "name": "devnet",
            "chainId": chain.chain_id,
            "rpcUrls": [rpc],
            "usdc": {
                "address": dollar.address,
                "name": domain.name,
                "version": domain.version,
            },
            "vaultAddress": diamond,
            "relayUrl": relay,
            "facilitatorUrl": facilitator,
        }
        file.write_text(json.dumps(described))
        yield Place(world, market, relay, file)


@pytest.fixture
def consumer(
    place: Place,
    halo: Callable[..., Said],
    config: Callable[[], HaloConfig],
    monkeypatch: pytest.MonkeyPatch,
) -> str:
    """A home that is set up on the market with ten dollars; the wallet's address."""
    for name in ("RELAY", "FACILITATOR"):
        monkeypatch.delenv(f"HALO_{name}_URL")
    said = halo(
        "setup", *QUICK, "--chain", str(place.file), "--consume", "--consume-model", "mock-echo"
    )
    assert said.code == 0, said.err
    address = config().operator.address
    place.fund(address, 10)
    return address
