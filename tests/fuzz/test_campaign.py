"""The command of `make fuzz`: what it prints, how it ends, what it writes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fuzz import __main__ as command
from tests.fuzz import campaign, trial
from tests.fuzz.campaign import Campaign, programs
from tests.fuzz.contracts import Program
from tests.fuzz.shrink import shrunk, write
from tests.fuzz.trial import Failure, Trial


def test_a_short_run_ends_with_a_summary(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["--programs", "3", "--seed", "12"]) == 0
    printed = capsys.readouterr().out
    assert "--seed 12" in printed
    assert "3 programs in" in printed and "0 failures" in printed


def test_a_failure_is_made_small_written_and_told_by_the_exit_status(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def batch(self: Trial, made: list[tuple[int, Program]]) -> list[Failure]:
        """Says that programs with a loop are compiled wrongly."""
        self.counts.programs += len(made)
        texts = [p.text() for _, p in made]
        return [Failure("mismatch", text, "loops") for text in texts if "while (" in text]

    monkeypatch.setattr(trial.Trial, "batch", batch)
    monkeypatch.setattr(Campaign, "_hashes", lambda self, made: None)
    assert (
        command.main(
            [
                "--programs",
                "30",
                "--seed",
                "5",
                "--each",
                "1",
                "--shrink",
                "20",
                "--found",
                str(tmp_path),
            ]
        )
        == 1
    )
    assert "mismatch: loops" in capsys.readouterr().out
    (path,) = tmp_path.glob("mismatch_*.sol")
    before = min(len(p.text()) for s in range(5, 8) for p in programs(s) if "while (" in p.text())
    assert "while (" in path.read_text() and len(path.read_text()) < before


def test_an_interruption_ends_with_the_summary(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(chunk_seed: int) -> list[Program]:
        raise KeyboardInterrupt

    monkeypatch.setattr(campaign, "programs", interrupt)
    assert command.main(["--programs", "3", "--seed", "12"]) == 130
    assert "interrupted; 0 programs" in capsys.readouterr().err


def test_what_does_not_fail_again_stays_as_it_is(tmp_path: Path) -> None:
    failure = Failure("mismatch", "contract Gone {}", "by chance")
    assert shrunk(12, failure, Trial()) == failure
    assert write(failure, tmp_path).read_text() == failure.text
