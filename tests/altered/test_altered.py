"""A few altered sources, the same each time: both compilers take them alike, and make contracts that behave alike."""

from __future__ import annotations

import random

import pytest

from tests.altered.__main__ import case, main
from tests.altered.sources import CORPUS, sources
from tests.altered.trial import Report, Trial
from tests.altered.words import altered
from tests.oracle import solc

SEED, CASES = 7, 80
TEXTS = sources(CORPUS)


@pytest.mark.skipif(not solc.available(), reason="solc is not installed")
def test_altered_sources_are_taken_and_behave_alike() -> None:
    trial = Trial()
    for number in range(CASES):
        origin, text = case(SEED, number, TEXTS)
        report = trial.one(text, random.Random(f"{SEED} {number} messages"))
        assert report is None, f"case {number}, from {origin}: {report}\n{text}"
    assert trial.counts["refused by both"] > CASES // 4
    assert trial.counts["compiled"] > CASES // 5
    assert trial.counts["messages"] > 10 * trial.counts["compiled"]


def test_one_change_is_one_change() -> None:
    text = "contract C { function f(uint8 a) public { a += 1; g(a, 2); } }"
    made = {altered(text, random.Random(n)) for n in range(300)}
    assert len(made) > 60
    assert "contract C { function f(uint8 a) public { a -= 1; g(a, 2); } }" in made
    assert "contract C { function f(uint8 a) public { g(a, 2); } }" in made
    assert "contract C { function f(uint8 a) public { a += 1; a += 1; g(a, 2); } }" in made
    assert "contract C { function f(uint8 a) public { a += 1; g(2, a); } }" in made


def test_comments_and_nothing_stay() -> None:
    assert altered("", random.Random(1)) == ""
    assert altered("// a comment", random.Random(1)) == "// a comment"


def test_wrong_arguments_are_said(tmp_path, capsys) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(SystemExit) as ended:
        main([str(tmp_path)])
    assert ended.value.code == 2
    assert "the paths hold a source" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main([str(tmp_path / "nowhere")])
    assert "no such file or folder" in capsys.readouterr().err


@pytest.mark.skipif(not solc.available(), reason="solc is not installed")
def test_a_run_ends_with_a_summary(tmp_path, capsys) -> None:  # type: ignore[no-untyped-def]
    source = tmp_path / "c.sol"
    source.write_text(
        "contract C { function f(uint8 a) external pure returns (uint8) { return a / 3; } }"
    )
    assert main([str(tmp_path), "--cases", "6", "--seed", "1", "--found", str(tmp_path)]) == 0
    told = capsys.readouterr().out.splitlines()
    assert told[0] == "seed 1, 1 sources"
    assert told[-1].startswith("6 cases in ") and told[-1].endswith("; 0 reports")


def test_what_differs_is_written_down(tmp_path, capsys, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(solc, "available", lambda: True)
    monkeypatch.setattr(Trial, "one", lambda *_: Report("taken", "why not"))
    (tmp_path / "c.sol").write_text("contract C { uint8 a = 1; }")
    found = tmp_path / "found"
    assert main([str(tmp_path), "--cases", "2", "--seed", "1", "--found", str(found)]) == 1
    assert sorted(path.name for path in found.iterdir()) == ["taken_0.sol", "taken_1.sol"]
    assert "taken, case 1, from c.sol: why not" in capsys.readouterr().out


@pytest.mark.skipif(not solc.available(), reason="solc is not installed")
@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("pragma solidity ^0.8.0; function f() {}", ""),
        ("pragma solidity ^0.8.0; contract C { function f() external { ; } }", ""),
        ("pragma solidity ^0.8.0; abstract contract C { function f() external virtual; }", ""),
        ("pragma solidity ^0.8.0; contract C { fixed x; }", "refused SL2002"),
    ],
)
def test_what_there_is_to_say(text: str, kind: str) -> None:
    report = Trial().one(text, random.Random(1))
    assert (report.kind if report else "") == kind
