"""Programs and random messages to them, as the differential tests and the fuzzer draw them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import copy
from random import Random
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from compiler import CompiledContract, CompileOptions, compile_sources
from harness.chain.evm import DEFAULT_SENDER
from tests.differential.explore import FIRST
from tests.differential.messages import encoded, messages, selector_of
from tests.differential.twins import Message
from tests.fuzz.calldata import constructor_data, sequence
from tests.fuzz.choices import from_random
from tests.reference.beside import Beside, OutOfGas, Tally
from tests.reference.chain import create_address
from tests.reference.program import Program, read_program
from tests.reference.sweep import given_arguments, in_parts, sweep

OPTIONS = CompileOptions(verify_each=True)


class Build:
    """Sources compiled, and read by the interpreter. Libraries with external functions are the first to be deployed."""

    def __init__(self, sources: Mapping[str, str], options: CompileOptions = OPTIONS) -> None:
        self.contracts: dict[str, CompiledContract] = compile_sources(sources, options).contracts
        self.libraries = [n for n, c in self.contracts.items() if c.kind == "library" and c.abi]
        if self.libraries:
            linked = copy(options)
            linked.libraries = {
                name: create_address(DEFAULT_SENDER, nonce)
                for nonce, name in enumerate(self.libraries)
            }
            self.contracts = compile_sources(sources, linked).contracts
        codes = {name: (c.bytecode, c.runtime) for name, c in self.contracts.items() if c.bytecode}
        self.program: Program = read_program(sources, codes)

    def deployable(self) -> list[str]:
        """Contracts with code; libraries are met through those that call them."""
        found = self.contracts.items()
        return [name for name, c in found if c.bytecode and c.kind != "library"]

    def beside(self, name: str, data: bytes, tally: Tally) -> Beside:
        libraries = [(n, self.contracts[n].bytecode) for n in self.libraries]
        return Beside(self.program, name, self.contracts[name], data, tally, libraries)


def explore(build: Build, name: str, tally: Tally, examples: int) -> None:
    """Sequences as `tests/differential/explore.py` draws them; the first difference is raised."""
    abi: list[dict[str, Any]] = build.contracts[name].abi
    constructor: dict[str, Any] = next(
        (e for e in abi if e["type"] == "constructor"), {"inputs": []}
    )
    own = [FIRST + selector_of(e) for e in abi if e["type"] == "function"]
    data = encoded(constructor["inputs"], functions=own)

    @seed(0)
    @settings(
        max_examples=examples, deadline=None, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(data=data, sequence=st.lists(messages(abi, at=FIRST), min_size=1, max_size=20))
    def run(data: bytes, sequence: list[Message | bytes]) -> None:
        _play(build, name, tally, data, sequence)

    run()


def explore_generated(build: Build, name: str, tally: Tally, number: int, examples: int) -> None:
    """Sequences as the fuzzer draws them, scripts for the counterpart among them."""
    abi = build.contracts[name].abi
    for example in range(examples):
        choices = from_random(Random(f"{number}:{example}"))
        data = constructor_data(choices, abi)
        _play(build, name, tally, data, sequence(choices, abi, 12))


def explore_widely(build: Build, name: str, tally: Tally, rounds: int) -> None:
    """Many quick messages to every function, after a constructor with arguments drawn the same way."""
    abi, rng = build.contracts[name].abi, Random(name)
    constructor: dict[str, Any] = next(
        (e for e in abi if e["type"] == "constructor"), {"inputs": []}
    )
    for part in in_parts(sweep(abi, FIRST, rounds, rng), 120):
        _play(build, name, tally, given_arguments(constructor, rng), part)


def _play(build: Build, name: str, tally: Tally, data: bytes, sequence: Any) -> None:
    tally.sequences += 1
    beside = build.beside(name, data, tally)
    try:
        for step in sequence if beside.alive else ():
            _STEP[type(step)](beside, step)
    except OutOfGas:
        tally.skip("the bytecode runs out of gas")


_STEP: dict[type, Callable[[Beside, Any], None]] = {Message: Beside.send, bytes: Beside.script}
