"""A part of all rewritings each time, always the same; `python -m tests.fir rewrites` checks the whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice

import pytest

from compiler.backend import constants as backend_constants
from compiler.backend import peephole
from compiler.ir import simplify
from compiler.ir.values import Function, Value
from tests.fir import items, proofs, rewrites
from tests.fir.__main__ import main
from tests.fir.rewrites import Rewrites, Totals, deeper, needed_parts, shallow, shapes
from tests.fir.trees import Tree, by_builder, by_numbering, computed, shown


@pytest.mark.parametrize(
    ("trees", "every", "least"), [(shallow, 5, 5_000), (deeper, 53, 2_000), (shapes, 5, 1_500)],
    ids=["depth one", "depth two", "shapes"],
)  # fmt: skip
def test_rewritten_expressions_are_the_same_word(
    trees: Callable[[], Iterator[Tree]], every: int, least: int
) -> None:
    totals = Rewrites().check(islice(trees(), 0, None, every))
    print(totals.told())
    assert not totals.wrong
    assert totals.rewritten > least and totals.claims > least / 2


def test_every_operation_with_rules_is_rewritten() -> None:
    totals = Rewrites(words=2).check(islice(shallow(), 0, None, 29))
    assert set(simplify._RULES) <= set(totals.by_operation) | {"not", "iszero"}
    assert by_builder(("not", ("not", "x")))[0] == "x"
    assert by_numbering(("iszero", ("iszero", ("lt", "x", "y"))))[0] == ("lt", "x", "y")


def test_what_is_needed_of_a_value_is_kept() -> None:
    totals = needed_parts(Totals())
    assert not totals.wrong and totals.claims > 5_000


def test_a_wrong_rule_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(f: Function, args: tuple[Value, ...], emit: simplify.Emit) -> Value | None:
        return args[0] if args[1].op == "const" and args[1].imm == 2**160 - 1 else None

    monkeypatch.setitem(simplify._RULES, "and", wrong)
    (told, *_) = Rewrites().check([("and", "x", 2**160 - 1)]).wrong
    assert told.startswith(f"and(x, {2**160 - 1:#x}) became x: ")


def test_a_wrong_claim_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rewrites, "known_bits", lambda value: 0xFF if value.op == "add" else 2**256 - 1)  # fmt: skip
    assert "was said to fit 0xff" in Rewrites().check([("add", "x", "y")]).wrong[0]


@pytest.mark.skipif(not proofs.available(), reason="proves where z3 is installed")
def test_the_solver_says_what_the_machine_says() -> None:
    for tree in (("sdiv", "x", "y"), ("byte", 3, "x"), ("signextend", 3, "x"), ("clz", "x"), ("addmod", "x", "y", 7)):  # fmt: skip
        for x, y in ((0, 0), (5, 2), (2**255, 2**256 - 1), (2**256 - 7, 3)):
            number = computed(tree, {"x": x, "y": y})
            with_words = _put(tree, {"x": x, "y": y})
            assert proofs.same(with_words, number) in (True, None), shown(tree)
    assert proofs.same(("add", "x", "x"), ("shl", 1, "x"))
    assert proofs.same(("div", "x", "x"), 1) is False
    assert proofs.fits(("and", "x", 0xF0), 0xF0) and proofs.fits(("not", "x"), 1) is False


def _put(tree: Tree, words: dict[str, int]) -> Tree:
    if isinstance(tree, tuple):
        return (tree[0], *(_put(part, words) for part in tree[1:]))
    return words[tree] if isinstance(tree, str) else tree


def test_a_wrong_broom_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(peephole._FLIPPED, "slt", "slt")
    _, wrong = items.check_broom(items.straight(2))
    assert wrong and "swap1" in wrong[0]


def test_computed_constants_are_the_word() -> None:
    made, wrong = items.check_constants(islice(items.constants(), 0, None, 5))
    assert not wrong and made > 5_000


def test_a_wrong_constant_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backend_constants, "MASK", 2**256 - 3)
    assert items.check_constants(iter([2**255, 2**256 - 1]))[1]


def test_the_command_checks_everything(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rewrites", "--every", "997", "--prove", "0"]) == 0
    told = capsys.readouterr().out
    for word in ("depth one", "depth two", "shapes", "with jumps, 3", "constants"):
        assert word in told
    assert told.count(" 0 wrong") > 9
