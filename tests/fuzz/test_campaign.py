"""The command of `make fuzz`: what it prints, how it ends, what it writes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.fuzz import __main__ as command
from tests.fuzz import campaign, trial
from tests.fuzz.contracts import Program
from tests.fuzz.shrink import shrunk, write
from tests.fuzz.trial import Failure, Trial


def test_a_short_run_ends_with_a_summary(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["--programs", "3", "--seed", "12"]) == 0
    printed = capsys.readouterr().out
    assert "--seed 12" in printed
    assert "3 programs in" in printed and "0 failures" in printed


def _loops(self: Trial, made: list[tuple[int, Program]]) -> list[Failure]:
    """Says that programs with a loop are compiled wrongly."""
    self.counts.programs += len(made)
    texts = [(n, p.text()) for n, p in made]
    return [Failure("mismatch", text, "loops", n) for n, text in texts if "while (" in text]


def test_a_failure_is_made_small_written_and_told_by_the_exit_status(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Trial, "batch", _loops)
    monkeypatch.setattr(
        Trial, "one", lambda self, n, made: next(iter(self.batch([(n, made)])), None)
    )
    monkeypatch.setattr(campaign, "hashes", lambda seed, number: None)
    found = ["--each", "1", "--shrink", "20", "--found", str(tmp_path)]
    assert command.main(["--programs", "30", "--seed", "5", *found]) == 1
    assert "mismatch, program" in capsys.readouterr().out
    (path,) = tmp_path.glob("mismatch_*.sol")
    assert "while (" in path.read_text() and len(path.read_text().splitlines()) < 10


def test_a_run_goes_on_where_another_ended_and_processes_share_it(tmp_path: Path) -> None:
    log = tmp_path / "log"
    run = ["--seed", "12", "--log", str(log)]
    assert command.main(["--programs", "4", "--jobs", "2", *run]) == 0
    assert command.main(["--programs", "2", "--from", "4", *run]) == 0
    first, second = (json.loads(line) for line in log.read_text().splitlines())
    assert (first["from"], first["programs"]) == (0, 4)
    assert (second["from"], second["programs"]) == (4, 2)
    assert first["messages"] > 0 and first["seed"] == second["seed"] == 12


def test_an_interruption_ends_with_the_summary_and_where_to_go_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(seed: int, number: int) -> Program:
        raise KeyboardInterrupt

    monkeypatch.setattr(campaign, "drawn", interrupt)
    assert command.main(["--programs", "3", "--seed", "12", "--from", "7"]) == 130
    told = capsys.readouterr().err
    assert "interrupted; 0 programs" in told and "--seed 12 --from 7" in told


def test_what_does_not_fail_again_stays_as_it_is(tmp_path: Path) -> None:
    failure = Failure("mismatch", "contract Gone {}", "by chance")
    assert shrunk(failure, Trial(full=True)) == failure
    assert write(failure, tmp_path).read_text() == failure.text


@pytest.mark.parametrize("wrong", [["--programs", "0"], ["--jobs", "0"], ["--from", "-1"]])
def test_numbers_that_make_no_sense(wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        command.main(wrong)
    assert ended.value.code == 2 and "at least" in capsys.readouterr().err


def test_a_compiler_that_does_not_end_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    def forever(*_: object) -> None:
        while True:
            pass

    monkeypatch.setattr(trial, "COMPILE_SECONDS", 1)
    monkeypatch.setattr(trial, "compile_sources", forever)
    (failure,) = Trial().batch([(1, campaign.drawn(12, 1))])
    assert (failure.kind, failure.told) == ("crash Unending", "Unending('not compiled in 1 s')")
