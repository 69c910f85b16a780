"""`facetworks policy check`: what it prints, and its exit codes."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from harness.cli.exits import run
from harness.cli.facetworks.main import command
from tests.harness.contracts import ROOT

PAGE = ROOT / "docs/halo/policy.md"


def check(*words: str) -> int:
    return run(command, ["policy", "check", *words], "facetworks")


@pytest.fixture
def policy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (block,) = re.findall(r"```toml title=\"policy.toml\"\n(.*?)```", PAGE.read_text(), re.S)
    (tmp_path / "policy.toml").write_text(block)
    monkeypatch.chdir(tmp_path)
    return "policy.toml"


def test_the_page_shows_what_it_prints(policy: str, capsys: pytest.CaptureFixture[str]) -> None:
    (shown,) = re.findall(
        r"```text\n\$ facetworks policy check (.*?)\n(.*?)```", PAGE.read_text(), re.S
    )
    # quiet hours would decide at night
    assert check(*shown[0].split(), "--at", "2026-06-03T12:00+00:00") == 3
    assert capsys.readouterr().out == shown[1]


def test_it_decides_and_says_so_for_programs(
    policy: str, capsys: pytest.CaptureFixture[str]
) -> None:
    noon = ("--at", "2026-06-03T12:00+00:00", "--json")
    assert check(policy, "--json") == 0
    assert json.loads(capsys.readouterr().out)["rules"] == 4
    assert check(policy, "--model", "med-1", *noon) == 0
    assert json.loads(capsys.readouterr().out)["decision"] == {
        "action": "allow", "rule": None, "capBase": 50_000, "confidential": True
    }  # fmt: skip
    assert check(policy, "--model", "m", "--tool", "send_mail", *noon) == 3
    assert json.loads(capsys.readouterr().out)["decision"]["action"] == "ask"
    assert check(policy, "--model", "m", "--at", "2026-06-03T22:30+00:00") == 3
    assert "deny: quiet hours" in capsys.readouterr().out


def test_mistakes(policy: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path(policy).write_text("max_usd = 1")
    assert check(policy) == 78
    assert "it knows max_usdc" in capsys.readouterr().err
    Path(policy).write_text("")
    assert check(policy, "--model", "m", "--at", "noon") == 2
    assert check(policy, "--model", "m", "--at", "2026-06-03T12:00") == 2
    assert check(policy, "--model", "m", "--operator", "0x1") == 2
