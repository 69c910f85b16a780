"""One market for all tests here, and `halo` as its users run it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from harness.devnet.market import Market
from harness.devnet.options import DevnetOptions, Ports
from tests.devnet.running import RunningMarket
from tests.harness.contracts import ROOT


@pytest.fixture(scope="session")
def market(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Market]:
    state = tmp_path_factory.mktemp("facetworks") / "devnet"
    with RunningMarket(DevnetOptions(ports=Ports.free(), state=state)) as running:
        yield running


@pytest.fixture
def sidecar(market: Market) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=market.sidecar, timeout=60) as client:
        yield client


@dataclass
class Halo:
    """The command in a home of its own, on this market."""

    home: Path
    state: Path
    environment: dict[str, str] = field(default_factory=dict)

    def __call__(self, *words: str, code: int = 0) -> str:
        """Run to the end; what it printed on both streams."""
        done = subprocess.run(
            self._command(*words), env=self._environment(), cwd=ROOT, text=True, timeout=120,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        assert done.returncode == code, f"{words}: {done.returncode}\n{done.stdout}"
        return done.stdout

    @contextmanager
    def daemon(self, *words: str, until: Callable[[], bool]) -> Iterator[Path]:
        """A daemon, for as long as the block lasts once `until` holds; what it prints goes to the file."""
        output = self.home / f"{words[0]}.out"
        with output.open("wb") as out:
            process = subprocess.Popen(
                self._command(*words), env=self._environment(), cwd=ROOT, stdin=subprocess.DEVNULL,
                stdout=out, stderr=subprocess.STDOUT,
            )  # fmt: skip
            try:
                deadline = time.monotonic() + 60
                while not until():
                    assert process.poll() is None and time.monotonic() < deadline, (
                        output.read_text()
                    )
                    time.sleep(0.05)
                yield output
                process.terminate()
                assert process.wait(60) == 0, output.read_text()
            finally:
                if process.poll() is None:
                    process.kill()
                    process.wait()

    @staticmethod
    def _command(*words: str) -> list[str]:
        return [sys.executable, "-m", "harness.cli.halo", *words]

    def _environment(self) -> dict[str, str]:
        return {
            **os.environ, "HALO_HOME": str(self.home), "FACETWORKS_STATE": str(self.state), "NO_COLOR": "1",
            "PYTHONPATH": str(ROOT), **self.environment,
        }  # fmt: skip


@pytest.fixture
def halo(market: Market, tmp_path: Path) -> Halo:
    """A home that is empty."""
    home = tmp_path / "halo"
    home.mkdir(mode=0o700)
    return Halo(home, market.folder.root.parent)


@pytest.fixture
def consumer(market: Market) -> Halo:
    """The home of the sidecar that runs."""
    return Halo(market.homes["consumer"], market.folder.root.parent)


def answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=5).status_code == 200
    except httpx.HTTPError:
        return False
