"""What becomes of generated programs: both compilers, several of our settings, and calls to both builds."""

from __future__ import annotations

import hashlib
import json
import os
import random
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, fields
from typing import Any, NamedTuple

from hypothesis import HealthCheck, Phase, given, seed, settings

from compiler import CompileError, CompileOptions, compile_sources
from harness.protocol.addresses import address_bytes
from tests.differential.builds import Pair, pair_of
from tests.differential.twins import Difference, Message
from tests.fuzz.calldata import arguments, constructor_data, sequence, sequences
from tests.fuzz.choices import from_random
from tests.fuzz.contracts import Program
from tests.fuzz.guided import Search
from tests.fuzz.reference import LIBRARY, Answer, reference, unable
from tests.fuzz.world import GasSpent, SpentInside, World, fits

SETTINGS = (
    CompileOptions(verify_each=True),
    CompileOptions(optimize=0, verify_each=True),
    CompileOptions(optimize_for="size"),
    CompileOptions(optimize_for="balanced"),
    CompileOptions(optimize=3, verify_each=True),
    CompileOptions(optimize=1),
)
MESSAGES = 12
CONSTRUCTIONS = 6  # tries to find arguments that the constructor takes
ROUNDS = 40  # sequences that a search tries for new branches, where everything is asked
FULL = 16  # one program of so many is large, and everything is asked about it
NEWER = 6  # one large program of so many goes to the newer pipeline at once
COMPILE_SECONDS = 60  # of processor time, for one program's builds, which take one
NEWER_SMALL = 24  # the same for the others: it takes as long as five to eight of them


@dataclass(frozen=True)
class Failure:
    """`kind` groups failures of one cause; `text` is the program, `told` what differs, `number` chose the
    settings."""

    kind: str
    text: str
    told: str
    number: int = 0


@dataclass
class Counts:
    """Over a campaign."""

    programs: int = 0
    refused: int = 0  # by both
    large: int = 0  # for a contract, as one of the compilers makes it
    older: int = 0  # the reference's older pipeline did otherwise, the newer one as ours
    spent: int = (
        0  # sequences that ended where the counterpart had left too little gas for the reference's
    )
    builds: int = 0
    sequences: int = 0
    messages: int = 0
    reverted: int = 0
    sides: int = 0  # of branches of what was searched, taken by drawn messages
    further: int = 0  # taken by guided ones alone

    def add(self, other: Counts) -> None:
        for field in fields(self):
            setattr(self, field.name, getattr(self, field.name) + getattr(other, field.name))


class Build(NamedTuple):
    """What one of our builds is made from."""

    words: str
    text: str
    options: CompileOptions


