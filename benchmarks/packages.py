"""Contracts made of OpenZeppelin and Solady: ours beside both pipelines of solc, optimized for 1,000,000 runs.

The same messages, made up once, go to all three builds. Per function: the gas of all messages that succeed, each
as a transaction of its own, and the part of it that a compiler can do something about (plain opcodes). The
reference is whichever pipeline is cheaper for that function, or makes the smaller code.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from math import exp, log
from typing import NamedTuple

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from harness.chain.evm import DEFAULT_SENDER
from tests.differential.builds import Pair
from tests.differential.messages import canonical, encoded, messages
from tests.differential.twins import Message
from tests.gas.anatomy import DissectingEvm
from tests.gas.table import render
from tests.packages.sources import build, scenarios

RUNS = 1_000_000
EXAMPLES = 15
HEADINGS = ("contract", "functions", "gas", "opcodes", "size", "dearer")


class Spent(NamedTuple):
    """Gas of one message, and the plain opcodes in it."""

    total: int
    opcodes: int


class Ratio(NamedTuple):
    """One function, ours over the cheaper pipeline's."""

    name: str
    total: float
    opcodes: float


Sequence = tuple[bytes, list[Message]]


def main() -> str:
    every: list[Ratio] = []
    rows: list[tuple[object, ...]] = []
    sizes: list[float] = []
    for scenario in scenarios():
        print(f"  {scenario.parent.name}/{scenario.stem}", file=sys.stderr, flush=True)
        pairs = zip(
            build(scenario, via_ir=False, runs=RUNS), build(scenario, runs=RUNS), strict=True
        )
        for legacy, newer in pairs:
            ratios = _ratios(legacy, newer)
            if not ratios:
                continue
            smaller = min(len(legacy.their_runtime), len(newer.their_runtime))
            sizes.append(len(newer.our_runtime) / smaller)
            every += ratios
            rows.append(_row(newer.name.rpartition(":")[2], ratios, sizes[-1]))
    rows.append(_row("all", every, _mean(sizes)))
    worst = sorted(every, key=lambda ratio: -ratio.total)[:10]
    listed = [(ratio.name, f"{ratio.total:.3f}", f"{ratio.opcodes:.2f}") for ratio in worst]
    title = "Gas and size, ours over the better of solc's two pipelines (geometric means over functions)"
    return (
        render(title, HEADINGS, rows)
        + "\n\n"
        + render("Worst ten", ("function", "gas", "opcodes"), listed)
    )


def _row(name: str, ratios: list[Ratio], size: float) -> tuple[object, ...]:
    total, opcodes = _mean([r.total for r in ratios]), _mean([r.opcodes for r in ratios])
    dearer = sum(r.total > 1 for r in ratios)
    return name, len(ratios), f"{total:.3f}", f"{opcodes:.2f}", f"{size:.2f}", dearer


def _mean(ratios: list[float]) -> float:
    return exp(sum(map(log, ratios)) / len(ratios))


def _ratios(legacy: Pair, newer: Pair) -> list[Ratio]:
    """Every function of a contract that a message reached."""
    names = {_selector(e): e["name"] for e in newer.abi if e["type"] == "function"}
    sequences = _sequences(newer)
    ours, first, second = (
        _run(code, sequences) for code in (newer.ours, legacy.theirs, newer.theirs)
    )
    sums: dict[str, list[list[int]]] = defaultdict(lambda: [[0, 0], [0, 0], [0, 0]])
    for (selector, mine), (_, one), (_, other) in zip(ours, first, second, strict=True):
        if mine is None or one is None or other is None or selector not in names:
            continue
        for at, spent in enumerate((mine, one, other)):
            sums[names[selector]][at][0] += spent.total
            sums[names[selector]][at][1] += spent.opcodes
    contract = newer.name.rpartition(":")[2]
    return [
        Ratio(f"{contract}.{name}", *(mine[at] / min(one[at], other[at]) for at in (0, 1)))
        for name, (mine, one, other) in sums.items()
    ]


def _sequences(pair: Pair) -> list[Sequence]:
    """The same ones each time, for a contract's ABI."""
    constructor = next((e for e in pair.abi if e["type"] == "constructor"), {"inputs": []})
    found: list[Sequence] = []

    @settings(
        max_examples=EXAMPLES, deadline=None, database=None, derandomize=True,
        suppress_health_check=list(HealthCheck), phases=[Phase.generate],
    )  # fmt: skip
    @given(
        arguments=encoded(constructor["inputs"]),
        sequence=st.lists(messages(pair.abi), min_size=5, max_size=25),
    )
    def collect(arguments: bytes, sequence: list[Message]) -> None:
        found.append((arguments, sequence))

    collect()
    return found


def _run(code: bytes, sequences: list[Sequence]) -> list[tuple[bytes, Spent | None]]:
    """(selector, what it cost) of every message; None where it reverted."""
    found: list[tuple[bytes, Spent | None]] = []
    for arguments, sequence in sequences:
        evm = DissectingEvm()
        evm.fund(DEFAULT_SENDER, 10**30)
        address = evm.deploy(code + arguments).created
        for message in sequence:
            evm.timestamp += message.seconds
            if message.value:
                evm.fund(message.sender, 10**30)
            before = evm.spent["opcodes"]
            outcome = None
            if address is not None:
                outcome = evm.call(
                    address, message.data, sender=message.sender, value=message.value
                )
            worked = outcome is not None and outcome.success
            spent = (
                Spent(outcome.transaction_gas, evm.spent["opcodes"] - before) if worked else None
            )  # type: ignore[union-attr]
            found.append((message.data[:4], spent))
    return found


def _selector(entry: dict[str, object]) -> bytes:
    from compiler.evm.keccak import selector

    inputs = entry["inputs"]
    assert isinstance(inputs, list)
    signature = f"{entry['name']}({','.join(canonical(i) for i in inputs)})"
    return selector(signature).to_bytes(4, "big")


if __name__ == "__main__":
    print(main())
