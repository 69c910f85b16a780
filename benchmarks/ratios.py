"""Gas of functions, ours over the reference's, and the board that shows it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import exp, log
from typing import NamedTuple

from harness.chain.evm import Outcome
from tests.gas.anatomy import DissectingEvm
from tests.gas.table import render

HEADINGS = ("contract", "functions", "gas", "opcodes", "size", "dearer")
RUNS = 1_000_000
"""What the reference compiler is told to optimize for."""


class Spent(NamedTuple):
    """Gas of a message: its execution, without the transaction around it and before refunds, and the plain
    opcodes in that, which are what a compiler can do something about."""

    execution: int
    opcodes: int

    def __add__(self, other: object) -> Spent:
        assert isinstance(other, Spent)
        return Spent(self.execution + other.execution, self.opcodes + other.opcodes)


class Ratio(NamedTuple):
    """One function, ours over the cheaper of the reference's builds."""

    contract: str
    function: str
    execution: float
    opcodes: float


class PricedEvm(DissectingEvm):
    """`paid` is what the last message cost."""

    paid = Spent(0, 0)

    def call(self, *arguments: object, **named: object) -> Outcome:
        before = self.spent["opcodes"]
        outcome = super().call(*arguments, **named)  # type: ignore[arg-type]
        self.paid = Spent(outcome.gas_used, self.spent["opcodes"] - before)
        return outcome


def ratio(contract: str, function: str, ours: Spent, others: Iterable[Spent]) -> Ratio:
    theirs = list(others)
    execution = ours.execution / min(other.execution for other in theirs)
    return Ratio(contract, function, execution, ours.opcodes / min(o.opcodes for o in theirs))


def mean(ratios: Iterable[float]) -> float:
    """The geometric mean."""
    logs = [log(value) for value in ratios]
    return exp(sum(logs) / len(logs))


def board(title: str, ratios: list[Ratio], sizes: Mapping[str, float]) -> str:
    """A row for each contract of `sizes`, one for all, and the ten functions that are worst."""
    rows = []
    for contract, size in sizes.items():
        mine = [r for r in ratios if r.contract == contract]
        if mine:
            rows.append(_row(contract, mine, size))
    rows.append(_row("all", ratios, mean(sizes.values())))
    worst = sorted(ratios, key=lambda r: -r.execution)[:10]
    listed = [
        (f"{r.contract}.{r.function}", f"{r.execution:.3f}", f"{r.opcodes:.2f}") for r in worst
    ]
    return (
        render(title, HEADINGS, rows)
        + "\n\n"
        + render("Worst ten", ("function", "gas", "opcodes"), listed)
    )


def _row(name: str, ratios: list[Ratio], size: float) -> tuple[object, ...]:
    execution, opcodes = mean(r.execution for r in ratios), mean(r.opcodes for r in ratios)
    dearer = sum(r.execution > 1 for r in ratios)
    return name, len(ratios), f"{execution:.3f}", f"{opcodes:.2f}", f"{size:.2f}", dearer
