"""The demonstration tells the truth, needs little, and notices when the books are wrong."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from dataclasses import replace

import pytest
from rich.console import Console

from harness.demo import story
from harness.demo.audit import Books
from harness.demo.market import perform_market
from harness.demo.stage import Stage
from tests.harness.contracts import ROOT

HEAVY = ("web3", "sqlalchemy", "x402", "starlette", "httpx", "ape", "eth_tester", "fastapi")


def perform() -> tuple[int, str]:
    out = io.StringIO()
    console = Console(file=out, width=120, soft_wrap=True)
    return story.perform(Stage(console=console)), out.getvalue()


@pytest.fixture(scope="module")
def both_acts() -> tuple[int, str]:
    """As `make demo` plays them; Python keeps no logs of the second."""
    out = io.StringIO()
    stage = Stage(console=Console(file=out, width=120, soft_wrap=True))
    code = story.perform(stage) or perform_market(stage)
    return code, out.getvalue()


def test_the_whole_story_ends_with_balanced_books(both_acts: tuple[int, str]) -> None:
    code, text = both_acts
    assert code == 0, text
    for number, title in enumerate(
        (
            "Compile",
            "Deploy",
            "Two agents",
            "Pay by signature",
            "A bounty",
            "A standing job",
            "Art",
            "The books",
            "Market",
            "Buy an answer",
            "Buy a stream",
            "Buy in confidence",
            "Run out of budget",
            "Settle",
        ),
        start=1,
    ):
        assert f"\n{number}. {title}" in text
    assert "the same signature again: AuthAlreadyUsed" in text
    assert "ada paid no gas: True" in text
    assert text.count("1 fired") == 3 and "budget spent, job ended" in text
    assert "0.2 $LH of it to the artist" in text
    assert text.count("escrows equal holdings") == 2
    assert "escrows equal holdings: 1.03 $LH" in text
    assert "✗" not in text


def test_the_readme_shows_a_part_of_it(both_acts: tuple[int, str]) -> None:
    """Line by line; seconds may differ, and gas by the zeros of a signature."""
    page = (ROOT / "README.md").read_text("utf-8")
    shown = "".join(re.findall(r"```text\n(.*?)```", page, re.DOTALL)).splitlines()
    played = steady(both_acts[1]).splitlines()
    assert len(shown) > 20
    assert [line for line in shown if steady(line) not in played] == []


def steady(text: str) -> str:
    return re.sub(r",\d{3} gas", ",… gas", re.sub(r"\d+\.\d+ s\b", "… s", text))


def test_books_that_do_not_balance_end_with_a_code(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = story.read_books

    def skimmed(*arguments):  # type: ignore[no-untyped-def]
        books = honest(*arguments)
        return replace(books, held_by_diamond=books.held_by_diamond + 1)

    monkeypatch.setattr(story, "read_books", skimmed)
    code, text = perform()
    assert code == 8
    assert "✗ escrows add up to" in text


def test_each_kind_of_wrong_book_is_named() -> None:
    good = Books({"a": 5, "b": 7}, 12, {"a": 5, "b": 7}, {"bounty": 7}, 7)
    assert good.complaints == []
    assert replace(good, supply=13).complaints == ["balances add up to 12, supply is 13"]
    assert replace(good, from_events={"a": 4, "b": 7}).complaints == [
        "a has 5, its transfers add up to 4"
    ]
    assert replace(good, buckets={}).complaints == ["escrows add up to 0, the Diamond holds 7"]


def test_it_runs_on_little_and_reads_well_in_a_pipe() -> None:
    code = (
        "import sys\n"
        "from harness.demo.stage import Stage\n"
        "from harness.demo.story import perform\n"
        "code = perform(Stage())\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])\n"
        "sys.exit(code)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("[]\n"), done.stdout[-200:]
    assert "\x1b" not in done.stdout


def test_the_command_exists() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "harness.demo", "--help"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "Compile, deploy and use a whole economy" in done.stdout
