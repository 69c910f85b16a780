"""Layout documents: made from sources, kept as JSON with one field per line so that a diff reads well."""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from compiler.diagnostics.errors import Reporter
from compiler.evm.keccak import erc7201
from compiler.imports import SourceLoader, load_all
from compiler.layouts.entries import Entry, Root, of_contract, of_struct
from compiler.options import CompileOptions
from compiler.semantics.analyze import analyze
from compiler.semantics.lite import check_lite
from compiler.semantics.storage_layout import layout_struct
from compiler.semantics.symbols import StructSymbol, UnitSymbol
from compiler.source import SourceSet

FORMAT = "storage-layout-1"
LOCATION = re.compile(r"@custom:storage-location\s+erc7201:(\S+)")
Document = dict[str, Root]


class UnreadableLayout(Exception):
    """What was given is neither a layout document nor sources."""


def of_sources(files: list[str], options: CompileOptions) -> Document:
    """Every deployable contract with state in the named files, and every namespace (ERC-7201) they use.

    Raises CompileError."""
    sources = SourceSet()
    reporter = Reporter(sources)
    trees, links = load_all(files, SourceLoader({}, options), sources, reporter, check_lite)
    units = analyze(trees, links, reporter, options.evm_version, options.arithmetic)
    reporter.stop_on_errors()
    found = dict(_namespaces(units))
    named = [unit for unit in units if unit.name in files]
    contracts = [c for unit in named for c in unit.contracts if c.deployable]
    count = Counter(contract.name for contract in contracts)
    for contract in contracts:
        root = of_contract(contract)
        if root.entries:
            found[contract.name if count[contract.name] == 1 else contract.full_name] = root
    return dict(sorted(found.items()))


def _namespaces(units: list[UnitSymbol]) -> Iterator[tuple[str, Root]]:
    for unit in units:
        for struct in _structs(unit):
            match = LOCATION.search(struct.node.doc or "")
            if match:
                layout_struct(struct)
                yield match[1], of_struct(struct, erc7201(match[1]))


def _structs(unit: UnitSymbol) -> Iterator[StructSymbol]:
    for symbols in unit.scope.names.values():
        for symbol in symbols:
            if isinstance(symbol, StructSymbol) and symbol.unit is unit:
                yield symbol
    for contract in unit.contracts:
        yield from contract.structs


# -- text ------------------------------------------------------------------------------------------------


def dumps(document: Document) -> str:
    """The document as JSON text; a field is `"path": "slot:offset size type"`."""
    roots = {
        name: {
            "base": f"{root.base:#x}",
            "fields": {
                path: f"{e.slot}:{e.offset} {e.size} {e.type}" for path, e in root.entries.items()
            },
        }
        for name, root in document.items()
    }
    return json.dumps({"format": FORMAT, "roots": roots}, indent=1) + "\n"


def loads(text: str) -> Document:
    """The inverse of `dumps`. Raises UnreadableLayout."""
    try:
        data = json.loads(text)
        if data["format"] != FORMAT:
            raise UnreadableLayout(f"its format is {data['format']!r}, not {FORMAT!r}")
        return {
            name: Root(int(root["base"], 16), {p: _entry(f) for p, f in root["fields"].items()})
            for name, root in data["roots"].items()
        }
    except (ValueError, KeyError, TypeError, AttributeError) as problem:
        raise UnreadableLayout("it is not a layout document") from problem


def _entry(field: str) -> Entry:
    place, size, type_ = field.split(" ", 2)
    slot, offset = place.split(":")
    return Entry(int(slot), int(offset), int(size), type_)


# -- what a command line names ---------------------------------------------------------------------------


def read(path: str, options: CompileOptions) -> Document:
    """A document from a `.json` document, a `.sol` file or a folder of them.

    Raises UnreadableLayout or CompileError."""
    if os.path.isdir(path) or path.endswith(".sol"):
        return of_sources(sources_at(path), options)
    try:
        return loads(Path(path).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UnreadableLayout(f"{path}: not found") from None
    except (UnreadableLayout, UnicodeDecodeError) as problem:
        raise UnreadableLayout(f"{path}: {problem}") from None


def sources_at(path: str) -> list[str]:
    """The file itself, or every `.sol` file of a folder. Raises UnreadableLayout."""
    if os.path.isdir(path):
        found = sorted(str(file) for file in Path(path).rglob("*.sol"))
        if found:
            return found
        raise UnreadableLayout(f"{path}: there is no .sol file in this folder")
    if not os.path.isfile(path):
        raise UnreadableLayout(f"{path}: not found")
    return [path]
