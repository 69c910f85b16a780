"""The text of `.gas-snapshot`, made anew; lines are `Contract:operation_kind() (gas: N)`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from compiler import __version__
from tests.contracts import economy as economies
from tests.contracts.build import Artifact, build
from tests.contracts.economy import Economy
from tests.gas.measure import Gas, MeteredEvm, measure
from tests.gas.operations import OPERATIONS

PATH = Path(__file__).resolve().parents[2] / ".gas-snapshot"


def measurements(artifacts: Mapping[str, Artifact]) -> Iterator[tuple[str, Gas]]:
    """Every operation on an economy made of these artifacts."""
    chosen, economies.build = economies.build, lambda: artifacts  # type: ignore[assignment]
    try:
        evm = MeteredEvm()
        economy = Economy(evm)
    finally:
        economies.build = chosen
    for name, prepare in OPERATIONS.items():
        yield name, measure(evm, prepare(economy.fresh()))


def sizes(artifacts: Mapping[str, Artifact]) -> dict[str, int]:
    """Runtime bytes of every contract we ship."""
    shipped = {n: a for n, a in artifacts.items() if "/mocks/" not in a.path}
    return {name: len(shipped[name].runtime) for name in sorted(shipped)}


def snapshot() -> str:
    """The whole file, by our compiler at its defaults."""
    artifacts = build("facetworks")
    lines = [
        f"# SolidityLite {__version__}; first and cold: whole transactions, warm: execution only"
    ]
    for name, gas in sorted(measurements(artifacts)):
        lines += [f"{name}_{kind}() (gas: {value})" for kind, value in gas._asdict().items()]
    lines += [f"{name}:code_size() (bytes: {size})" for name, size in sizes(artifacts).items()]
    return "\n".join(lines) + "\n"


def changes(old: str, new: str) -> list[str]:
    """One line for each number that differs."""
    before, after = _numbers(old), _numbers(new)
    found = []
    for name in sorted({*before, *after}):
        a, b = before.get(name), after.get(name)
        if a == b:
            continue
        share = f" ({(b - a) / a:+.1%})" if a and b else ""
        found.append(
            f"{name}: {a if a is not None else 'new'} -> {b if b is not None else 'gone'}{share}"
        )
    return found


def _numbers(text: str) -> dict[str, int]:
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    pairs = (line.rstrip(")").rsplit(": ", 1) for line in lines)
    return {name.rsplit(" (", 1)[0]: int(value) for name, value in pairs}
