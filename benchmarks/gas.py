"""Gas of every recorded operation, ours beside the same contracts compiled by the reference compiler.

A whole transaction hides the compiler behind storage writes and signatures, so the warm column, which
is execution only, is where the two differ most.
"""

from __future__ import annotations

from tests.contracts.build import build
from tests.gas.measure import Gas
from tests.gas.snapshot import measurements
from tests.gas.table import render


def main() -> str:
    ours = dict(measurements(build("facetworks")))
    theirs = dict(measurements(build("solc")))
    rows = [_row(name, mine, theirs[name]) for name, mine in ours.items()]
    rows.append(_row("all", _sum(ours.values()), _sum(theirs.values())))
    headings = ("operation", "cold", "solc", "ratio", "warm", "solc", "ratio")
    return render("Gas (cold: whole transaction; warm: execution only)", headings, rows)


def _row(name: str, mine: Gas, yours: Gas) -> tuple[object, ...]:
    cold, warm = f"{mine.cold / yours.cold:.3f}", f"{mine.warm / yours.warm:.3f}"
    return name, mine.cold, yours.cold, cold, mine.warm, yours.warm, warm


def _sum(all_: object) -> Gas:
    return Gas(*(sum(column) for column in zip(*all_, strict=True)))  # type: ignore[call-overload]


if __name__ == "__main__":
    print(main())
