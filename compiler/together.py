"""One build by two processes: both read everything, and each makes the code of the contracts it takes.

Four fifths of a large build is code, contract by contract. The numbers of the contracts wait in a pipe, and
whoever is free takes the next one, so nobody waits for the other but at the end. Contracts come in the same order in both,
and the code of a contract depends on its sources and the options alone: who makes it changes nothing.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Mapping
from typing import IO

from compiler.artifact import Compilation, CompiledContract
from compiler.diagnostics.errors import CompileError, Diagnostic
from compiler.imports import SourceLoader
from compiler.options import CompileOptions
from compiler.pipeline import compile_units

ENOUGH = 200_000  # characters; smaller builds are done before a second process has started
_NUMBER = 2  # bytes; reads of so few from a pipe are never torn
_MOST = 8_192  # contracts; all their numbers must fit into the pipe at once

Made = tuple[dict[str, CompiledContract], list[Diagnostic]]


def compile_shared(
    entries: list[str],
    given: Mapping[str, str],
    options: CompileOptions,
    emit: frozenset[str],
    loader: SourceLoader,
    jobs: int,
) -> Compilation:
    """`compile_units`, by two processes where more `jobs` than one are allowed and the build is large. It is not
    shared when something about it is bound to this process, or read from files that may change meanwhile."""
    alone = emit or options.allowed_roots or options.timing or options.time_limit
    large = sum(map(len, given.values())) >= ENOUGH
    if jobs > 1 and os.name == "posix" and large and not alone:
        return compile_together(entries, given, options, loader)
    return compile_units(entries, given, options, emit, loader=loader)


def compile_together(
    entries: list[str], given: Mapping[str, str], options: CompileOptions, loader: SourceLoader
) -> Compilation:
    """What `compile_units` makes. Raises what it raises: where something is wrong, one process does it all again."""
    numbers, writing = os.pipe()
    try:
        os.write(writing, b"".join(n.to_bytes(_NUMBER, "big") for n in range(_MOST)))
        helper = _start(numbers, (entries, dict(given), options))
        claims = Claims(numbers)
        try:
            ours = compile_units(entries, given, options, frozenset(), claims, loader=loader)
        except CompileError:
            if not claims.taken:
                raise  # before any code: the helper found the same
            return compile_units(entries, given, options, frozenset(), loader=loader)
        finally:
            theirs = _finish(helper, wanted=sys.exc_info()[0] is None)
    finally:
        os.close(numbers)
        os.close(writing)
    if theirs is None:
        return compile_units(entries, given, options, frozenset(), loader=loader)
    return _joined(ours, theirs)


class Claims:
    """Which contracts are ours, asked in the order of the build: the next number in the pipe, until it is reached."""

    def __init__(self, numbers: int) -> None:
        self.taken: list[str] = []
        self._numbers = numbers
        self._asked = 0
        self._next: int | None = None

    def __call__(self, path: str, name: str) -> bool:
        if self._next is None:
            self._next = int.from_bytes(os.read(self._numbers, _NUMBER), "big")
        ours = self._next == self._asked
        self._asked += 1
        if self._asked > _MOST:
            raise AssertionError(f"more than {_MOST} contracts in one build")
        if ours:
            self._next = None
            self.taken.append(f"{path}:{name}")
        return ours


def _start(numbers: int, work: object) -> subprocess.Popen[bytes]:
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    helper = subprocess.Popen(
        [sys.executable, "-c", "from compiler.together import help_once; help_once()", str(numbers)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, pass_fds=(numbers,),
        env={**os.environ, "PYTHONPATH": os.pathsep.join([root, *filter(None, [os.environ.get("PYTHONPATH")])])},
    )  # fmt: skip
    assert helper.stdin is not None
    try:
        pickle.dump(work, helper.stdin)
        helper.stdin.close()
    except BrokenPipeError:
        pass  # it did not start; `_finish` sees that
    return helper


def _finish(helper: subprocess.Popen[bytes], wanted: bool) -> Made | None:
    """What the helper made, or None when it failed; one that nobody wants is stopped."""
    if not wanted:
        helper.kill()
    assert helper.stdout is not None
    with helper.stdout:
        answer = helper.stdout.read()
    if helper.wait() != 0 or not wanted:
        return None
    try:
        made: Made = pickle.loads(answer)
    except (
        Exception
    ):  # something else wrote to its output; bytes that are no pickle fail in any way
        return None
    return made


def _joined(ours: Compilation, theirs: Made) -> Compilation:
    contracts, diagnostics = theirs
    ours.contracts.update(contracts)
    known = {_text(d) for d in ours.diagnostics}
    more = [d for d in diagnostics if _text(d) not in known]
    ours.diagnostics = sorted([*ours.diagnostics, *more], key=lambda d: d.span or (0, 0))
    return ours


def _text(diagnostic: Diagnostic) -> tuple[object, ...]:
    return (diagnostic.code, diagnostic.message, diagnostic.span)


def help_once() -> None:
    """The second process: work comes as a pickle from the process that started it, the answer goes back as one."""
    source: IO[bytes] = sys.stdin.buffer
    entries, given, options = pickle.load(source)
    claims = Claims(int(sys.argv[1]))
    made = compile_units(entries, given, options, frozenset(), claims)
    answer: Made = ({name: made.contracts[name] for name in claims.taken}, made.diagnostics)
    pickle.dump(answer, sys.stdout.buffer)
