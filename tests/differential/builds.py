"""Two builds of one set of sources: ours, and the reference compiler's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from compiler import CompiledContract, CompileOptions, compile_sources
from tests.oracle import solc


class Pair(NamedTuple):
    """One contract compiled twice; `libraries` is the code of those it calls, deployed before it."""

    name: str
    abi: list[dict[str, Any]]
    ours: bytes
    theirs: bytes
    our_runtime: bytes
    their_runtime: bytes
    libraries: tuple[tuple[bytes, bytes], ...] = ()


class Build(NamedTuple):
    """All contracts of a source set that have code, and the raw outputs of both compilers."""

    pairs: dict[str, Pair]
    ours: Any
    theirs: dict[str, dict[str, Any]]


def build_both(
    sources: Mapping[str, str],
    *,
    options: CompileOptions | None = None,
    via_ir: bool = True,
    optimize: bool = True,
    twin: Mapping[str, str] | None = None,
    libraries: Mapping[str, bytes] | None = None,
    revert_strings: str | None = None,
) -> Build:
    """Compile with both. `twin` is what the reference compiler gets instead of `sources`; `libraries`
    gives the addresses, in the order of deployment, of those that both link."""
    options = options or CompileOptions(
        verify_each=True, revert_strings=revert_strings or "default"
    )
    ours = compile_sources(sources, options)
    theirs = solc.compile_sources(
        twin or sources,
        via_ir=via_ir,
        optimize=optimize,
        libraries=libraries,
        revert_strings=revert_strings,
    )
    first = tuple(
        (ours.contracts[n].bytecode, bytes.fromhex(theirs[n]["evm"]["bytecode"]["object"]))
        for n in libraries or ()
    )
    pairs: dict[str, Pair] = {}
    for full_name, output in theirs.items():
        code = output["evm"]["bytecode"]["object"]
        mine = ours.contracts.get(full_name)
        if mine is None or not code or not mine.bytecode:
            continue
        pair = pair_of(full_name, mine, output)
        if full_name not in (libraries or {}):
            pair = pair._replace(libraries=first)
        pairs[full_name] = pair
    return Build(pairs, ours, theirs)


def pair_of(name: str, ours: CompiledContract, theirs: dict[str, Any]) -> Pair:
    """One contract of both builds; `theirs` is what the reference compiler gave for it."""
    code = theirs["evm"]["bytecode"]["object"]
    runtime = theirs["evm"]["deployedBytecode"]["object"]
    return Pair(
        name,
        theirs["abi"],
        ours.bytecode,
        bytes.fromhex(code),
        ours.runtime,
        bytes.fromhex(runtime),
    )
