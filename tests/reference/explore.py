"""Programs and random messages to them, as the differential tests and the fuzzer draw them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from compiler import CompiledContract, CompileOptions, compile_sources
from tests.differential.explore import FIRST, _own
from tests.differential.messages import encoded, messages
from tests.differential.twins import Difference, Message
from tests.fuzz.calldata import arguments, sequences
from tests.reference.beside import Beside, OutOfGas, Tally
from tests.reference.program import Program, read_program


class Build:
    """Sources compiled, and read by the interpreter."""

    def __init__(self, sources: Mapping[str, str], options: CompileOptions | None = None) -> None:
        self.contracts: dict[str, CompiledContract] = compile_sources(
            sources, options or CompileOptions(verify_each=True)
        ).contracts
        codes = {name: (c.bytecode, c.runtime) for name, c in self.contracts.items() if c.bytecode}
        self.program: Program = read_program(sources, codes)

    def deployable(self) -> Iterator[str]:
        """Contracts with code whose addresses of libraries are known."""
        for name, contract in self.contracts.items():
            if contract.bytecode:
                yield name


def explore(build: Build, name: str, tally: Tally, examples: int) -> None:
    """Sequences as `tests/differential/explore.py` draws them; the first difference is raised."""
    built = build.contracts[name]
    abi: list[dict[str, Any]] = built.abi
    constructor = next((e for e in abi if e["type"] == "constructor"), {"inputs": []})
    own = _own(type("Abi", (), {"abi": abi}))  # type: ignore[arg-type]

    @settings(
        max_examples=examples, deadline=None, database=None, derandomize=True,
        suppress_health_check=list(HealthCheck), phases=[Phase.generate],
    )  # fmt: skip
    @given(
        data=encoded(constructor["inputs"], functions=own),
        sequence=st.lists(messages(abi, at=FIRST), min_size=1, max_size=20),
    )
    def run(data: bytes, sequence: list[Message]) -> None:
        _play(Beside(build.program, name, built, data, tally), sequence, tally)

    run()


def explore_generated(build: Build, name: str, tally: Tally, number: int, examples: int) -> None:
    """Sequences as the fuzzer draws them, scripts for the counterpart among them."""
    built = build.contracts[name]

    @seed(number)
    @settings(
        max_examples=examples, deadline=None, database=None,
        suppress_health_check=list(HealthCheck), phases=[Phase.generate],
    )  # fmt: skip
    @given(data=arguments(built.abi), sequence=sequences(built.abi, 12))
    def run(data: bytes, sequence: list[Message | bytes]) -> None:
        _play(Beside(build.program, name, built, data, tally), sequence, tally)

    run()


def _play(beside: Beside, sequence: Any, tally: Tally) -> None:
    tally.sequences += 1
    if not beside.alive:
        return
    try:
        for step in sequence:
            if isinstance(step, bytes):
                beside.script(step)
            else:
                beside.send(step)
    except OutOfGas:
        tally.skip("the bytecode ran out of gas")


__all__ = ["Build", "Difference", "explore", "explore_generated", "os"]
