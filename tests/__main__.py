"""All the tests: `python -m tests [STEP...]`, some steps at a time, with a summary at the end.

Each step is a command of its own, so a step that hangs or crashes cannot take the others' results
with it. A failed step's whole output is printed; exit status 0 when every step passed, 1 when one
failed, 2 for an unknown step, 130 when interrupted.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parents[1]
PYTHON = sys.executable
PYTEST = (PYTHON, "-m", "pytest", "-q", "-rs", "--tb=short", "-p", "no:ape_test")
APE = (str(Path(PYTHON).parent / "ape"), "test", "tests/ape", "-q", "--network")
# One more than two processors: the services' tests wait for sockets and processes about as often as they compute.
PARALLEL = int(os.environ.get("TEST_JOBS", str(min(2, os.cpu_count() or 1) + 1)))
REPORT_EVERY = 20  # seconds

# Long steps first: the lanes then end at about the same time.
STEPS: dict[str, tuple[str, ...]] = {
    "lint": (PYTHON, "-m", "ruff", "check", "--quiet", "."),
    "format": (PYTHON, "-m", "ruff", "format", "--check", "--quiet", "."),
    "types": (PYTHON, "-m", "mypy"),
    "differential": (*PYTEST, "tests/differential"),
    "contracts": (
        *PYTEST,
        "tests/contracts",
        "tests/gas",
        "tests/layout",
        "tests/mutation",
        "tests/analysis",
    ),
    "harness": (*PYTEST, "tests/harness"),
    "services": (
        *PYTEST,
        *map(str, sorted((ROOT / "tests" / "services").glob("test_*.py"))),
        "tests/services/indexer",
        "tests/services/confidential",
        "tests/services/permit2",
        "tests/fuzz_http",
    ),
    "market": (
        *PYTEST,
        "tests/services/consumer",
        "tests/services/operator",
        "tests/crash",
        "tests/load",
        "tests/faults",
    ),
    "halo": (
        *PYTEST,
        "tests/services/relay",
        "tests/services/inference",
        "tests/devnet",
        "tests/cli",
    ),
    "invariants": (*PYTEST, "-s", "tests/invariants"),
    "compiler": (*PYTEST, "tests/compiler", "tests/conformance", "tests/reference"),
    "fir": (*PYTEST, "tests/fir"),
    "programs": (
        *PYTEST,
        "tests/packages",
        "tests/fuzz",
        "tests/altered",
        "tests/ast",
        "tests/tools",
    ),
    "repository": (*PYTEST, "tests/architecture"),
    "ape-embedded": (*APE, "ethereum:local:test"),
    "ape-anvil": (*APE, "ethereum:local:foundry"),
}
# A test that leaves itself out says why. What `make test` installs must not be the reason.
SKIPPED = re.compile(r"^SKIPPED \[\d+\] (.*)$", re.MULTILINE)
OURS_TO_INSTALL = ("anvil", "node", "npm", "solc", "slither", "ape", "pyrevm", "forge")
COUNTS = re.compile(r"(\d+) (passed|failed|skipped|error|errors|xfailed|xpassed)\b")


@dataclass
class Running:
    """A started step and where its output goes."""

    name: str
    process: subprocess.Popen[bytes]
    output: IO[bytes]
    began: float = field(default_factory=time.monotonic)

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.began

    def text(self) -> str:
        self.output.seek(0)
        return self.output.read().decode(errors="replace")


@dataclass
class Finished:
    """What a step came to."""

    name: str
    passed: bool
    seconds: float
    counts: dict[str, int]


def main(names: list[str]) -> int:
    unknown = [name for name in names if name not in STEPS]
    if unknown:
        print(f"unknown step {unknown[0]!r}; choose from: {', '.join(STEPS)}", file=sys.stderr)
        return 2
    waiting = names or list(STEPS)
    running: list[Running] = []
    finished: list[Finished] = []
    try:
        run_all(waiting, running, finished)
    except KeyboardInterrupt:
        for step in running:
            os.killpg(step.process.pid, signal.SIGTERM)
        print("\ninterrupted; running steps were stopped", file=sys.stderr)
        return 130
    return summary(finished)


def run_all(waiting: list[str], running: list[Running], finished: list[Finished]) -> None:
    """Keep PARALLEL steps going until none is left."""
    total, told = len(waiting), time.monotonic()
    while waiting or running:
        while waiting and len(running) < PARALLEL:
            running.append(start(waiting.pop(0)))
        time.sleep(0.1)
        for step in [s for s in running if s.process.poll() is not None]:
            running.remove(step)
            finished.append(finish(step))
            report(finished[-1], step, f"{len(finished)}/{total}")
            told = time.monotonic()
        if running and time.monotonic() - told > REPORT_EVERY:
            names = ", ".join(f"{s.name} ({s.seconds:.0f} s)" for s in running)
            print(f"        running: {names}", flush=True)
            told = time.monotonic()


def start(name: str) -> Running:
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPATH"] = str(ROOT)
    environment.setdefault("FACETWORKS_BUILD_CACHE", str(ROOT / ".cache" / "builds"))
    # Models keep sets, whose order is part of what a machine draws: a failure must come again.
    environment.setdefault("PYTHONHASHSEED", "0")
    output = tempfile.TemporaryFile()  # noqa: SIM115 - closed when the step is reported
    process = subprocess.Popen(
        STEPS[name], cwd=ROOT, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
        env=environment, start_new_session=True,
    )  # fmt: skip
    return Running(name, process, output)


def finish(step: Running) -> Finished:
    counts: dict[str, int] = {}
    lines = [line for line in step.text().splitlines() if COUNTS.search(line)]
    for number, word in COUNTS.findall(lines[-1] if lines else ""):
        counts[word.rstrip("s") if word == "errors" else word] = int(number)
    unproven = [reason for reason in skips(step) if any(w in reason for w in OURS_TO_INSTALL)]
    passed = step.process.returncode == 0 and not unproven
    return Finished(step.name, passed, step.seconds, counts)


def skips(step: Running) -> list[str]:
    """Why tests were left out, without the place each stands at."""
    return [line.partition(": ")[2] for line in SKIPPED.findall(step.text())]


def report(result: Finished, step: Running, place: str) -> None:
    """One line for a step that passed; everything for one that did not."""
    text = step.text()
    step.output.close()
    told = ", ".join(f"{number} {word}" for word, number in result.counts.items())
    state = "ok    " if result.passed else "FAILED"
    print(f"[{place:>5}] {state} {result.name:<13} {result.seconds:6.1f} s  {told}", flush=True)
    for line in text.splitlines():
        if line.startswith("differential:") or re.match(r"\w+Machine: |\w+Rules: ", line):
            print(f"        {line}", flush=True)
    for line in SKIPPED.findall(text):
        print(f"        left out: {line}", flush=True)
    if not result.passed:
        print(text, flush=True)


def summary(finished: list[Finished]) -> int:
    totals: dict[str, int] = {}
    for step in finished:
        for word, number in step.counts.items():
            totals[word] = totals.get(word, 0) + number
    failed = [step.name for step in finished if not step.passed]
    told = ", ".join(f"{totals[word]} {word}" for word in sorted(totals))
    print(f"\n{len(finished)} steps, {told or 'no tests counted'}")
    print(f"FAILED: {', '.join(failed)}" if failed else "all passed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
