"""The mutation tool itself: what each operator does to a small source, and how verdicts come about."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from compiler import compile_sources
from tests.contracts import economy as economies
from tests.contracts import swift_evm
from tests.contracts.build import build
from tests.contracts.calls import Interface, Reverted
from tests.mutation import __main__ as command
from tests.mutation import trial
from tests.mutation.campaign import Target
from tests.mutation.coverage import Record, watching
from tests.mutation.operators import Mutant, mutants
from tests.mutation.report import Tally
from tests.mutation.sources import shuffled, sources, targets
from tests.mutation.trial import Verdict

HEAD = "// SPDX-License-Identifier: MIT\npragma solidity ^0.8.24;\n"
TOY = """contract Toy {
    error No();
    event Done();
    uint256 public kept;
    modifier locked() { require(kept != 7, "locked"); _; }
    function put(uint256 a, uint256 b) external locked returns (uint256) {
        if (a < b) revert No();
        if (a == 3 && b >= 2) { kept = a - b; }
        kept += a / b;
        delete kept;
        put2(a);
        emit Done();
        return a + b;
    }
    function put2(uint256 a) public { kept = a > 1 ? a : 0; }
    function ask(bool x) external pure returns (bool) { if (!x) return true; return false; }
    function low(uint256 a) external pure returns (uint256 r) {
        assembly { r := add(a, 1) if iszero(r) { revert(0, 0) } }
    }
}
"""
EXPECTED = {
    ("drop check", "if (a < b) revert No();", "{}"),
    ("drop check", 'require(kept != 7, "locked");', "{}"),
    ("drop check", "if iszero(r) { revert(0, 0) }", "{}"),
    ("drop branch", "if (a == 3 && b >= 2) { kept = a - b; }", "{}"),
    ("take branch always", "a == 3 && b >= 2", "true"),
    ("change comparison", "a < b", "a <= b"),
    ("change comparison", "b >= 2", "b > 2"),
    ("change comparison", "a == 3", "a != 3"),
    ("change comparison", "kept != 7", "kept == 7"),
    ("swap operands", "a < b", "b < a"),
    ("swap operands", "a - b", "b - a"),
    ("swap operands", "a / b", "b / a"),
    ("swap && and ||", "a == 3 && b >= 2", "(a == 3 || b >= 2)"),
    ("swap + and -", "a - b", "a + b"),
    ("swap + and -", "a + b", "a - b"),
    ("swap + and -", "kept += a / b", "kept -= a / b"),
    ("drop write", "kept = a - b;", "{}"),
    ("drop write", "kept += a / b;", "{}"),
    ("drop write", "delete kept;", "{}"),
    ("drop write", "r := add(a, 1)", "{}"),
    ("drop call", "put2(a);", "{}"),
    ("drop call", "revert(0, 0)", "{}"),
    ("drop emit", "emit Done();", "{}"),
    ("drop return", "return a + b;", "{}"),
    ("other answer", "false", "true"),
    ("drop modifier", "locked", ""),
    ("drop not", "!x", "x"),
    ("drop not", "iszero(r)", "r"),
    ("swap choice", "a > 1 ? a : 0", "a > 1 ? 0 : a"),
    ("constant + 1", "3", "(3 + 1)"),
    ("constant - 1", "3", "(3 - 1)"),
    ("constant + 1", "0", "(0 + 1)"),
    ("constant + 1", "1", "2"),
    ("change instruction", "add", "sub"),
}


def test_every_operator_makes_its_edits() -> None:
    found = {(m.operator, m.before, m.after) for m in mutants("toy.sol", HEAD + TOY)}
    assert not EXPECTED - found
    assert {operator for operator, _, _ in found} == {operator for operator, _, _ in EXPECTED}
    # A zero has no predecessor among literals.
    assert not any(
        m.operator == "constant - 1" and m.before == "0" for m in mutants("toy.sol", TOY)
    )


def test_a_mutant_is_one_edit_at_the_place_it_names() -> None:
    text = HEAD + TOY
    for mutant in mutants("toy.sol", text):
        after = mutant.applied(text)
        assert after[: mutant.start] == text[: mutant.start]
        assert after.endswith(text[mutant.end :])
        assert text.count("\n", 0, mutant.start) + 1 == mutant.line
    at = next(m for m in mutants("toy.sol", text) if m.before == "a + b")
    assert (at.function, at.line, str(at)) == (
        "put",
        15,
        "toy.sol:15 swap + and -: `a + b` -> `a - b`",
    )


def test_every_mutant_of_the_toy_compiles_to_other_code() -> None:
    text = HEAD + TOY
    plain = compile_sources({"toy.sol": text}).contracts["toy.sol:Toy"].runtime
    same = set()
    for mutant in mutants("toy.sol", text):
        made = compile_sources({"toy.sol": mutant.applied(text)})
        if made.contracts["toy.sol:Toy"].runtime == plain:
            same.add((mutant.operator, mutant.before))
    assert same == {("drop return", "return false;")}  # which is what is returned anyhow


def test_a_seed_decides_the_sample() -> None:
    assert shuffled("TitheFacet", 5) == shuffled("TitheFacet", 5)
    assert shuffled("TitheFacet", 5) != shuffled("TitheFacet", 6)
    assert set(shuffled("TitheFacet", 5)) == set(shuffled("TitheFacet", 6))


def test_money_comes_first_and_mocks_not_at_all() -> None:
    names = list(targets())
    assert names[:2] == ["BountyFacet", "VaultFacet"]
    assert "LibToken" in names and "HostileToken" not in names


# -- verdicts ----------------------------------------------------------------------------------------


def by_hand(name: str, before: str, after: str) -> Mutant:
    path = targets()[name]
    start = sources()[path].index(before)
    line = sources()[path].count("\n", 0, start) + 1
    return Mutant(path, line, "", "by hand", start, start + len(before), before, after)


def wrong_limit() -> Mutant:
    return by_hand("TitheFacet", "if (bps == 0 || bps > WHOLE) revert InvalidBps();", "{}")


def notices_limit() -> bool:
    """A test of the limit: passes where more than the whole is refused."""
    economy = economies.shared()
    id_ = economy.guild.send("createGuild", "makers", sender=economy.address("alice")).value
    try:
        economy.tithe.send("setTithe", id_, 10_001, sender=economy.address("bob"))
    except Reverted:
        return True
    return False


def notices_nothing() -> bool:
    return True


def hangs() -> bool:
    until = time.process_time() + 30
    while time.process_time() < until:
        pass
    return True


def sleeps() -> bool:
    time.sleep(30)
    return True


def verdict(
    mutant: Mutant,
    *tests: Callable[[], bool],
    ran: tuple[str, ...] = ("TitheFacet",),
    most: int = sys.maxsize,
) -> Verdict:
    """One trial with functions in place of pytest's items."""
    economies.bare(), economies.shared()
    items = {f"test.py::{test.__name__}": test for test in tests}
    records = {name: Record("", float(n), True, ran) for n, name in enumerate(items)}
    pid, reading = trial.start(mutant, items, records, [], most)
    return trial.finish(reading, pid)


