"""Sources made to be slow, deep or huge: each compiles to what it should, or is refused with a limit's code.

No clock here: work is counted. `python -m benchmarks bombs` measures.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from compiler import CompileError, CompileOptions, compile_files, compile_sources
from harness.chain.evm import Evm
from tests.compiler.bombs import COMPILES, REFUSED

MAX_CODE = 24_576
CALLED = [name for name, bomb in COMPILES.items() if bomb.call is not None]
# What they do is small at any size, or grows by its very nature faster than the text.
NOT_LINEAR = frozenset(
    (
        "6 modifiers with three placeholders",
        "60 nested mappings",
        "60 overloads",
        "8 doubling structs",
        "8-dimensional array",
    )
)


@pytest.mark.parametrize("name", COMPILES)
def test_heavy_sources_compile(name: str) -> None:
    bomb = COMPILES[name]
    result = compile_sources(bomb.make(bomb.size))
    contract = result.contract("A")
    assert contract.bytecode
    if bomb.call is None or len(contract.runtime) > MAX_CODE:
        return
    evm = Evm()
    address = evm.deploy(contract.bytecode).created
    assert address is not None
    selector = bytes.fromhex(contract.selectors["f(uint256)"])
    outcome = evm.call(address, selector + (3).to_bytes(32, "big"))
    assert outcome.success and int.from_bytes(outcome.output, "big") == bomb.call


def test_enough_of_them_are_run() -> None:
    assert len(CALLED) > 25


@pytest.mark.parametrize("name", [n for n in COMPILES if n not in NOT_LINEAR])
def test_code_grows_with_the_source_and_no_faster(name: str) -> None:
    """Twice the source is about twice the code, before and after the optimizer."""
    bomb = COMPILES[name]
    for level in (0, 2):
        options = CompileOptions(optimize=level)
        small, large = (
            compile_sources(bomb.make(size), options).contract("A").runtime
            for size in (bomb.size // 4, bomb.size // 2)
        )
        assert len(large) < 2.4 * len(small) + 200


@pytest.mark.parametrize("name", REFUSED)
def test_limits_are_clean_errors(name: str) -> None:
    bomb = REFUSED[name]
    with pytest.raises(CompileError) as caught:
        compile_sources(bomb.make(bomb.size))
    assert bomb.answer in {d.code for d in caught.value.diagnostics}
    assert len(str(caught.value)) < 100_000


@pytest.mark.parametrize(("option", "code"), [("time_limit", "SL4005"), ("memory_limit", "SL4006")])
def test_a_budget_that_is_used_up_refuses_and_changes_nothing_else(option: str, code: str) -> None:
    files = COMPILES["200 live locals"].make(20)
    with pytest.raises(CompileError) as caught:
        compile_sources(files, CompileOptions(**{option: 0}))  # type: ignore[arg-type]
    assert [d.code for d in caught.value.diagnostics] == [code]
    plain, ample = (
        compile_sources(files, CompileOptions(**{option: limit})).contract("A").bytecode  # type: ignore[arg-type]
        for limit in (None, 100_000)
    )
    assert plain == ample


# -- files -----------------------------------------------------------------------------------------------


def refused(root: Path, name: str = "main.sol") -> str:
    options = CompileOptions(allowed_roots=(str(root),), base_path=str(root))
    with pytest.raises(CompileError) as caught:
        compile_files([name], options)
    return str(caught.value)


def test_links_that_lead_out_of_the_roots_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret.sol").write_text("contract Secret { }")
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "inner").symlink_to(tmp_path)
    (tmp_path / "root" / "link.sol").symlink_to(tmp_path / "secret.sol")
    for path in ("./link.sol", "./inner/secret.sol", "../secret.sol", str(tmp_path / "secret.sol")):
        (tmp_path / "root" / "main.sol").write_text(f'import "{path}"; contract A {{ }}')
        assert "SL0212" in refused(tmp_path / "root")


def test_what_is_not_a_plain_file_is_not_read(tmp_path: Path) -> None:
    """A pipe would wait for ever, and a device never end."""
    os.mkfifo(tmp_path / "pipe.sol")
    (tmp_path / "endless.sol").symlink_to("/dev/zero")
    for name in ("pipe.sol", "endless.sol"):
        (tmp_path / "main.sol").write_text(f'import "./{name}"; contract A {{ }}')
        assert "SL0212" in refused(tmp_path)
    options = CompileOptions(allowed_roots=(str(tmp_path), "/dev"), base_path=str(tmp_path))
    with pytest.raises(CompileError):
        compile_files(["main.sol"], options)


def test_of_a_huge_file_no_more_is_read_than_it_takes_to_refuse_it(tmp_path: Path) -> None:
    with open(tmp_path / "main.sol", "wb") as file:
        file.truncate(1 << 33)  # takes no room on disk
    assert "SL4002" in refused(tmp_path)


@pytest.mark.parametrize("path", ["a\0b.sol", "a\x1b[31m.sol", "\u202ea.sol", "x" * 5_000])
def test_strange_paths_are_only_not_found(tmp_path: Path, path: str) -> None:
    (tmp_path / "main.sol").write_text(f'import "{path}"; contract A {{ }}')
    answer = refused(tmp_path)
    assert "SL0212" in answer or "SL0009" in answer or "SL0002" in answer
    assert "\x1b" not in answer and "\0" not in answer and "\u202e" not in answer


@pytest.mark.parametrize("hostile", ["\x1b[2J\x1b[31m", "\x07", "\x9b31m", "\x00", "\u202e"])
def test_answers_do_not_drive_the_terminal(hostile: str) -> None:
    """A source is quoted in messages; what it says to terminals is not passed on."""
    source = f'pragma solidity ^0.8.20;\ncontract A {{ uint256 x = unknown; /* {hostile} */ string s = "{hostile}"; {hostile} }}'
    with pytest.raises(CompileError) as caught:
        compile_sources({f"a{hostile}.sol": source})
    answer = str(caught.value)
    assert not any(c in answer for c in "\x1b\x07\x9b\0\u202e")


def test_the_recursion_limit_of_the_caller_is_left_as_it_was() -> None:
    before = sys.getrecursionlimit()
    for bomb in (COMPILES["200 parentheses"], REFUSED["300 parentheses"]):
        with suppress(CompileError):
            compile_sources(bomb.make(bomb.size))
        assert sys.getrecursionlimit() == before
