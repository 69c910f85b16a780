"""A short load in every run; `python -m tests.load --requests 1000` is the long one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tests.crash.theatre import theatre
from tests.load.books import Row
from tests.load.cast import CAST, SIDECARS
from tests.load.mix import plan
from tests.load.report import document, tables
from tests.load.run import run

REQUESTS, SEED = 60, 3


def test_chain_and_journals_are_equal_after_a_load(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    with theatre(tmp_path, CAST) as stage:
        loaded = run(stage, REQUESTS, SEED)
    books, crowd = loaded.books, loaded.crowd
    shown = tables(loaded, SEED)
    assert books.balanced and "equal to the unit" in shown, shown
    assert not crowd.changed_answers(), shown
    assert all(told.good for told in crowd.told), crowd.failures()
    assert len(crowd.told) == REQUESTS and document(loaded, SEED)["balanced"]
    moved = {row.what.partition(",")[0] for row in books.rows if row.chain}
    assert {"exact", "vault", "locked"} <= moved, shown
    # The same books would not pass with one unit astray.
    row = books.rows[0]
    books.rows[0] = replace(row, told={**row.told, "sidecar": row.chain + 1})
    assert not books.balanced and row.what in tables(loaded, SEED).splitlines()[-1]


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
