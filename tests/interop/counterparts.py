"""Who is tried: each counterpart with the command that its users would run."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from harness.devnet.market import Market
from tests.interop.environments import environment
from tests.interop.openai_scenario import NODE_CLIENT, PYTHON_CLIENT, check, run

SECONDS = 120


@dataclass(frozen=True)
class Target:
    """What may be asked: the market, and a route of ours that is paid."""

    market: Market
    paid_url: str


@dataclass(frozen=True)
class Counterpart:
    """`attempt` returns the version that was tried. It raises AssertionError, or NoPython when it cannot run here."""

    name: str
    covers: str
    attempt: Callable[[Target], str]


def _openai(command: list[str], target: Target) -> str:
    seen = run(command, target.market.base_url)
    check(seen)
    return str(seen["version"])


def _openai_node(target: Target) -> str:
    return _openai(["node", str(NODE_CLIENT)], target)


def _openai_present(target: Target) -> str:
    return _openai([sys.executable, str(PYTHON_CLIENT)], target)


def _openai_2(target: Target) -> str:
    programs = environment("openai-2.lock", (3, 11))
    version = _openai([str(programs / "python"), str(PYTHON_CLIENT)], target)
    assert version.startswith("2."), version
    return version


def _x402conf(target: Target) -> str:
    program = environment("x402-conformance.lock", (3, 11)) / "x402conf"
    _clean(program, "resource", "--fail-on-error", target.paid_url)
    _clean(program, "live", "--fail-on-error", target.market.facilitator)
    return _version(program)


def _x402lint(target: Target) -> str:
    program = environment("x402lint.lock", (3, 12)) / "x402lint"
    _clean(program, "check", "--no-color", target.paid_url)
    # Its list of schemes ends before ours: `vault` is an extension, and it is right to wonder.
    said = _run(program, "facilitator", target.market.facilitator)
    lines = [
        line for line in said.stdout.splitlines() if line.startswith(("WARN", "FAIL", "ERROR"))
    ]
    wrong = [line for line in lines if "unrecognised scheme 'vault'" not in line]
    assert "v2  exact" in said.stdout and not wrong, said.stdout + said.stderr
    return _version(program)


def _clean(program: Path, *words: str) -> str:
    """What it printed; AssertionError with that when it is not content."""
    done = _run(program, *words)
    assert done.returncode == 0, f"{program.name} {words[0]}: {done.stdout}{done.stderr}"
    return done.stdout


def _run(program: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(program), *words], capture_output=True, text=True, timeout=SECONDS)


def _version(program: Path) -> str:
    return _clean(program, "--version").split()[-1]


_OPENAI = "chat, stream, tools, errors, budget, usage, models"
COUNTERPARTS = (
    Counterpart("openai-node", _OPENAI, _openai_node),
    Counterpart("openai-python", _OPENAI, _openai_present),
    Counterpart("openai-python 2", _OPENAI, _openai_2),
    Counterpart("x402conf", "a paid route, the facilitator", _x402conf),
    Counterpart("x402lint", "a paid route, the facilitator", _x402lint),
)
