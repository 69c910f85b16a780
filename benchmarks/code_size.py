"""Runtime size of every contract, ours beside the reference compiler's (via-IR, 200 runs)."""

from __future__ import annotations

from tests.contracts.build import build
from tests.gas.snapshot import sizes
from tests.gas.table import render


def main() -> str:
    ours, theirs = sizes(build("facetworks")), sizes(build("solc"))
    rows = [(name, ours[name], theirs[name], f"{ours[name] / theirs[name]:.2f}") for name in ours]
    total, other = sum(ours.values()), sum(theirs.values())
    rows.append(("all", total, other, f"{total / other:.2f}"))
    return render("Runtime code, bytes", ("contract", "facetworks", "solc via-IR", "ratio"), rows)


if __name__ == "__main__":
    print(main())
