"""Compile times: a new process each time, ours and the reference compiler's in turns.

Cold: everything is made. Again: the same command finds its result in a folder (`--cache`), which the reference
compiler has nothing like."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.contracts.build import ROOT, closure, read_sources
from tests.gas.table import render

REPEATS = int(os.environ.get("BENCHMARK_REPEATS", "5"))
TASKS = {
    "one lite file, examples/art.sol": ["examples/art.sol"],
    "FwUSD with its interfaces": ["contracts/tokens/FwUSD.sol"],
    "BountyFacet with its imports": ["contracts/facets/market/BountyFacet.sol"],
    "every contract": sorted(read_sources()),
}
PACKAGE = ROOT / "node_modules" / "@openzeppelin" / "contracts"


def main() -> str:
    rows = [_row(name, paths, _sources(paths)) for name, paths in TASKS.items()]
    every = TASKS["every contract"]
    with tempfile.TemporaryDirectory() as folder:
        again = alternate(lambda: _ours(every, ROOT, "--cache", folder), None)[0]
    cold = rows[-1]
    rows.append(("  again, from a folder", *cold[1:3], _ms(again), "", ""))
    package = {
        str(path.relative_to(PACKAGE.parents[1])): path.read_text()
        for path in sorted(PACKAGE.rglob("*.sol"))
    }
    rows.append(_row("OpenZeppelin's whole package", sorted(package), package, PACKAGE.parents[1]))
    headings = ("median of new processes", "files", "lines", "facetworks", "solc (npm)", "ratio")
    return render(f"Compile time, {REPEATS} runs each, best-median pair", headings, rows)


def _row(
    name: str, paths: Sequence[str], sources: dict[str, str], base: Path = ROOT
) -> tuple[object, ...]:
    lines = sum(text.count("\n") for text in sources.values())
    ours, theirs = alternate(lambda: _ours(paths, base), lambda: _reference(sources))
    return name, len(sources), lines, _ms(ours), _ms(theirs), f"{_of(ours) / _of(theirs):.2f}"


def alternate(
    ours: Callable[[], None], theirs: Callable[[], None] | None
) -> tuple[list[float], list[float]]:
    """Seconds of each run; taking turns, so that a busy moment hits both."""
    taken: tuple[list[float], list[float]] = ([], [])
    ours()  # the first run writes byte code, and what is kept
    for _ in range(REPEATS):
        for seconds, run in zip(taken, (ours, theirs), strict=True):
            if run is None:
                continue
            start = time.perf_counter()
            run()
            seconds.append(time.perf_counter() - start)
    return taken


def _ours(paths: Sequence[str], base: Path, *flags: str) -> None:
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPATH"] = str(ROOT)
    command = [sys.executable, "-m", "compiler", *paths, "--emit", "bytecode", *flags]
    subprocess.run(command, cwd=base, check=True, capture_output=True, env=environment)


def _reference(sources: dict[str, str]) -> None:
    request = {
        "language": "Solidity",
        "sources": {path: {"content": text} for path, text in sources.items()},
        "settings": {
            "viaIR": True,
            "optimizer": {"enabled": True, "runs": 200},
            "outputSelection": {"*": {"*": ["evm.bytecode.object"]}},
        },
    }
    command = ["node", "tests/oracle/solc.js"]
    text = json.dumps(request) + "\n"
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, input=text, text=True)


def _sources(paths: Sequence[str]) -> dict[str, str]:
    known = read_sources()
    known["examples/art.sol"] = _twin("examples/art.sol")
    found: dict[str, str] = {}
    for path in paths:
        found |= closure(path, known)
    return found


def _twin(path: str) -> str:
    """The reference compiler does not know the keyword `facet`."""
    command = [sys.executable, "-m", "compiler", path, "--emit", "twin"]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout


def _of(seconds: list[float]) -> float:
    return statistics.median(seconds)


def _ms(seconds: list[float]) -> str:
    return f"{1000 * _of(seconds):.0f} ms"


if __name__ == "__main__":
    print(main())
