"""Results of earlier builds, kept in a folder.

A build depends on the compiler, the options, the entries and on what the loader answered for every source it
was asked for, found or not. All four are in a record; it is used again only if all four are as they were,
which is checked by reading the sources again. A record that was cut short or changed is no record.

A record is a line with the hash of the rest, a line of JSON, and the contracts' source maps as packed numbers,
three for each instruction, which are unpacked only if somebody looks.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import tempfile
import time
from array import array
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from types import MappingProxyType
from typing import Any

from compiler.artifact import Compilation, CompiledContract
from compiler.diagnostics.errors import Diagnostic
from compiler.imports import SourceLoader
from compiler.linking import Linkable
from compiler.options import CompileOptions
from compiler.source import SourceSet

_CODE = ("creation", "deployed")
_SPANS = ("source_map", "runtime_source_map")
_BY_OFFSET = ("jumps", "runtime_jumps")  # JSON has no numbers for keys
_NUMBERS = array("I")
_RECORDS = 32  # in a folder; the one that was not used for longest goes first
_ABANDONED = 3600 * 10**9  # nanoseconds


def compile_cached(
    entries: list[str],
    options: CompileOptions,
    emit: frozenset[str],
    folder: str | os.PathLike[str],
    given: Mapping[str, str] = MappingProxyType({}),
    jobs: int = 1,
) -> tuple[Compilation, bool]:
    """The build of the named files, from `folder` if it is there, and whether it was; otherwise it is made and
    kept. Texts that are `given` stand before files. Raises CompileError, which is not kept, and OSError if the
    folder cannot be written."""
    path = os.path.join(folder, _key(entries, options, emit) + ".build")
    kept = _read(path, SourceLoader(given, options))
    if kept is not None:
        return kept, True
    from compiler.together import compile_shared

    loader = SourceLoader(given, options)
    compilation = compile_shared(entries, given, options, emit, loader, jobs)
    _write(path, compilation, loader)
    return compilation, False


def _key(entries: list[str], options: CompileOptions, emit: frozenset[str]) -> str:
    settings = {name: str(getattr(options, name)) for name in options.__slots__}
    settings["libraries"] = str(sorted(options.libraries.items()))
    here = [_compiler(), os.getcwd(), sys.version, sys.byteorder, _NUMBERS.itemsize]
    return _hash(json.dumps([here, entries, sorted(emit), settings], sort_keys=True).encode())


def _compiler() -> str:
    """A hash of the compiler's own files."""
    root = os.path.dirname(os.path.abspath(__file__))
    total = hashlib.sha256()
    for folder, folders, files in os.walk(root):
        folders.sort()
        for name in sorted(files):
            if name.endswith(".py"):
                with open(os.path.join(folder, name), "rb") as file:
                    total.update(name.encode() + b"\0" + hashlib.sha256(file.read()).digest())
    return total.hexdigest()


def _hash(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=32).hexdigest()


def _answer(text: str | None) -> str | None:
    return None if text is None else _hash(text.encode())


# -- files -----------------------------------------------------------------------------------------------


def _write(path: str, compilation: Compilation, loader: SourceLoader) -> None:
    """Whole or not at all: a reader sees the old record, none, or the new one."""
    maps = bytearray()
    record = {
        "loads": [[name, _answer(text)] for name, text in loader.loaded.items()],
        "files": [file.path for file in compilation.sources.files],
        "trees": compilation.trees,
        "contracts": [_plain(c, maps) for c in compilation.contracts.values()],
        "diagnostics": [
            [d.code, d.message, d.span, d.hint, d.labels, d.notes] for d in compilation.diagnostics
        ],
    }
    body = json.dumps(record, separators=(",", ":")).encode() + b"\n" + maps
    folder = os.path.dirname(path)
    os.makedirs(folder, mode=0o700, exist_ok=True)
    handle, partial = tempfile.mkstemp(dir=folder, suffix=".part")
    try:
        with open(handle, "wb") as file:
            file.write(_hash(body).encode() + b"\n" + body)
        _used(partial)
        os.replace(partial, path)
    except BaseException:
        os.unlink(partial)
        raise
    _forget(folder)


