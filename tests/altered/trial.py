"""Both compilers on one source: do they take it alike, and does every contract of it behave alike?"""

from __future__ import annotations

import json
import random
from collections import Counter
from typing import Any, NamedTuple

from compiler import CompileError, CompileOptions, compile_sources
from tests.differential.builds import pair_of
from tests.differential.twins import Difference
from tests.fuzz.calldata import constructor_data, sequence
from tests.fuzz.choices import from_random
from tests.fuzz.reference import unable
from tests.fuzz.trial import COMPILE_SECONDS, within
from tests.fuzz.world import GasSpent, World, fits
from tests.oracle import solc

NAME = "altered.sol"
MESSAGES = 14
LEVELS = (2, 0, 2, 1, 2, 3)
# Each compiler's own affair: where memory ends, what code looks like, what is left of the gas. A source that asks
# may get two answers.
OWN = (
    "mload(0x40)",
    "mload(64)",
    "msize",
    "gasleft",
    ".code",
    "codesize",
    "codecopy",
    "codehash",
    "salt",
)


class Report(NamedTuple):
    """`kind` is crash, refused, taken, abi or mismatch."""

    kind: str
    told: str


class Trial:
    """Tries sources and counts."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()

    def one(self, text: str, generator: random.Random) -> Report | None:
        """What is wrong with how this source is compiled."""
        level = generator.choice(LEVELS)
        try:
            with within(COMPILE_SECONDS):
                ours = compile_sources({NAME: text}, CompileOptions(optimize=level)).contracts
        except CompileError as error:
            return self._refused(text, error)
        except Exception as error:
            return Report(f"crash {type(error).__name__}", repr(error))
        theirs = _asked(text, via_ir=False)
        newer = unable(_refusal(theirs))
        if newer:
            theirs = _asked(text, via_ir=True)
        refusal = _refusal(theirs)
        if refusal:
            self.counts["unable"] += unable(refusal)
            return None if unable(refusal) else Report("taken", refusal)
        self.counts["compiled"] += 1
        report = self._compared(ours, theirs, generator.random())
        if report is not None and not newer:
            theirs = _asked(text, via_ir=True)
            if not _refusal(theirs):  # else the older pipeline has the last word
                report = self._compared(ours, theirs, generator.random())
                self.counts["decided by the newer pipeline"] += report is None
        if report is not None and any(word in text for word in OWN):
            self.counts["own affairs"] += 1
            return None
        return report and report._replace(told=f"at level {level}: {report.told}")

    def _refused(self, text: str, error: CompileError) -> Report | None:
        refusal = _refusal(_asked(text, via_ir=False))
        if refusal:
            self.counts["refused by both"] += 1
            return None
        code = next(d.code for d in error.diagnostics if d.severity == "error")
        return Report(f"refused {code}", str(error))

    def _compared(self, ours: Any, theirs: dict[str, Any], seed: float) -> Report | None:
        for name, output in theirs.get("contracts", {}).get(NAME, {}).items():
            mine = ours[f"{NAME}:{name}"]
            if _sorted(mine.abi) != _sorted(output["abi"]):
                return Report(
                    "abi", f"{name}: {_sorted(mine.abi)} against {_sorted(output['abi'])}"
                )
            codes = [output["evm"][kind]["object"] for kind in ("bytecode", "deployedBytecode")]
            if not codes[0] or any("__$" in code for code in codes):
                continue  # abstract, a library, or calls one
            pair = pair_of(name, mine, output)
            if not fits(pair):
                continue
            try:
                self._messages(pair, random.Random(f"{seed} {name}"))
            except GasSpent:
                self.counts["ended for want of gas"] += 1
            except Difference as difference:
                return Report("mismatch", str(difference))
        return None

    def _messages(self, pair: Any, generator: random.Random) -> None:
        choices = from_random(generator)
        world = World(pair, constructor_data(choices, pair.abi))
        if not world.alive:
            return
        for step in sequence(choices, pair.abi, MESSAGES):
            world.step(step)
            self.counts["messages"] += 1
        self.counts["reverted"] += world.reverted


def _asked(text: str, *, via_ir: bool) -> dict[str, Any]:
    request = {
        "language": "Solidity",
        "sources": {NAME: {"content": text}},
        "settings": {
            "viaIR": via_ir,
            "evmVersion": "cancun",
            "metadata": {"appendCBOR": False},
            "outputSelection": {"*": {"*": solc.OUTPUTS[:3]}},
        },
    }
    return solc.compile_standard(request, keep=False)


def _refusal(answer: dict[str, Any]) -> str:
    found = [e for e in answer.get("errors", []) if e["severity"] == "error"]
    return str(found[0].get("formattedMessage") or found[0]["message"]) if found else ""


def _sorted(abi: list[dict[str, Any]]) -> list[str]:
    return sorted(json.dumps(entry, sort_keys=True) for entry in abi)
