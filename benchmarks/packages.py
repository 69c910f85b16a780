"""Contracts made of OpenZeppelin and Solady: ours beside both pipelines of solc, optimized for 1,000,000 runs.

The same messages, made up once, go to all three builds; a function's gas is that of all messages to it that
succeed. The reference is whichever pipeline is cheaper for that function, or makes the smaller code.
"""

from __future__ import annotations

import sys

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from benchmarks.ratios import RUNS, PricedEvm, Ratio, Spent, board, ratio
from harness.chain.evm import DEFAULT_SENDER
from tests.differential.builds import Pair
from tests.differential.messages import canonical, encoded, messages
from tests.differential.twins import Message
from tests.packages.sources import build, scenarios

EXAMPLES = 15

Sequence = tuple[bytes, list[Message]]


def main() -> str:
    ratios: list[Ratio] = []
    sizes: dict[str, float] = {}
    for scenario in scenarios():
        print(f"  {scenario.parent.name}/{scenario.stem}", file=sys.stderr, flush=True)
        pairs = zip(
            build(scenario, via_ir=False, runs=RUNS), build(scenario, runs=RUNS), strict=True
        )
        for legacy, newer in pairs:
            found = _ratios(legacy, newer)
            if found:
                smaller = min(len(legacy.their_runtime), len(newer.their_runtime))
                sizes[found[0].contract] = len(newer.our_runtime) / smaller
                ratios += found
    title = "Execution gas and size, ours over the better of solc's two pipelines (geometric means over functions)"
    return board(title, ratios, sizes)


def _ratios(legacy: Pair, newer: Pair) -> list[Ratio]:
    """Every function of a contract that a message reached."""
    names = {_selector(e): e["name"] for e in newer.abi if e["type"] == "function"}
    sequences = _sequences(newer)
    bills = [_run(code, sequences) for code in (newer.ours, legacy.theirs, newer.theirs)]
    sums: dict[str, list[Spent]] = {}
    for messages_ in zip(*bills, strict=True):
        selector = messages_[0][0]
        costs = [spent for _, spent in messages_ if spent is not None]
        if len(costs) < len(bills) or selector not in names:
            continue
        before = sums.get(names[selector], [Spent(0, 0)] * len(bills))
        sums[names[selector]] = [a + b for a, b in zip(before, costs, strict=True)]
    contract = newer.name.rpartition(":")[2]
    return [ratio(contract, name, mine, others) for name, (mine, *others) in sums.items()]


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
        evm = PricedEvm()
        evm.fund(DEFAULT_SENDER, 10**30)
        address = evm.deploy(code + arguments).created
        for message in sequence if address is not None else ():
            evm.timestamp += message.seconds
            if message.value:
                evm.fund(message.sender, 10**30)
            outcome = evm.call(address, message.data, sender=message.sender, value=message.value)
            found.append((message.data[:4], evm.paid if outcome.success else None))
    return found


def _selector(entry: dict[str, object]) -> bytes:
    from compiler.evm.keccak import selector

    inputs = entry["inputs"]
    assert isinstance(inputs, list)
    signature = f"{entry['name']}({','.join(canonical(i) for i in inputs)})"
    return selector(signature).to_bytes(4, "big")


if __name__ == "__main__":
    print(main())
