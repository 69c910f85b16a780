"""One mistake at a time in a copy of the compiler, against the tests of what compiled code does.

Goldens and gas are left out: they notice any change of the code, and say nothing about what it does.
"""

from __future__ import annotations

import os
import resource
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple, NoReturn

import hypothesis  # noqa: F401 - loaded once for all mistakes
import pytest

import harness.chain.evm  # noqa: F401 - the same
from tests.mutation.compiler.seeds import Seed

ROOT = Path(__file__).resolve().parents[3]
CORPUS = "tests/differential/test_corpus.py"
BORDERS = ("tests/differential/test_edges.py", "tests/differential/test_stray_bits.py", "tests/differential/test_borders.py",
           "tests/differential/test_every_word.py", "tests/differential/test_every_length.py")  # fmt: skip
# Not those that start a process of their own: it would run the compiler without the mistake.
QUICK = ("tests/compiler/test_slots.py", "tests/compiler/test_dispatch.py", "tests/compiler/test_inheritance.py",
         "tests/compiler/test_libraries.py", "tests/compiler/test_transient.py", "tests/compiler/test_try_catch.py",
         "tests/compiler/test_tuples.py", "tests/compiler/test_using.py", "tests/compiler/test_refusals.py")  # fmt: skip
# What `near` may name beside a source of the corpus.
NEAR = {
    "deep_stack": "tests/differential/test_deep_stack.py",
    "dispatch": "tests/compiler/test_dispatch.py",
    "operand_order": "tests/compiler/test_operand_order.py",
    "evaluation": "tests/differential/test_evaluation_order.py",
    "cache": "tests/compiler/test_cache.py",
    "conditions": "tests/compiler/test_conditions.py",
    "tested": "tests/differential/test_tested_conditions.py",
}
os.environ.update(DIFFERENTIAL_SHRINK="0", PYTHONDONTWRITEBYTECODE="1")
sys.dont_write_bytecode = True
PYTEST = ("-x", "-q", "--no-header", "--tb=line", "-p", "no:ape_test", "-p", "no:randomly")
# Seconds of processor time for a stage, and for the last one; what takes longer hangs.
SLOWEST, LAST = 120, 1_500


class Verdict(NamedTuple):
    """`by` is the test that failed, or why the mistake was noticed without one; empty for a survivor."""

    seed: Seed
    by: str
    seconds: float


def stages(seed: Seed) -> list[list[str]]:
    """Arguments of pytest, the quickest likely killers first."""
    first = seed.near.split(" or ")[0]
    likely = [CORPUS, "-k", f"{first} and equals_the_optimized"]
    return [
        [NEAR[first]] if first in NEAR else likely,
        list(BORDERS),
        [CORPUS, "-k", f"({seed.near}) and not legacy and not layout"],
        list(QUICK),
        [CORPUS, "-k", "equals_the_optimized"],
        ["tests/differential", "tests/fuzz"],
    ]


def try_seed(seed: Seed, most: int = 6) -> Verdict:
    """Make the mistake, run the first `most` stages until one fails."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(
            ROOT / "compiler",
            Path(folder) / "compiler",
            ignore=shutil.ignore_patterns("__pycache__"),
        )
        path = Path(folder) / "compiler" / seed.file
        text = path.read_text()
        assert text.count(seed.old) == 1, seed
        path.write_text(text.replace(seed.old, seed.new))
        by = ""
        every = stages(seed)
        for arguments in every[:most]:
            by = _first_failure(folder, arguments, LAST if arguments is every[-1] else SLOWEST)
            if by:
                break
    return Verdict(seed, by, time.monotonic() - began)


def _first_failure(folder: str, arguments: list[str], seconds: int) -> str:
    """In a fork, which has all but the compiler loaded already."""
    with tempfile.TemporaryFile() as output:
        pid = os.fork()
        if not pid:
            _child(folder, arguments, output.fileno(), seconds)
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        output.seek(0)
        text = output.read().decode(errors="replace")
    if status in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        return ""
    if status in (-signal.SIGXCPU, -signal.SIGKILL):
        return "hangs"
    failed = [line for line in text.splitlines() if line.startswith(("FAILED", "ERROR"))]
    if not failed:
        raise RuntimeError(text[-2000:])
    return failed[0].split(" - ")[0]


def _child(folder: str, arguments: list[str], output: int, seconds: int) -> NoReturn:
    code = 99
    try:
        spent = int(time.process_time())
        resource.setrlimit(resource.RLIMIT_CPU, (spent + seconds, spent + seconds + 5))
        os.dup2(output, 1)
        os.dup2(output, 2)
        assert "compiler" not in sys.modules
        sys.path.insert(0, folder)  # before pytest puts the repository in front of everything
        import compiler

        assert (compiler.__file__ or "").startswith(folder)
        code = int(pytest.main([*PYTEST, *arguments]))
    finally:
        sys.stdout.flush()
        os._exit(code)
