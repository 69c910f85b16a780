"""Layout documents: made from sources, kept as JSON with one field per line so that a diff reads well."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator

from compiler.evm.keccak import erc7201
from compiler.layouts.entries import Entry, Root, of_contract, of_struct
from compiler.semantics.storage_layout import layout_struct
from compiler.semantics.symbols import StructSymbol, UnitSymbol

FORMAT = "storage-layout-1"
LOCATION = re.compile(r"@custom:storage-location\s+erc7201:(\S+)")
Document = dict[str, Root]


class UnreadableLayout(Exception):
    """What was given is neither a layout document nor sources."""


def of_units(units: list[UnitSymbol], files: list[str]) -> Document:
    """Every deployable contract with state in the named files, and every namespace (ERC-7201) they use."""
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
