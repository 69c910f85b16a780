"""The Vyper sources here as artifacts, like those of every other contract the tests deploy."""

from __future__ import annotations

import functools
from pathlib import Path

from tests.contracts.build import ROOT, Artifact

FOLDER = Path(__file__).resolve().parent


@functools.cache
def vyper(name: str) -> Artifact:
    """One source of this folder, compiled by the Vyper package; nothing is downloaded."""
    from vyper.compiler import compile_code

    path = FOLDER / f"{name}.vy"
    made = compile_code(path.read_text(), output_formats=["abi", "bytecode", "bytecode_runtime"])
    code, runtime = (bytes.fromhex(made[part][2:]) for part in ("bytecode", "bytecode_runtime"))
    return Artifact(name, str(path.relative_to(ROOT)), made["abi"], code, runtime)
