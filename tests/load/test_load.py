"""A short load in every run; `python -m tests.load --requests 1000` is the long one."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.load.__main__ import main
from tests.load.books import Books, Row
from tests.load.cast import SIDECARS
from tests.load.clients import LEFT, Crowd, Told
from tests.load.mix import Planned, plan
from tests.load.report import passed, tables
from tests.load.run import Loaded

REQUESTS, SEED = 60, 3


def test_chain_and_journals_are_equal_after_a_load(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tmp_path.chmod(0o700)
    status = main(
        ["--requests", str(REQUESTS), "--seed", str(SEED), "--json", "--keep", str(tmp_path)]
    )
    shown = capsys.readouterr().out
    found = json.loads(shown)
    assert status == 0 and found["balanced"], shown
    assert found["requests"] == REQUESTS == sum(found["outcomes"].values())
    assert set(found["outcomes"]) == {"200", LEFT} and not found["failures"], shown
    assert found["open"] == found["paidTwice"] == found["changedAnswers"] == []
    moved = {row["what"].partition(",")[0] for row in found["rows"] if row["chain"]}
    assert {"exact", "vault", "locked"} <= moved, shown
    wallets = {name: each for name, each in found["balances"].items() if name.endswith("wallet")}
    assert sum(each["after"] - each["before"] for each in wallets.values()) == 0
    assert {row["what"] for row in found["rows"]} >= {"alice, wallet", "operator-2, wallet"}


def test_one_unit_astray_fails_the_load_and_is_named() -> None:
    rows = [Row("right", 5, {"sidecar": 5}), Row("astray", 5, {"sidecar": 5, "operator": 4})]
    books = Books({"a": 1}, {"a": 2}, rows, [], [], [], 0)
    loaded = Loaded(Crowd(str), books, 1.0)
    assert not passed(loaded)
    last = tables(loaded, SEED).splitlines()[-1]
    assert last.startswith("differs:") and "astray" in last and "operator 4" in last
    assert passed(Loaded(Crowd(str), replace(books, rows=rows[:1]), 1.0))
    for more in ({"open": ["x"]}, {"twice": ["x"]}):
        assert not passed(Loaded(Crowd(str), replace(books, rows=rows[:1], **more), 1.0))


def test_a_repetition_that_is_answered_otherwise_fails_the_load() -> None:
    crowd = Crowd(str)
    first = Planned(0, "alice-exact", 3, 8, key="k")
    crowd.told = [
        Told(first, "200", text="yes"), Told(replace(first, number=1, repeats=0), "200", text="no"),
    ]  # fmt: skip
    assert crowd.changed_answers() == [1]
    assert not passed(Loaded(crowd, Books({}, {}, [], [], [], [], 0), 1.0))


def test_a_plan_has_everything_and_its_seed_repeats_it() -> None:
    found = plan(REQUESTS, SEED, SIDECARS)
    assert found == plan(REQUESTS, SEED, SIDECARS) != plan(REQUESTS, SEED + 1, SIDECARS)
    assert {each.sidecar for each in found} == set(SIDECARS)
    assert {each.stream for each in found} == {True, False}
    assert any(each.leave_after for each in found)
    for each in found:
        if each.repeats is not None:
            first = found[each.repeats]
            assert (first.key, first.body) == (each.key, each.body)
    assert any(each.repeats is not None for each in found)


def test_a_row_is_equal_only_to_the_unit() -> None:
    assert Row("x", 5, {"a": 5, "b": 5}, {"c": 4}).equal
    assert not Row("x", 5, {"a": 5, "b": 4}).equal
