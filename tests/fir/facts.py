"""Which masks, comparisons and checks were left out and why, and whether the reasons hold when programs run.

The reason is always what the compiler says of a value's bits (`ir/bits.py`), or that two addresses of storage are
different words (`analysis/slots.py`). Both are said of every value of every stage, whether something was left out for
it or not, and held against whatever the machine computes.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

from compiler import CompileOptions
from compiler.analysis.slots import may_alias
from compiler.evm.words import MASK
from compiler.ir import builder
from compiler.ir.bits import known_bits
from compiler.ir.values import Function, Value
from compiler.passes import value_numbering
from tests.fir.chain import FirEvm
from tests.fir.machine import Claims
from tests.fir.recording import Build
from tests.fir.traces import drawn, trace

CLAIMS = Claims(known_bits, may_alias)
_LEAVES_OUT = ("and", "or", "lt", "gt", "slt", "signextend", "shr", "iszero")


class Removal(NamedTuple):
    """`what` was left out of a function for `left`; `facts` are the bits its operands were said to have. Of a check
    it is the condition that came to nothing."""

    function: str
    what: str
    left: str
    facts: tuple[str, ...]

    def told(self) -> str:
        """One line."""
        because = f" because {', '.join(self.facts)}" if self.facts else ""
        return f"{self.function}: {self.what} -> {self.left}{because}"


class Log:
    """What was left out while it was open."""

    def __init__(self) -> None:
        self.removals: list[Removal] = []

    def simplified(
        self, known: Callable[..., Value | None], function: Function, op: str, args: Any, emit: Any
    ) -> Value | None:
        """As the compiler's, and written down where it rests on bits."""
        found = known(function, op, args, emit)
        facts = tuple(
            f"{arg!r} fits {known_bits(arg):#x}"
            for arg in args
            if arg.op != "const" and known_bits(arg) != MASK
        )
        if found is not None and op in _LEAVES_OUT and facts:
            what = f"{op}({', '.join(map(repr, args))})"
            self.removals.append(Removal(function.name, what, repr(found), facts))
        return found


@contextmanager
def opened() -> Iterator[Log]:
    """Everything built meanwhile is written down."""
    log, plain = Log(), builder.simplified

    def noted(function: Function, op: str, args: Any, emit: Any) -> Value | None:
        return log.simplified(plain, function, op, args, emit)

    places = (builder, value_numbering)
    for place in places:
        place.simplified = noted  # type: ignore[attr-defined]
    try:
        yield log
    finally:
        for place in places:
            place.simplified = plain  # type: ignore[attr-defined]


def checks(build: Build) -> list[Removal]:
    """The guards that a pass left out, or joined with others."""
    found = []
    for step in build.steps:
        before, after = (
            [
                line.partition(" : ")[2]
                for line in text.splitlines()
                if "guard " in line or "fail" in line
            ]
            for text in (step.before, step.after)
        )
        for reason in sorted(set(before)):
            gone = before.count(reason) - after.count(reason)
            if gone > 0 and step.name != "inlining":
                found.append(Removal(step.function, f"{gone} x guard : {reason}", step.name, ()))
    return found


class Held(NamedTuple):
    """How many removals were written down, and how often a claim was held against a word."""

    removals: list[Removal]
    stages: int
    checked: int


def held(
    sources: Mapping[str, str], options: CompileOptions, *, scripts: int = 2, most: int = 8
) -> Held:
    """Raises FactError where a claim does not hold on random messages, at any stage."""
    with opened() as log:
        build = Build(sources, copy.copy(options))
    stages = checked = 0
    for contract in build.contracts.values():
        if not contract.creation.code or contract.creation.links:
            continue
        for script in drawn(contract.abi, 1, scripts, most):
            for point in build.behind_each_pass():
                evm = FirEvm(build.at(point), CLAIMS)
                trace(evm, contract.bytecode, script)
                stages += 1
                checked += sum(machine.checked for machine in evm.machines)
    return Held([*log.removals, *checks(build)], stages, checked)
