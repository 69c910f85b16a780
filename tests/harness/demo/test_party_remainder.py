"""The example that pays a party out: run as it is told to be, and its balances looked at."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from types import ModuleType

import pytest

from tests.harness.contracts import ROOT, everything

EXAMPLE = ROOT / "examples" / "party_remainder.py"


@pytest.fixture(scope="module")
def example() -> ModuleType:
    spec = importlib.util.spec_from_file_location("party_remainder", EXAMPLE)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["party_remainder"] = module
    spec.loader.exec_module(module)
    return module


def test_the_last_seat_gets_what_rounding_leaves(
    example: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    story = example.play(everything())
    assert story.before.accounts == {"ada": 0, "bo": 0, "cy": 0}
    assert (story.before.escrow, story.before.funder) == (100, 0)
    assert story.after.accounts == {"ada": 33, "bo": 33, "cy": 34}
    # 33.34 of 100 would be 33 for the last seat, too; the hundredth wei is the remainder.
    assert [100 * share // 10_000 for share in example.SHARES.values()] == [33, 33, 33]
    assert (story.after.escrow, story.after.funder) == (0, 0)
    assert story.before.total == story.after.total == 100
    example.show(story)
    printed = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["account", "of", "cy", "3334", "0", "34"] in printed
    assert ["party,", "in", "escrow", "100", "0"] in printed
    assert ["sum", "100", "100"] in printed


def test_it_runs_as_printed() -> None:
    """From the root, with nothing in the environment that would help it."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, "examples/party_remainder.py"],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "account of cy" in done.stdout and "Traceback" not in done.stderr
