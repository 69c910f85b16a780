"""openai-node and openai-python against the market's sidecar; `make interop` tries more, in environments of their own."""

from __future__ import annotations

import shutil
from collections.abc import Callable

import pytest

from harness.devnet.market import Market
from tests.harness.contracts import ROOT
from tests.interop.__main__ import main, table
from tests.interop.counterparts import COUNTERPARTS, Counterpart, Target
from tests.interop.environments import NoPython

NAMED = {each.name: each for each in COUNTERPARTS}
NPM = ROOT / "node_modules" / "openai"


@pytest.mark.skipif(
    shutil.which("node") is None or not NPM.is_dir(),
    reason="node and the npm packages are not installed",
)
def test_openai_node(market: Market) -> None:
    assert table([NAMED["openai-node"]], Target(market, "")) == []


def test_openai_python(market: Market) -> None:
    assert table([NAMED["openai-python"]], Target(market, "")) == []


def test_the_table_tells_failures_from_what_cannot_run(
    market: Market, capsys: pytest.CaptureFixture[str]
) -> None:
    def raising(failure: Exception) -> Callable[[Target], str]:
        def attempt(_target: Target) -> str:
            raise failure

        return attempt

    tried = [
        Counterpart("good", "all", lambda target: "1.0"),
        Counterpart("old", "all", raising(NoPython("needs Python 9.9"))),
        Counterpart("bad", "all", raising(AssertionError("no stream"))),
    ]
    assert table(tried, Target(market, "")) == ["bad: no stream"]
    _, good, old, bad = capsys.readouterr().out.splitlines()
    assert good.split() == ["good", "1.0", "all", "ok"]
    assert old.endswith("not run: needs Python 9.9") and bad.endswith("FAILED")


def test_an_unknown_counterpart_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["openai-ruby"]) == 2
    assert "openai-ruby" in capsys.readouterr().err