def builds(number: int, program: Program, full: bool) -> list[Build]:
    """One with the settings whose turn it is, one time in three with the functions in reverse; two where
    everything is asked."""
    chosen, other = SETTINGS[number // FULL % len(SETTINGS)], SETTINGS[(number // FULL + 1) % 2]
    plain, turned = program.text(), program.text(backwards=True)
    if full:
        return [
            Build("", plain, chosen),
            Build(" with its functions backwards", turned, other),
        ]
    one = SETTINGS[number % len(SETTINGS)]
    if number % 3 == 0:
        return [Build(" with its functions backwards", turned, one)]
    return [Build("", plain, one)]


class Unending(Exception):
    """The compiler was still at it."""


@contextmanager
def within(seconds: int) -> Iterator[None]:
    """A compiler that never ends is a failure like another, and must not take the machine with it."""

    def too_long(*_: object) -> None:
        raise Unending(f"not compiled in {seconds} s")

    before = signal.signal(signal.SIGPROF, too_long)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


class Trial:
    """Tries programs. `keep` leaves the reference's answers on disk, for programs that come again; `full` asks
    everything about each."""

    def __init__(self, *, keep: bool = False, sequences: int = 2, full: bool = False) -> None:
        self.keep = keep
        self.sequences = sequences
        self.full = full
        self.counts = Counts()
        self._doubts: list[tuple[Pair, bytes, Sequence[Message | bytes]]] = []

    def batch(self, programs: list[tuple[int, Program]]) -> list[Failure]:
        """The failures."""
        found = (self.one(number, program) for number, program in programs)
        return [failure for failure in found if failure is not None]

    def one(self, number: int, program: Program) -> Failure | None:
        """The older pipeline compiles in a fifth of the time, and does some things in another order: where
        it differs, or cannot, the newer one has the last word."""
        self.counts.programs += 1
        self._doubts.clear()
        full = self.full or number % FULL == 0
        newer = number // FULL % NEWER == 0 if full else number % NEWER_SMALL == 1
        name, text = f"p{number}.sol", program.text()
        answer = reference({name: text}, newer, self.keep)[name]
        if not newer and unable(answer.refusal):
            answer, newer = reference({name: text}, True, self.keep)[name], True
        failure, pairs = self._builds(number, program, answer, full)
        if failure is not None or not pairs:
            return failure
        difference = self._differences(pairs, number, full)
        if difference and not newer:
            answer = reference({name: text}, True, self.keep)[name]
            failure, pairs = self._builds(number, program, answer, full)
            difference = self._differences(pairs, number, full)
            if failure is None and not difference:
                self.counts.older += 1
        difference = difference or self._doubted(number, program)
        return Failure("mismatch", text, difference, number) if difference else failure

    def _builds(
        self, number: int, program: Program, answer: Answer, full: bool
    ) -> tuple[Failure | None, list[Pair]]:
        """Ours beside the reference's, or what is wrong already."""
        name, text = f"p{number}.sol", program.text()
        made = builds(number, program, full)
        try:
            with within(COMPILE_SECONDS):
                built = [_compiled(name, b) for b in made]
        except CompileError as error:
            if answer.refusal and not unable(answer.refusal):
                self.counts.refused += 1
                return None, []
            code = next(d.code for d in error.diagnostics if d.severity == "error")
            kind = f"refused {code}"
            return Failure(kind, text, str(error), number), []
        except Exception as error:
            return Failure(f"crash {type(error).__name__}", text, repr(error), number), []
        self.counts.builds += len(made)
        if unable(answer.refusal):
            self.counts.refused += 1
            return None, []
        if answer.refusal:
            kind = re.sub(r"[^A-Za-z ]", "", answer.refusal[:60])
            return Failure(f"taken {kind}", text, answer.refusal, number), []
        changed = self._variations(number, name, made[0], built[0]) if full else None
        if changed is not None:
            return Failure("bytes", text, changed, number), []
        pairs = [
            pair_of(f"{name}:Main{b.words}", contracts[f"{name}:Main"], answer.contract)
            for b, contracts in zip(made, built, strict=True)
        ]
        if answer.library is not None:
            theirs = bytes.fromhex(answer.library["evm"]["bytecode"]["object"])
            pairs = [
                pair._replace(libraries=((contracts[f"{name}:X"].bytecode, theirs),))
                for pair, contracts in zip(pairs, built, strict=True)
            ]
        self.counts.large += not all(map(fits, pairs))
        return None, [pair for pair in pairs if fits(pair)]

    def _differences(self, pairs: list[Pair], number: int, full: bool) -> str:
        for pair in pairs:
            try:
                for turn in range(self.sequences if full else 1):
                    self.send(pair, random.Random(f"{number} {turn}"))
                if full:
                    self.search(pair, random.Random(f"{number} guided"))
            except Difference as difference:
                return f"{pair.name}: {difference}"
        return ""

    def _doubted(self, number: int, program: Program) -> str:
        """What the reference alone ran out of gas for must be so with a build of ours that leaves nothing out."""
        if not self._doubts:
            return ""
        name, plain = f"p{number}.sol", CompileOptions(optimize=0)
        made = _compiled(name, Build("", program.text(), plain))[f"{name}:Main"]
        for pair, given_arguments, steps in self._doubts:
            again = pair._replace(ours=made.bytecode, our_runtime=made.runtime)
            try:
                if fits(again):
                    _run(World(again, given_arguments), steps)
            except SpentInside as doubt:
                return f"{pair.name}, {doubt}: the reference alone is out of gas, whatever ours leaves out"
            except Difference as difference:
                return f"{pair.name}, as lowered: {difference}"
            except GasSpent:
                pass
        return ""

    def _variations(self, number: int, name: str, build: Build, built: Any) -> str | None:
        """What must not reach the bytes: names of local variables, and files beside."""
        if number // FULL % 4 or "library X " in build.text:
            return None
        renamed = re.sub(r"\b([arvwid]|ok)(\d+)\b", r"\1\2_other", build.text)
        beside = {
            "z.sol": "pragma solidity ^0.8.29; contract Z { uint8 public z = 1; }",
            "a.sol": build.text.replace("contract Main", "contract Other"),
        }
        for what, sources in (
            ("a name", {name: renamed}),
            ("a file beside", {**beside, name: build.text}),
        ):
            again = _compiled(name, build, sources)[f"{name}:Main"]
            if again.bytecode != built[f"{name}:Main"].bytecode:
                return f"{what} changes the bytes"
        return None

    def send(self, pair: Pair, generator: random.Random) -> None:
        """One sequence of messages; raises Difference."""
        choices = from_random(generator)
        self._send(pair, constructor_data(choices, pair.abi), sequence(choices, pair.abi, MESSAGES))

    def search(self, pair: Pair, generator: random.Random, rounds: int = ROUNDS) -> None:
        """A sequence of messages, and what is found from there; raises Difference."""
        choices = from_random(generator)
        libraries = [ours for ours, _ in pair.libraries]
        for _ in range(CONSTRUCTIONS):
            given_arguments = constructor_data(choices, pair.abi)
            search = Search(pair.ours + given_arguments, libraries, pair.abi, choices)
            search.add(sequence(choices, pair.abi, MESSAGES))
            if search.alive:
                break
        drawn = len(search.sides)
        for steps in search.further(rounds):
            self._send(pair, given_arguments, steps)
        self.counts.sides += drawn
        self.counts.further += len(search.sides) - drawn

    def _send(self, pair: Pair, given_arguments: bytes, steps: Sequence[Message | bytes]) -> None:
        self.counts.sequences += 1
        try:
            world = World(pair, given_arguments)
        except GasSpent:
            self.counts.spent += 1
            return
        if not world.alive:
            return
        try:
            _run(world, steps)
        except GasSpent as spent:
            self.counts.spent += 1
            if isinstance(spent, SpentInside):
                self._doubts.append((pair, given_arguments, steps))
        self.counts.messages += len(steps)
        self.counts.reverted += world.reverted

    def run(self, pair: Pair, number: int) -> None:
        """Several sequences drawn by hypothesis; raises Difference with the shortest one."""

        @seed(number)
        @settings(max_examples=self.sequences, deadline=None, database=None,
                  phases=[Phase.generate, Phase.shrink], suppress_health_check=list(HealthCheck))  # fmt: skip
        @given(given_arguments=arguments(pair.abi), steps=sequences(pair.abi, MESSAGES))
        def each(given_arguments: bytes, steps: list[Message | bytes]) -> None:
            self._send(pair, given_arguments, steps)

        each()


def _run(world: World, steps: Sequence[Message | bytes]) -> None:
    for step in steps if world.alive else ():
        world.step(step)


def _compiled(name: str, build: Build, sources: dict[str, str] | None = None) -> Any:
    options = build.options
    if "library X " in build.text:
        options = copy(options)
        options.libraries = {f"{name}:X": address_bytes(LIBRARY)}
    return compile_sources(sources or {name: build.text}, options).contracts


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
