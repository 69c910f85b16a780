"""Every function of our contracts in one story, ours beside solc's via-IR pipeline at 1,000,000 runs.

The same calls in the same order go to an economy of either build. solc's other pipeline cannot compile these
contracts (stack too deep). Gas is attributed to the function that a user called, whatever it calls in turn.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from benchmarks.ratios import RUNS, PricedEvm, Ratio, Spent, board, ratio
from compiler.evm.keccak import selector
from harness.chain.evm import Outcome
from tests.contracts import economy as economies
from tests.contracts.build import Artifact, build, read_sources
from tests.contracts.economy import Economy
from tests.contracts.tour import Tour
from tests.differential.messages import canonical
from tests.oracle import solc

Bill = dict[bytes, Spent]


def main() -> str:
    ours = build("facetworks")
    theirs = _theirs(ours)
    mine, other = _bill(ours), _bill(theirs)
    assert mine.keys() == other.keys()
    ratios: list[Ratio] = []
    known: set[bytes] = set()
    for name, artifact in ours.items():
        for entry in artifact.abi:
            if entry["type"] != "function":
                continue
            types = ",".join(canonical(i) for i in entry["inputs"])
            code = selector(f"{entry['name']}({types})").to_bytes(4, "big")
            if code in mine and code not in known:
                known.add(code)
                ratios.append(ratio(name, entry["name"], mine[code], [other[code]]))
    sizes = {name: len(ours[name].runtime) / len(theirs[name].runtime) for name in ours}
    title = "Execution gas and size of our contracts, ours over solc via-IR (geometric means over functions)"
    return board(title, ratios, sizes)


def _theirs(ours: Mapping[str, Artifact]) -> dict[str, Artifact]:
    outputs = ["abi", "evm.bytecode.object", "evm.deployedBytecode.object"]
    compiled = solc.compile_sources(read_sources(), runs=RUNS, outputs=outputs)
    found: dict[str, Artifact] = {}
    for name, mine in ours.items():
        evm = compiled[f"{mine.path}:{name}"]["evm"]
        code, runtime = (
            bytes.fromhex(evm[part]["object"]) for part in ("bytecode", "deployedBytecode")
        )
        found[name] = mine._replace(init_code=code, runtime=runtime)
    return found


def _bill(artifacts: Mapping[str, Artifact]) -> Bill:
    """What each function cost in the story, by selector."""
    with _built_by(artifacts):
        evm = _BillingEvm()
        economy = Economy(evm)
        evm.bill.clear()
        Tour(economy.fresh()).run()
    return dict(evm.bill)


@contextmanager
def _built_by(artifacts: Mapping[str, Artifact]) -> Iterator[None]:
    before = economies.build
    economies.build = lambda *_: artifacts  # type: ignore[assignment]
    try:
        yield
    finally:
        economies.build = before


class _BillingEvm(PricedEvm):
    def __init__(self) -> None:
        super().__init__()
        self.bill: defaultdict[bytes, Spent] = defaultdict(lambda: Spent(0, 0))

    def call(self, to: bytes, data: bytes = b"", **named: object) -> Outcome:  # type: ignore[override]
        outcome = super().call(to, data, **named)
        if outcome.success:
            self.bill[data[:4]] += self.paid
        return outcome


if __name__ == "__main__":
    print(main())
