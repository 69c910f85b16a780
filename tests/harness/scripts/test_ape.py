"""The ape entry points as people run them: tests on three networks, deploying twice, the keeper.

A second anvil on loopback, with the chain id of the network it stands for, takes the place of a live
chain.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.chain.anvil import Anvil, anvil_available
from harness.protocol.addresses import to_address
from tests.harness.contracts import ROOT

APE = ROOT / ".venv" / "bin" / "ape"
UPSTREAM_PORT = 19545  # as in ape-config.yaml
UPSTREAM_MARK = to_address("0x00000000000000000000000000000000000f0ca1")
TESTS_IN_SUITE = 8

pytestmark = pytest.mark.skipif(not APE.exists(), reason="ape is not installed here")
needs_anvil = pytest.mark.skipif(not anvil_available(), reason="anvil is not installed")


@pytest.fixture(scope="module")
def data_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("ape")


@pytest.fixture
def upstream() -> Iterator[Anvil]:
    with Anvil(chain_id=1, port=UPSTREAM_PORT) as anvil:
        anvil.chain.set_code(UPSTREAM_MARK, bytes.fromhex("c0ffee"))
        yield anvil


RIVAL = """
from ape import plugins

class RivalCompiler: ...

@plugins.register(plugins.CompilerPlugin)
def register_compiler():
    print("rival registered")
    return (".sol",), RivalCompiler
"""


def ape(data_folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run ape with a data folder of our own and anvil on its path."""
    path = os.pathsep.join((str(ROOT / "node_modules" / ".bin"), os.environ["PATH"]))
    environment = {**os.environ, "APE_DATA_FOLDER": str(data_folder), "PATH": path}
    return subprocess.run(
        [str(APE), *words],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300, check=False,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip


def passed(done: subprocess.CompletedProcess[str]) -> int:
    """How many tests passed; none may have failed, been skipped or gone wrong."""
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    (summary,) = re.findall(r"^(\d+) passed.* in ", done.stdout, re.MULTILINE)
    assert "skipped" not in done.stdout.splitlines()[-1]
    return int(summary)


def test_sol_is_ours_beside_another_plugin(data_folder: Path, tmp_path: Path) -> None:
    """A second installed distribution that also registers .sol, as ape-solidity does."""
    rival = tmp_path / "ape_rival"
    rival.mkdir()
    rival.joinpath("__init__.py").write_text(RIVAL)
    metadata = tmp_path / "ape_rival-1.0.dist-info"
    metadata.mkdir()
    metadata.joinpath("METADATA").write_text(
        "Metadata-Version: 2.1\nName: ape-rival\nVersion: 1.0\n"
    )
    metadata.joinpath("top_level.txt").write_text("ape_rival\n")
    owner = "import ape; print(type(ape.compilers.registered_compilers['.sol']).__name__)"
    path = os.pathsep.join((str(tmp_path), str(ROOT)))
    environment = {**os.environ, "APE_DATA_FOLDER": str(data_folder), "PYTHONPATH": path}
    loaded = subprocess.run(
        [sys.executable, "-c", owner],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    assert loaded.stdout.split() == ["rival", "registered", "FacetCompiler"]


@needs_anvil
def test_the_suite_passes_on_a_fork_of_a_live_chain(data_folder: Path, upstream: Anvil) -> None:
    block = upstream.chain.block().number
    done = ape(data_folder, "test", "tests/ape", "-q", "--network", "ethereum:mainnet-fork:foundry")
    assert passed(done) == TESTS_IN_SUITE
    assert upstream.chain.block().number == block  # a fork writes to itself


@needs_anvil
def test_deploying_twice_and_a_tick_on_a_network_that_stays(
    data_folder: Path, upstream: Anvil, tmp_path: Path
) -> None:
    deployments, state = tmp_path / "deployments", tmp_path / "state"
    state.mkdir(mode=0o700)
    network = ("--network", "ethereum:mainnet:node", "--account", "TEST::0")
    deploy = ("run", "deploy", *network, "--deployments", str(deployments))
    first = ape(data_folder, *deploy)
    assert first.returncode == 0, first.stdout + first.stderr
    assert first.stdout.count("deployed ") == 44 and "chain 1, verified:" in first.stdout
    blocks = upstream.chain.block().number
    index = json.loads((deployments / "1" / "index.json").read_text())
    second = ape(data_folder, *deploy)
    assert second.returncode == 0, second.stdout + second.stderr
    assert "deployed " not in second.stdout and second.stdout.count("kept ") > 20
    assert upstream.chain.block().number == blocks
    assert json.loads((deployments / "1" / "index.json").read_text()) == index
    for name, address in index.items():
        assert f"{name:20} {address}" in second.stdout
    tick = ape(
        data_folder, "run", "keeper", *network, "--diamond", index["Diamond"],
        "--state", str(state), "--command", "cat", "--json",
    )  # fmt: skip
    assert tick.returncode == 10, tick.stdout + tick.stderr
    assert json.loads(tick.stdout.splitlines()[-1])["status"] == "nothing_due"
