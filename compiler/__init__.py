"""SolidityLite: Solidity source to EVM bytecode, in Python.

>>> from compiler import compile_sources
>>> result = compile_sources({"a.sol": "pragma solidity ^0.8.20; contract A { }"})
>>> result.contracts["a.sol:A"].abi
[]
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping

from compiler.artifact import Compilation, CompiledContract
from compiler.diagnostics.errors import CompileError, Diagnostic, InternalCompilerError
from compiler.options import CompileOptions

__version__ = "0.1.0"

__all__ = [
    "Compilation",
    "CompileError",
    "CompileOptions",
    "CompiledContract",
    "Diagnostic",
    "InternalCompilerError",
    "__version__",
    "compile_file",
    "compile_files",
    "compile_sources",
]


def compile_sources(
    sources: Mapping[str, str],
    options: CompileOptions | None = None,
    emit: Iterable[str] = (),
    *,
    cache: str | os.PathLike[str] | None = None,
    jobs: int = 1,
) -> Compilation:
    """Compile texts by path; imports are looked up among them (and in `options.allowed_roots`).

    `cache` is a folder where builds are kept and found again, if nothing that they depend on has changed. `emit` may
    name printed stages to keep: "ir", "ir-opt", "asm", and "ast-json" for `trees`. With more than one of `jobs`, a large build is
    shared with a second process. Raises CompileError if a source is
    wrong, InternalCompilerError if the compiler is, OSError if the folder cannot be written."""
    entries, chosen = list(sources), options or CompileOptions()
    if cache is not None:
        from compiler.cache import compile_cached

        return compile_cached(entries, chosen, frozenset(emit), cache, sources, jobs)[0]
    from compiler.imports import SourceLoader
    from compiler.together import compile_shared

    loader = SourceLoader(sources, chosen)
    return compile_shared(entries, sources, chosen, frozenset(emit), loader, jobs)


def compile_files(
    paths: Iterable[str | os.PathLike[str]],
    options: CompileOptions | None = None,
    emit: Iterable[str] = (),
) -> Compilation:
    """Compile files and what they import. Without `options`, imports may be read from the working
    folder and from the folders of the files."""
    from compiler.pipeline import compile_units

    names = [os.path.normpath(os.fspath(p)) for p in paths]
    if options is None:
        roots = (os.getcwd(), *(os.path.dirname(os.path.abspath(n)) for n in names))
        options = CompileOptions(allowed_roots=roots)
    return compile_units(names, {}, options, frozenset(emit))


def compile_file(
    path: str | os.PathLike[str],
    options: CompileOptions | None = None,
    emit: Iterable[str] = (),
) -> Compilation:
    """Compile one file and what it imports; see `compile_files`."""
    return compile_files([path], options, emit)