@pytest.fixture(autouse=True)
def plain_items(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial, "passes", lambda item, following, swift=False: item())
    monkeypatch.setattr(trial, "SLOWEST", 1.0)


def test_a_failing_test_kills() -> None:
    assert notices_limit()
    found = verdict(wrong_limit(), notices_nothing, notices_limit)
    assert (found.state, found.by, found.tests) == (trial.KILLED, "test.py::notices_limit", 2)
    assert notices_limit(), "the change stayed in the child"


@pytest.mark.skipif(not swift_evm.AVAILABLE, reason="pyrevm is not installed")
def test_a_failing_test_kills_on_revm_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(economies, "usual", swift_evm.SwiftEvm)
    assert notices_limit()
    assert type(economies.shared().evm) is swift_evm.SwiftEvm
    found = verdict(wrong_limit(), notices_nothing, notices_limit)
    assert (found.state, found.by, found.tests) == (trial.KILLED, "test.py::notices_limit", 2)
    assert notices_limit(), "the change stayed in the child"


def test_a_test_runs_where_it_is_known_to_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def passing(item: object, following: object, *, swift: bool = False) -> bool:
        asked.append((item, swift))
        return not swift or item != 3

    monkeypatch.setattr(trial, "passes", passing)
    names = ["own", "quick", "deep"]
    records = {n: Record("", 1.0, True, ("TitheFacet",), n != "own") for n in names}
    child = trial._Child.__new__(trial._Child)
    child.ran = 0
    assert child._first_failure(names, {"own": 1, "quick": 2, "deep": 3}, records) == ""
    assert asked == [(1, False), (2, True), (3, True), (3, False)]


def test_what_no_test_notices_survives() -> None:
    found = verdict(wrong_limit(), notices_nothing)
    assert (found.state, found.by, found.counted) == (trial.SURVIVED, "", True)


def test_only_the_likeliest_tests_are_tried_when_asked() -> None:
    found = verdict(wrong_limit(), notices_nothing, notices_limit, most=1)
    assert (found.state, found.tests) == (trial.SURVIVED, 1)


@pytest.mark.parametrize("test", [hangs, sleeps])
def test_a_hanging_test_kills(test: Callable[[], bool]) -> None:
    found = verdict(wrong_limit(), test)
    assert (found.state, found.by) == (trial.KILLED, f"test.py::{test.__name__} (hung)")


