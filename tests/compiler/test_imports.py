"""Names that reach a file through others."""

from __future__ import annotations

import pytest

from compiler import CompileError, compile_sources

PRAGMA = "pragma solidity ^0.8.20;\n"


def build(**sources: str) -> set[str]:
    texts = {f"{name}.sol": PRAGMA + text for name, text in sources.items()}
    return set(compile_sources(texts).contracts)


def test_a_name_is_handed_on_by_those_who_asked_for_it() -> None:
    assert "a.sol:A" in build(
        a='import {Named} from "b.sol"; contract A is Named {}',
        b='import {Other as Named} from "c.sol";',
        c='import {Other} from "d.sol";',
        d="contract Other {}",
    )


def test_it_may_come_round_a_circle() -> None:
    assert "a.sol:A" in build(
        a='import {C} from "b.sol"; contract A is C {}',
        b='import {A} from "a.sol"; import {C} from "c.sol"; contract B { A a; }',
        c='import {B} from "b.sol"; contract C { B b; }',
    )


def test_named_imports_see_through_whole_files() -> None:
    assert "a.sol:A" in build(
        a='import {deep, T} from "b.sol"; contract A { function f(T t) external pure returns (uint) { return deep(t); } }',
        b='import "c.sol";',
        c='import "d.sol"; import "b.sol";',
        d="type T is uint; function deep(T t) pure returns (uint) { return T.unwrap(t); }",
    )


def test_overloads_arrive_together() -> None:
    assert "a.sol:A" in build(
        a='import {f} from "b.sol"; contract A { function g() external pure returns (uint) { return f(uint(1)) + f(true); } }',
        b='import {f} from "c.sol";',
        c="function f(uint) pure returns (uint) { return 1; } function f(bool) pure returns (uint) { return 2; }",
    )


@pytest.mark.parametrize(
    "b",
    ['import {Nmae} from "c.sol";', 'import {Name} from "a.sol";', 'import * as c from "c.sol";'],
)
def test_a_name_that_never_arrives_is_missed_where_it_is_asked_for(b: str) -> None:
    with pytest.raises(CompileError) as caught:
        build(a='import {Name} from "b.sol"; contract A {}', b=b, c="contract Name {}")
    assert {d.code for d in caught.value.diagnostics} == {"SL0203"}


def test_a_base_in_a_later_file_gives_its_own_base_arguments() -> None:
    assert "a.sol:A" in build(
        a='import {B} from "b.sol"; contract A is B(2) {}',
        b='import {C} from "c.sol"; abstract contract B is C { constructor(uint x) C(x + 1) {} }',
        c="abstract contract C { uint public c; constructor(uint x) { c = x; } }",
    )


def test_steps_above_the_first_folder_lead_nowhere_else() -> None:
    texts = {
        "a/b/c.sol": PRAGMA + 'import "../../../../d.sol"; contract C is D {}',
        "d.sol": PRAGMA + "contract D {}",
    }
    assert "a/b/c.sol:C" in compile_sources(texts).contracts
