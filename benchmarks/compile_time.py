"""Cold compile times: a new process each time, ours and the reference compiler's in turns."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence

from tests.contracts.build import ROOT, closure, read_sources
from tests.gas.table import render

REPEATS = int(os.environ.get("BENCHMARK_REPEATS", "5"))
TASKS = {
    "one lite file, examples/art.sol": ["examples/art.sol"],
    "FwUSD with its interfaces": ["contracts/tokens/FwUSD.sol"],
    "BountyFacet with its imports": ["contracts/facets/market/BountyFacet.sol"],
    "every contract": sorted(read_sources()),
}


def main() -> str:
    rows = []
    for name, paths in TASKS.items():
        sources = _sources(paths)
        lines = sum(text.count("\n") for text in sources.values())
        ours, theirs = alternate(lambda p=paths: _ours(p), lambda s=sources: _reference(s))
        rows.append(
            (name, len(sources), lines, _ms(ours), _ms(theirs), f"{_of(ours) / _of(theirs):.2f}")
        )
    headings = ("median of new processes", "files", "lines", "facetworks", "solc (npm)", "ratio")
    return render(f"Compile time, {REPEATS} runs each, best-median pair", headings, rows)


def alternate(
    ours: Callable[[], None], theirs: Callable[[], None]
) -> tuple[list[float], list[float]]:
    """Seconds of each run; taking turns, so that a busy moment hits both."""
    taken: tuple[list[float], list[float]] = ([], [])
    ours()  # the first run writes byte code
    for _ in range(REPEATS):
        for seconds, run in zip(taken, (ours, theirs), strict=True):
            start = time.perf_counter()
            run()
            seconds.append(time.perf_counter() - start)
    return taken


def _ours(paths: Sequence[str]) -> None:
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, "-m", "compiler", *paths, "--emit", "bytecode"]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, env=environment)


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