def _used(path: str) -> None:
    """By the clock itself: what the file system notes is the last tick, the same for builds that follow quickly."""
    now = time.time_ns()
    os.utime(path, ns=(now, now))


def _forget(folder: str) -> None:
    """Drop what was not used for longest, and what a killed process left half written. Another process may be
    doing the same."""
    ages = []
    for entry in os.scandir(folder):
        with suppress(FileNotFoundError):
            ages.append((entry.stat().st_mtime_ns, entry.path))
    records = [path for _, path in sorted(ages) if path.endswith(".build")]
    halves = [p for age, p in ages if p.endswith(".part") and age < time.time_ns() - _ABANDONED]
    for path in (*records[:-_RECORDS], *halves):
        with suppress(FileNotFoundError):
            os.unlink(path)


def _read(path: str, loader: SourceLoader) -> Compilation | None:
    try:
        with open(path, "rb") as file:
            check, body = file.readline(), file.read()
    except FileNotFoundError:
        return None
    if _hash(body).encode() + b"\n" != check:
        return None
    end = body.index(b"\n")
    record, maps = json.loads(body[:end]), memoryview(body)[end + 1 :]
    if any(_answer(loader.load(name)) != answer for name, answer in record["loads"]):
        return None
    sources = SourceSet()
    for name in record["files"]:
        sources.add(name, loader.loaded[name] or "")
    with suppress(OSError):  # dropped by another process, or not ours to touch
        _used(path)
    contracts = {c.full_name: c for c in (_contract(plain, maps) for plain in record["contracts"])}
    diagnostics = [_diagnostic(row) for row in record["diagnostics"]]
    return Compilation(contracts, diagnostics, sources, record["trees"])


# -- contracts and diagnostics as plain data -------------------------------------------------------------


class _Spans(Sequence[tuple[int, int, int]]):
    """A source map that is still packed."""

    def __init__(self, packed: memoryview) -> None:
        self._packed = packed

    def __len__(self) -> int:
        return len(self._packed) // (3 * _NUMBERS.itemsize)

    def __iter__(self) -> Iterator[tuple[int, int, int]]:
        numbers = array(_NUMBERS.typecode, bytes(self._packed))
        return zip(numbers[::3], numbers[1::3], numbers[2::3], strict=True)

    def __getitem__(self, index: Any) -> Any:
        return list(self)[index]


def _plain(contract: CompiledContract, maps: bytearray) -> dict[str, Any]:
    """A contract without its source maps, which go behind the others."""
    plain = {name: getattr(contract, name) for name in contract.__slots__}
    for name in _CODE:
        plain[name] = [plain[name].code.hex(), plain[name].links]
    for name in _SPANS:
        packed = array(_NUMBERS.typecode, [n for entry in plain[name] for n in entry]).tobytes()
        plain[name] = [len(maps), len(maps) + len(packed)]
        maps += packed
    return plain


def _contract(plain: dict[str, Any], maps: memoryview) -> CompiledContract:
    contract = CompiledContract(plain["path"], plain["name"], plain["kind"])
    for name in _CODE:
        code, links = plain[name]
        plain[name] = Linkable(bytes.fromhex(code), links)
    for name in _SPANS:
        start, end = plain[name]
        plain[name] = _Spans(maps[start:end])
    for name in _BY_OFFSET:
        plain[name] = {int(offset): kind for offset, kind in plain[name].items()}
    for name, value in plain.items():
        setattr(contract, name, value)
    return contract


def _diagnostic(row: list[Any]) -> Diagnostic:
    code, message, span, hint, labels, notes = row
    pairs = tuple(((pos, end), text) for (pos, end), text in labels)
    return Diagnostic(code, message, tuple(span) if span else None, hint, pairs, tuple(notes))
