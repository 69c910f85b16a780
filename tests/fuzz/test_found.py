"""Programs that were once treated wrongly, and by the way what the counterpart does."""

from __future__ import annotations

from pathlib import Path

import pytest

from compiler import CompileError, compile_sources
from harness.chain.evm import Evm
from tests.differential.builds import pair_of
from tests.fuzz import counterpart
from tests.fuzz.reference import reference
from tests.fuzz.shrink import FOUND
from tests.fuzz.trial import SETTINGS, Trial


@pytest.mark.parametrize("path", sorted(FOUND.glob("*.sol")), ids=lambda p: p.stem)
def test_found_programs_behave_as_with_the_reference(path: Path) -> None:
    sources = {path.name: path.read_text()}
    answer = reference(sources, via_ir=True, keep=True)[path.name]
    if answer.refusal:
        with pytest.raises(CompileError):
            compile_sources(sources)
        return
    trial = Trial(keep=True, sequences=6)
    for number, options in enumerate(SETTINGS):
        contract = compile_sources(sources, options).contracts[f"{path.name}:Main"]
        trial.run(pair_of(path.name, contract, answer.contract), number)


def _told(mode: int, size: int, data: bytes = b"") -> bytes:
    return mode.to_bytes(32, "big") + size.to_bytes(32, "big") + data


@pytest.mark.parametrize(
    ("script", "success", "output"),
    [
        (_told(0, 0), True, b"argument"),
        (_told(1, 3), True, b"arg"),
        (_told(2, 2, b"xyz"), True, b"xy"),
        (_told(3, 3, b"xyz"), False, b"xyz"),
        (_told(4, 0), False, b"argument"),
        (_told(6, 3), True, b"\xff" * 3),
        (_told(7, 0), False, b""),
        (_told(8, 0), True, b""),
    ],
)
def test_the_counterpart_does_as_it_is_told(script: bytes, success: bool, output: bytes) -> None:
    evm = Evm()
    evm.set_code(counterpart.ADDRESS, counterpart.code())
    assert evm.call(counterpart.ADDRESS, script, sender=counterpart.DIRECTOR).success
    outcome = evm.call(counterpart.ADDRESS, b"4444argument")
    assert (outcome.success, outcome.output) == (success, output)
