"""Random message sequences to both builds of one contract."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from harness.chain.evm import DEFAULT_SENDER
from harness.protocol.addresses import address_bytes, create_address
from tests.differential.builds import Pair
from tests.differential.messages import encoded, messages, selector_of
from tests.differential.twins import Difference, Message, Twins

FIRST = address_bytes(create_address(DEFAULT_SENDER, 0))  # where twins stand
EXAMPLES = int(os.environ.get("DIFFERENTIAL_EXAMPLES", "5"))
SHRINK = (
    os.environ.get("DIFFERENTIAL_SHRINK", "1") == "1"
)  # whoever only asks whether there is a difference does not


def _own(pair: Pair) -> list[bytes]:
    """The pair's functions as external function pointers."""
    return [FIRST + selector_of(e) for e in pair.abi if e["type"] == "function"]


class Totals:
    """Running sums over a test session."""

    def __init__(self) -> None:
        self.contracts = self.sequences = self.messages = self.reverted = self.mismatches = 0


TOTALS = Totals()


def explore(pair: Pair, examples: int = EXAMPLES) -> None:
    """Deploy both builds and send the same sequences; the shortest difference found is raised."""
    constructor = next((e for e in pair.abi if e["type"] == "constructor"), {"inputs": []})
    TOTALS.contracts += 1

    @settings(
        max_examples=examples, deadline=None, database=None, derandomize=not os.environ.get("DIFFERENTIAL_RANDOM"),
        suppress_health_check=list(HealthCheck), phases=[Phase.generate, *([Phase.shrink] if SHRINK else [])],
    )  # fmt: skip
    @given(
        arguments=encoded(constructor["inputs"], functions=_own(pair)),
        sequence=st.lists(messages(pair.abi, at=FIRST), min_size=1, max_size=20),
    )
    def run(arguments: bytes, sequence: list[Message]) -> None:
        twins = Twins(pair, arguments)
        TOTALS.sequences += 1
        if not twins.alive:
            return
        for message in sequence:
            twins.send(message)
        TOTALS.messages += len(sequence)
        TOTALS.reverted += twins.reverted

    try:
        run()
    except Difference:
        TOTALS.mismatches += 1
        raise