def test_code_that_no_test_runs_counts_against_the_tests() -> None:
    found = verdict(wrong_limit(), notices_limit, ran=("VaultFacet",))
    assert (found.state, found.counted) == (trial.NO_TEST, True)


def test_what_is_not_other_code_does_not_count() -> None:
    broken = verdict(by_hand("TitheFacet", "revert InvalidBps()", "revert"), notices_limit)
    same = verdict(by_hand("TitheFacet", "// Check", "// check"), notices_limit)
    assert (broken.state, broken.counted) == (trial.INVALID, False)
    assert (same.state, same.counted) == (trial.SAME, False)


def test_a_diamond_that_cannot_be_set_up_kills() -> None:
    mutant = by_hand("CreditsFacet", "LibDiamond.requireOwner();", "revert();")
    found = verdict(mutant, notices_nothing, ran=("CreditsFacet",))
    assert (found.state, found.by) == (trial.KILLED, "deployment")


def test_a_token_is_deployed_anew() -> None:
    mutant = by_hand("FwCredits", '"LH"', '"HL"')

    def symbol() -> bool:
        return bool(economies.shared().credits.call("symbol") == "LH")

    assert symbol()
    assert verdict(mutant, symbol, ran=("FwCredits",)).state == trial.KILLED


def test_what_a_test_deploys_is_changed_too() -> None:
    before = "if (from == address(this)) return false;"
    mutant = by_hand("LibToken", before, before.replace("false", "true"))

    def refused() -> bool:
        economy = economies.shared()
        probe, bob = economy.add_facet("LedgerProbeFacet"), economy.address("bob")
        try:
            probe.send("probeRelay", economy.usd.address, economy.diamond, bob, 1, sender=bob)
        except Reverted:
            return True
        return False

    assert refused()
    assert verdict(mutant, refused, ran=("LedgerProbeFacet",)).by == "test.py::refused"


def test_watching_names_the_contracts_that_run() -> None:
    economy = economies.shared()
    ran: set[str] = set()
    with watching(ran):
        economy.tithe.call("titheOf", economy.diamond)
    assert {"Diamond", "TitheFacet"} <= ran and "VaultFacet" not in ran
    assert any(name.startswith("TitheFacet:") for name in ran)


def test_the_order_of_tests() -> None:
    mutant = replace(wrong_limit(), function="setTithe")
    selector = next(
        f"TitheFacet:{s.hex()}"
        for s, text in Interface(build()["TitheFacet"].abi).selectors().items()
        if text.startswith("setTithe(")
    )
    ran = ("TitheFacet", selector)
    records = {
        "a/test_guild.py::slow": Record("", 2.0, True, ran),
        "a/test_guild.py::quick": Record("", 1.0, True, ran),
        "a/test_tithe.py::other": Record("", 1.0, True, ("TitheFacet",)),
        "a/test_tithe.py::own": Record("", 9.0, True, ran),
        "a/test_vault.py::stranger": Record("", 0.1, True, ("VaultFacet",)),
        "a/test_tithe.py::broken": Record("", 0.1, False, ran),
    }
    names = ["own", "quick", "slow", "other"]
    found = trial.order(dict(records), records, {"TitheFacet"}, mutant, [])
    assert [name.rpartition("::")[2] for name in found] == names
    killer = "a/test_guild.py::slow"
    assert trial.order(dict(records), records, {"TitheFacet"}, mutant, [killer])[0] == killer


def test_targets_stop_when_enough_counted() -> None:
    first, second, third = shuffled("TitheFacet", 1)[:3]
    target = Target("TitheFacet", [first, second, third], wanted=1)
    assert target.next() == first and target.next() is None
    target.running -= 1  # it did not count
    assert target.next() == second
    target.running, target.counted = 0, 1
    assert target.next() is None


def test_the_report_and_the_log(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = tmp_path / "log.jsonl"
    tally = Tally(log)
    killed, survived, same = shuffled("TitheFacet", 1)[:3]
    tally.add("TitheFacet", killed, Verdict(trial.KILLED, "t", 1, 0.5))
    tally.add("TitheFacet", survived, Verdict(trial.SURVIVED, "", 9, 0.5))
    tally.add("TitheFacet", same, Verdict(trial.SAME, "", 0, 0.5))
    assert tally.survivors == [survived]
    assert str(survived) in capsys.readouterr().out
    assert tally.table().splitlines()[2:] == [
        "| `TitheFacet` | 1 | 2 |",
        "| all | 1 (50.0 %) | 2 |",
    ]
    assert [json.loads(line)["state"] for line in log.read_text().splitlines()] == [
        "killed", "survived", "same code",
    ]  # fmt: skip
    (again,) = command.survivors(log)
    assert again.waiting == [survived] and again.wanted == 1


def test_an_unknown_source_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["NoFacet"]) == 2
    assert "NoFacet" in capsys.readouterr().err
