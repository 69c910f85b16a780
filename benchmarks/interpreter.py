"""How much faster the embedded EVM runs than py-evm as it ships: the same messages on both, in CPU time.

Every message must come out the same on both, to the unit of gas. Other things of a chain (signatures, blocks,
journals) are not measured: this is the interpreter and the account database below it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from random import Random

from eth_utils.crypto import keccak

from harness.chain.evm import Evm, Outcome
from tests.contracts.build import build
from tests.gas.table import render
from tests.harness.interpreter.beside import Plain

ROUNDS = 5
CALLER = b"\xca" * 20
# A counter from 20,000; to memory, hashed with its word, shifted, dropped; one less, and again until it is zero.
LOOP = "61 4e205b 80 5f 5260 20 5f 2060 03 1c 5060 01 90 0380 60 03 57"


def main() -> str:
    rows = []
    for name, work in (("creations", creations), ("a token", transfers), ("a loop", loop)):
        ours, theirs = (measure(work, evm) for evm in (Evm, lambda: Plain("prague")))
        assert ours[1] == theirs[1], f"{name}: the two differ"
        gas = sum(outcome.gas_used for outcome in ours[1])
        seconds = (f"{theirs[0]:.2f}", f"{ours[0]:.2f}", f"{theirs[0] / ours[0]:.1f}")
        rows.append((name, f"{len(ours[1]):,}", f"{gas:,}", *seconds))
    headings = ("work", "messages", "gas", "py-evm, s", "ours, s", "times as fast")
    return render("Embedded EVM beside py-evm, CPU seconds, best of five", headings, rows)


def measure(
    work: Callable[[Evm], list[Outcome]], fresh: Callable[[], Evm]
) -> tuple[float, list[Outcome]]:
    """CPU seconds of the best round, and what the messages of the last one did."""
    best, outcomes = float("inf"), []
    for _ in range(ROUNDS):
        evm = fresh()
        evm.fund(CALLER, 10**20)
        started = time.process_time()
        outcomes = work(evm)
        best = min(best, time.process_time() - started)
    return best, outcomes


def creations(evm: Evm) -> list[Outcome]:
    """Every contract of the project that takes no argument."""
    return [
        evm.deploy(artifact.init_code, sender=CALLER)
        for artifact in build("facetworks").values()
        if artifact.init_code and not _arguments(artifact.abi)
    ]


def transfers(evm: Evm) -> list[Outcome]:
    """A token minted, sent around, and allowed to others."""
    token = build("facetworks")["FwUSD"]
    made = evm.deploy(token.init_code + CALLER.rjust(32, b"\0"), sender=CALLER)
    assert made.created is not None, made
    mint = _call("mint(address,uint256)", CALLER, 10**9)
    rng, outcomes = Random(1), [made, evm.call(made.created, mint, sender=CALLER)]
    people = [bytes([n]) * 20 for n in range(1, 9)]
    for number in range(200):
        function = ("mint(address,uint256)", "transfer(address,uint256)", "approve(address,uint256)")[number % 3]  # fmt: skip
        data = _call(function, rng.choice(people), rng.randrange(1, 1_000))
        outcomes.append(evm.call(made.created, data, sender=CALLER))
    assert all(outcome.success for outcome in outcomes)
    return outcomes


def loop(evm: Evm) -> list[Outcome]:
    """Memory, hashes, shifts and sums, twenty thousand times."""
    address = b"\x10" * 20
    evm.set_code(address, bytes.fromhex(LOOP))
    return [evm.call(address, sender=CALLER)]


def _arguments(abi: list[dict[str, object]]) -> bool:
    return any(entry["type"] == "constructor" and entry["inputs"] for entry in abi)


def _call(signature: str, to: bytes, amount: int) -> bytes:
    return keccak(text=signature)[:4] + to.rjust(32, b"\0") + amount.to_bytes(32, "big")
