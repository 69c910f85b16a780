"""`facetworks devnet` as people run it: up, looked at, given money, stopped, killed, and up again with all of it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from harness.devnet.joined import Joined
from harness.errors import HarnessError
from tests.harness.contracts import ROOT

RECEIVER = "0x00000000000000000000000000000000000000A1"
PATIENCE = 90.0


class Devnet:
    """The command on one folder, and the process that `up` is."""

    def __init__(self, state: Path) -> None:
        self.state = state
        self.log = state.with_suffix(".log")
        self.process: subprocess.Popen[bytes] | None = None

    def __call__(self, *words: str, code: int = 0) -> str:
        """What it printed."""
        done = subprocess.run(
            self._command(*words), cwd=ROOT, text=True, timeout=PATIENCE, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        assert done.returncode == code, f"{words}: {done.returncode}\n{done.stdout}"
        return done.stdout

    def start(self, *flags: str) -> None:
        with self.log.open("wb") as out:
            self.process = subprocess.Popen(
                self._command("up", "--free-ports", *flags), cwd=ROOT, stdin=subprocess.DEVNULL,
                stdout=out, stderr=subprocess.STDOUT,
            )  # fmt: skip

    def up(self, *flags: str) -> None:
        """Started, and ready."""
        self.start(*flags)
        self.says("Ctrl-C stops everything.")

    def says(self, words: str) -> None:
        assert self.process is not None
        deadline = time.monotonic() + PATIENCE
        while words not in self.printed:
            assert self.process.poll() is None and time.monotonic() < deadline, self.printed
            time.sleep(0.05)

    def ended(self) -> int:
        assert self.process is not None
        return self.process.wait(PATIENCE)

    def signal(self, number: int) -> int:
        """The exit status after a signal."""
        assert self.process is not None
        self.process.send_signal(number)
        return self.ended()

    @property
    def printed(self) -> str:
        return self.log.read_text("utf-8")

    @property
    def document(self) -> dict[str, Any]:
        return dict(json.loads(self.state.with_suffix(".json").read_text("utf-8")))

    def rpc(self, method: str, *params: Any) -> Any:
        asked = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        return httpx.post(self.document["rpcUrls"][0], json=asked, timeout=30).json()["result"]

    def gas_money(self) -> int:
        return int(self.rpc("eth_getBalance", RECEIVER, "latest"), 16)

    def answer(self) -> httpx.Response:
        body = {"messages": [{"role": "user", "content": "hello"}]}
        url = f"{self.document['sidecarUrl'].removesuffix('/v1')}/v1/chat/completions"
        return httpx.post(url, json=body, timeout=60)

    def _command(self, *words: str) -> list[str]:
        command, *more = words
        return [
            sys.executable, "-c", "from harness.cli.facetworks.main import cli; cli()",
            "devnet", command, "--state", str(self.state), *more,
        ]  # fmt: skip


@pytest.fixture
def devnet(tmp_path: Path) -> Iterator[Devnet]:
    found = Devnet(tmp_path / "devnet")
    yield found
    if found.process is not None and found.process.poll() is None:
        found.process.kill()
        found.process.wait()


def test_it_is_used_stopped_killed_and_goes_on(devnet: Devnet) -> None:
    devnet.up("--persist")
    # A build that no devnet had yet says first that it is deployed.
    ready = re.compile(r"^ready in \d+\.\d s\n\n  endpoint     http://127\.0\.0\.1:", re.M)
    assert ready.search(devnet.printed)
    assert devnet.answer().status_code == 200

    report = json.loads(devnet("status", "--json"))
    assert {name for name, part in report["parts"].items() if part["ok"]} == {
        "chain", "facilitator", "relay", "indexer", "sidecar",
    }  # fmt: skip
    assert "got 5 USD, 0 $LH, 1 ETH" in devnet("faucet", RECEIVER, "--usdc", "5")
    name = devnet("snapshot").strip()
    devnet("faucet", RECEIVER, "--usdc", "0", "--eth", "2")
    assert devnet.gas_money() == 3 * 10**18
    assert devnet("restore", name) == f"back at {name}\n"
    assert devnet.gas_money() == 10**18
    assert "there is no snapshot 0x99" in devnet("restore", "0x99", code=1)
    height = int(devnet.rpc("eth_blockNumber"), 16)

    assert devnet.signal(signal.SIGINT) == 0
    assert devnet.printed.endswith("stopping\nstopped; the state is kept\n")
    assert "start one: facetworks devnet up" in devnet("status", code=1)

    devnet.up("--persist")
    assert int(devnet.rpc("eth_blockNumber"), 16) >= height and devnet.gas_money() == 10**18
    assert devnet.answer().status_code == 200
    devnet("faucet", RECEIVER, "--usdc", "0")
    assert devnet.signal(signal.SIGKILL) == -signal.SIGKILL

    devnet.up("--persist")
    assert devnet.gas_money() == 2 * 10**18
    assert devnet.answer().status_code == 200
    assert devnet.process is not None
    assert devnet("down") == f"stopped process {devnet.process.pid}\n"
    assert devnet.ended() == 0
    assert devnet("reset", "--yes") == f"{devnet.state} is empty\n"
    assert set(os.listdir(devnet.state)) == {"lock", ".facetworks-devnet"}


def test_ctrl_c_while_it_starts_stops_it(
    devnet: Devnet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(
        "FACETWORKS_BUILD_CACHE", str(tmp_path / "builds")
    )  # so that it has to build
    devnet.start()
    devnet.says("\n")  # it has something to say while it starts
    assert devnet.signal(signal.SIGINT) == 0
    assert devnet.printed.endswith("stopping\nstopped\n") and "Traceback" not in devnet.printed
    assert "ready in" not in devnet.printed
    assert "no devnet runs" in devnet("status", code=1)


def test_down_leaves_a_program_alone_that_has_the_number_of_a_killed_devnet(
    tmp_path: Path,
) -> None:
    root = tmp_path / "devnet"
    root.mkdir(mode=0o700)
    other = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)  # fmt: skip
    try:
        (root / "lock").write_text(f"{other.pid}\n")
        described = root.with_suffix(".json")
        described.write_text(json.dumps({"rpcUrls": ["http://127.0.0.1:9"]}))
        with pytest.raises(HarnessError, match="does not run any more; it was killed"):
            Joined.find(root).stop()
        assert other.poll() is None and not described.exists()
    finally:
        other.kill()
        other.communicate()


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (("--anvil", "--rpc", "http://127.0.0.1:1"), "give one of them"),
        (("--persist", "--anvil"), "--persist keeps the chain in this process"),
        (("--budget-usdc", "much"), "--budget-usdc"),
        (("--rail", "cash"), "'vault', 'exact'"),
    ],
)
def test_what_does_not_go_together_is_said(
    devnet: Devnet, flags: tuple[str, ...], said: str
) -> None:
    assert said in devnet("up", *flags, code=2)
