"""Random FIR: each pass alone, each level and the bytes of each level do as it says.

Always the same modules; `FIR_MODULES` says how many.
"""

from __future__ import annotations

import os

import pytest

from compiler.backend import schedule
from compiler.ir.reader import read_module
from compiler.ir.values import Function
from tests.fir import crowded, functions, touching
from tests.fir.functions import behaviour, calls, differences, fir, module_text

MODULES = int(os.environ.get("FIR_MODULES", "24"))


def test_every_pass_every_level_and_the_bytes_do_the_same() -> None:
    for number in range(MODULES):
        found = differences(number)
        assert not found, f"{found} of\n{module_text(number)}"


def test_modules_are_about_everything_and_mostly_succeed() -> None:
    texts = [module_text(number) for number in range(40)]
    for word in ("icall", "switch", "guard", "mapslot", "arrayslot", "mload", "sload", "iszero", "fail", "setfmp", "log1"):  # fmt: skip
        assert sum(word in text for text in texts) > 3, word
    seen = [behaviour(fir(read_module(text)), calls(n, 2)) for n, text in enumerate(texts)]
    outcomes = [outcome[0] for each in seen if each is not None for outcome in each]
    assert 0.6 < sum(outcomes) / len(outcomes) < 1


def test_a_wrong_pass_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def forgetful(function: Function) -> bool:
        for block in function.blocks:
            block.insts = [inst for inst in block.insts if inst.op not in ("sstore", "guard")]
        return True

    broken = tuple((name, forgetful if name == "control" else run) for name, run in functions.LEVEL_2)  # fmt: skip
    monkeypatch.setattr(functions, "LEVEL_2", broken)
    assert any(differences(number) == ["control"] for number in range(12))


def test_the_back_end_is_told_from_the_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedule, "effects", lambda op, imm: (0, 0))  # loads move past stores
    found = next(filter(None, (differences(number) for number in range(40))))
    assert found and all(name.endswith("bytes") for name in found)


def test_the_bytes_do_the_same_where_the_stack_does_not_reach() -> None:
    numbers = range(2 * MODULES)
    assert [number for number in numbers if not crowded.agrees(number)] == []
    assert sum(crowded.spills(crowded.module_text(number)) for number in numbers) > MODULES // 2


def test_every_effect_is_seen_by_whoever_looks() -> None:
    for number in range(MODULES):
        found = touching.differences(number)
        assert not found, f"{found} of\n{touching.module_text(number)}"
