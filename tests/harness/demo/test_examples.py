"""The examples: run as their pages say, and their balances looked at."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache
from importlib import import_module
from typing import Any

import pytest

from examples import job_tree, party_remainder
from examples.stage import LH, table
from tests.harness.contracts import ROOT, everything
from tests.rotation import todays

NAMES = ("party_remainder", "guild_in_guild", "competing_proposals", "job_tree")


@cache
def played(name: str) -> Any:
    """What an example returns; each is played once."""
    return import_module(f"examples.{name}").play(everything())


def test_every_script_is_here() -> None:
    found = {p.stem for p in (ROOT / "examples").glob("*.py")} - {"stage"}
    assert found == set(NAMES)


@pytest.mark.parametrize("name", todays(NAMES, 2))
def test_it_runs_as_its_page_says(name: str) -> None:
    """From the root, with nothing in the environment that would help it."""
    page = (ROOT / "examples" / f"{name}.py").read_text()
    command = f"python -m examples.{name}"
    assert command in page and command in (ROOT / "examples/README.md").read_text()
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, "-m", f"examples.{name}"],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stderr == "" and "\nsum " in done.stdout


def test_the_last_seat_gets_what_rounding_leaves() -> None:
    (_, before), (_, after) = played("party_remainder")
    assert before == {"ada": 0, "bo": 0, "cy": 0, "funder": 0, "pot": 100}
    # 33.34 of 100 would be 33 for the last seat, too: the hundredth wei is the remainder
    assert [100 * share // 10_000 for share in party_remainder.SHARES.values()] == [33, 33, 33]
    assert after == {"ada": 33, "bo": 33, "cy": 34, "funder": 0, "pot": 0}


def test_a_guild_votes_in_another() -> None:
    (_, before), (_, after) = played("guild_in_guild")
    assert list(before.values()) == [100 * LH, 40 * LH, 0]
    assert list(after.values()) == [75 * LH, 40 * LH, 25 * LH]


def test_the_earlier_vote_is_paid_first() -> None:
    moments, refused = played("competing_proposals")
    assert refused == ["HigherRankPending", "AmountExceedsTreasury"]
    assert [b["treasury"] // LH for _, b in moments] == [100, 20, 20, 10]
    assert [b["builder"] // LH for _, b in moments] == [0, 80, 80, 80]
    assert [b["gardener"] // LH for _, b in moments] == [0, 0, 0, 60]
    assert len({sum(b.values()) for _, b in moments}) == 1


def test_a_tree_of_jobs_spends_its_root_s_budget_to_the_last_wei() -> None:
    moments = played("job_tree")
    assert {sum(b.values()) for _, b in moments} == {job_tree.BUDGET}
    assert moments[2][1]["root"] == 3 * LH and moments[2][1]["summary"] == 2 * LH
    assert moments[-1][1] == {
        "root": 0, "search": 0, "summary": 0, "check": 0, "treasury": job_tree.BUDGET, "ada": 0
    }  # fmt: skip


def test_a_table_has_a_column_per_moment_and_a_sum() -> None:
    text = table([("then", {"a": LH, "bob": LH // 2}), ("now", {"a": 0, "bob": 3 * LH // 2})])
    assert [line.split() for line in text.splitlines()] == [
        ["then", "now"], ["a", "1", "0"], ["bob", "0.5", "1.5"], ["sum", "1.5", "1.5"]
    ]  # fmt: skip


def test_the_page_shows_what_they_print() -> None:
    page = (ROOT / "examples/README.md").read_text()
    moments, _ = played("competing_proposals")
    for text in (
        table(played("party_remainder"), unit=1),
        table(played("guild_in_guild")),
        table(moments),
        table(played("job_tree")),
    ):
        assert text in page
