"""What becomes of generated programs: both compilers, several of our settings, and calls to both builds."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings

from compiler import CompileError, CompileOptions, compile_sources
from tests.differential.builds import Pair, pair_of
from tests.differential.twins import Difference, Message
from tests.fuzz.calldata import arguments, sequences
from tests.fuzz.contracts import Program
from tests.fuzz.reference import Answer, reference, unable
from tests.fuzz.world import World, fits

SETTINGS = (
    CompileOptions(verify_each=True),
    CompileOptions(optimize=0, verify_each=True),
    CompileOptions(optimize_for="size"),
    CompileOptions(optimize_for="balanced"),
)
MESSAGES = 12
NEWER = 6  # one program of so many goes to the newer pipeline at once


@dataclass(frozen=True)
class Failure:
    """`kind` groups failures of one cause; `text` is the program, `told` what differs."""

    kind: str
    text: str
    told: str


@dataclass
class Counts:
    """Over a campaign."""

    programs: int = 0
    refused: int = 0  # by both
    large: int = 0  # for a contract, as one of the compilers makes it
    older: int = 0  # the reference's older pipeline did otherwise, the newer one as ours
    sequences: int = 0
    messages: int = 0
    reverted: int = 0


class Trial:
    """Tries programs. `keep` leaves the reference's answers on disk, for programs that come again."""

    def __init__(self, *, keep: bool = False, sequences: int = 2) -> None:
        self.keep = keep
        self.sequences = sequences
        self.counts = Counts()

    def batch(self, programs: list[tuple[int, Program]]) -> list[Failure]:
        """Few calls of the reference compiler for all of them; the failures."""
        failures = []
        for newer in (False, True):
            part = [(n, p) for n, p in programs if (n % NEWER == 0) is newer]
            answers = reference({f"p{n}.sol": p.text() for n, p in part}, newer, self.keep)
            for number, program in part:
                failure = self.one(number, program, answers[f"p{number}.sol"], newer)
                if failure is not None:
                    failures.append(failure)
        return failures

    def one(self, number: int, program: Program, answer: Answer, newer: bool) -> Failure | None:
        """The older pipeline compiles in a fifth of the time, and does some things in another order: where
        it differs, or cannot, the newer one has the last word."""
        self.counts.programs += 1
        name, text = f"p{number}.sol", program.text()
        if not newer and unable(answer.refusal):
            answer, newer = reference({name: text}, True, self.keep)[name], True
        failure, pairs = self._builds(number, program, answer)
        if failure is not None or not pairs:
            return failure
        difference = self._differences(pairs, number)
        if difference and not newer:
            answer = reference({name: text}, True, self.keep)[name]
            failure, pairs = self._builds(number, program, answer)
            difference = self._differences(pairs, number)
            if failure is None and not difference:
                self.counts.older += 1
        return Failure("mismatch", text, difference) if difference else failure

    def _builds(
        self, number: int, program: Program, answer: Answer
    ) -> tuple[Failure | None, list[Pair]]:
        """Two of our builds beside the reference's, or what is wrong already."""
        name, text = f"p{number}.sol", program.text()
        chosen, other = SETTINGS[number % len(SETTINGS)], SETTINGS[(number + 1) % 2]
        turned = program.text(backwards=True)
        try:
            built = compile_sources({name: text}, chosen).contracts
            again = compile_sources({name: turned}, other).contracts
        except CompileError as error:
            if answer.refusal and not unable(answer.refusal):
                self.counts.refused += 1
                return None, []
            return Failure(f"refused {error.diagnostics[0].code}", text, str(error)), []
        except Exception as error:
            return Failure(f"crash {type(error).__name__}", text, repr(error)), []
        if unable(answer.refusal):
            self.counts.refused += 1
            return None, []
        if answer.refusal:
            kind = re.sub(r"[^A-Za-z ]", "", answer.refusal[:60])
            return Failure(f"taken {kind}", text, answer.refusal), []
        changed = self._variations(number, text, name, chosen, built)
        if changed is not None:
            return Failure("bytes", text, changed), []
        theirs = answer.contract
        pairs = [
            pair_of(f"{name}:Main", built[f"{name}:Main"], theirs),
            pair_of(f"{name}:Main with its functions backwards", again[f"{name}:Main"], theirs),
        ]
        self.counts.large += not all(map(fits, pairs))
        return None, [pair for pair in pairs if fits(pair)]

    def _differences(self, pairs: list[Pair], number: int) -> str:
        for pair in pairs:
            try:
                self.run(pair, number)
            except Difference as difference:
                return f"{pair.name}: {difference}"
        return ""

    def _variations(
        self, number: int, text: str, name: str, chosen: CompileOptions, built: Any
    ) -> str | None:
        """What must not reach the bytes: names of local variables, and files beside."""
        if number % 4:
            return None
        renamed = re.sub(r"\b([arvwid]|ok)(\d+)\b", r"\1\2_other", text)
        beside = {
            "z.sol": "pragma solidity ^0.8.29; contract Z { uint8 public z = 1; }",
            "a.sol": text.replace("contract Main", "contract Other"),
        }
        for what, sources in (
            ("a name", {name: renamed}),
            ("a file beside", {**beside, name: text}),
        ):
            again = compile_sources(sources, chosen).contracts[f"{name}:Main"]
            if again.bytecode != built[f"{name}:Main"].bytecode:
                return f"{what} changes the bytes"
        return None

    def run(self, pair: Pair, number: int, *, shrink: bool = False) -> None:
        """Raises Difference, with the shortest sequence where `shrink` asks for it."""
        phases = [Phase.generate, Phase.shrink] if shrink else [Phase.generate]

        @seed(number)
        @settings(
            max_examples=self.sequences, deadline=None, database=None, phases=phases, suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @given(given_arguments=arguments(pair.abi), sequence=sequences(pair.abi, MESSAGES))
        def send(given_arguments: bytes, sequence: list[Message | bytes]) -> None:
            self.counts.sequences += 1
            world = World(pair, given_arguments)
            if not world.alive:
                return
            for step in sequence:
                world.step(step)
            self.counts.messages += len(sequence)
            self.counts.reverted += world.reverted

        send()


def digest(texts: dict[str, str]) -> str:
    """Of all code of some sources."""
    built = compile_sources(texts).contracts
    found = hashlib.sha256()
    for name in sorted(built):
        found.update(name.encode() + built[name].bytecode + built[name].runtime)
    return found.hexdigest()


def same_for_all_hashes(texts: dict[str, str]) -> bool:
    """Compile in another process, whose sets and dictionaries are ordered by other hashes."""
    program = (
        "import json, sys\nfrom tests.fuzz.trial import digest\nprint(digest(json.load(sys.stdin)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], input=json.dumps(texts), capture_output=True, text=True, check=True,
        env={**os.environ, "PYTHONHASHSEED": "4711", "PYTHONPATH": os.getcwd()},
    )  # fmt: skip
    return done.stdout.strip() == digest(texts)
