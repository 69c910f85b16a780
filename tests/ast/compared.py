"""Two compact ASTs of one build, compared field by field; numbers of nodes may differ, but only by a renaming."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from compiler import CompileOptions
from compiler.stages import json_trees
from tests.oracle import solc

Json = dict[str, Any]
# Fields that hold numbers of nodes, as a set: solc lists them by its own numbers.
SETS = frozenset(
    """contractDependencies usedEvents usedErrors baseFunctions baseModifiers
    overloadedDeclarations""".split()
)
NUMBERS = (
    frozenset(
        """id scope referencedDeclaration declaration sourceUnit function functionReturnParameters
    linearizedBaseContracts assignments""".split()
    )
    | SETS
)
_IN_TYPE = re.compile(r"(?<=_\$)\d+|(?<=t_module_)\d+")


def theirs(sources: Mapping[str, str], evm_version: str = "cancun") -> dict[str, Json]:
    """solc's trees by path."""
    request = {
        "language": "Solidity",
        "sources": {path: {"content": text} for path, text in sources.items()},
        "settings": {"evmVersion": evm_version, "outputSelection": {"*": {"": ["ast"]}}},
    }
    answer = solc.compile_standard(request)
    errors = [e for e in answer.get("errors", []) if e["severity"] == "error"]
    if errors:
        raise solc.SolcError(errors)
    return {path: source["ast"] for path, source in answer["sources"].items()}


def ours(sources: Mapping[str, str], evm_version: str = "cancun") -> dict[str, Json]:
    return json_trees(sources, CompileOptions(evm_version=evm_version))


class Comparison:
    """`differences` lists each field in which the two differ, with where it is."""

    def __init__(self) -> None:
        self.differences: list[str] = []
        self._there: dict[int, int] = {}
        self._back: dict[int, int] = {}
        self._later: list[tuple[str, list[int], list[int]]] = []

    def compare(self, mine: Mapping[str, Json], other: Mapping[str, Json]) -> list[str]:
        if sorted(mine) != sorted(other):
            self.differences.append(f"files: {sorted(mine)} {sorted(other)}")
        for path in sorted(other):
            if path in mine:
                self._nodes(mine[path], other[path], path)
        for where, a, b in self._later:
            renamed = sorted(self._there.get(n, n) if n > 0 else n for n in a)
            if renamed != sorted(b):
                self.differences.append(f"{where}: {a} -> {renamed} {b}")
        return self.differences

    def _nodes(self, a: Any, b: Any, where: str, key: str = "") -> None:
        if key == "internalFunctionIDs" and len(a) == len(b):
            ordered = (sorted(ids, key=ids.__getitem__) for ids in (a, b))
            for x, y in zip(*ordered, strict=True):
                self._number(int(x), int(y), where)
        elif isinstance(a, dict) and isinstance(b, dict):
            here = f"{where}/{b['nodeType']}@{b['src']}" if "nodeType" in b else where
            for name in sorted({*a, *b}):
                if name not in a or name not in b:
                    kind = "missing" if name not in a else "extra"
                    shown = b.get(name, a.get(name))
                    self.differences.append(f"{here}.{name}: {kind} {str(shown)[:80]}")
                elif key == "exportedSymbols":
                    self._later.append((f"{here}.{name}", a[name], b[name]))
                else:
                    self._nodes(a[name], b[name], f"{here}.{name}", name)
        elif isinstance(a, list) and isinstance(b, list):
            if key in SETS:
                self._later.append((where, a, b))
            elif len(a) != len(b):
                self.differences.append(f"{where}: {len(a)} entries, not {len(b)}")
            else:
                for x, y in zip(a, b, strict=True):
                    self._nodes(x, y, where, key)
        elif key in NUMBERS and isinstance(a, int) and isinstance(b, int):
            self._number(a, b, where)
        elif key == "typeIdentifier" and isinstance(a, str) and isinstance(b, str):
            if _IN_TYPE.sub("0", a) != _IN_TYPE.sub("0", b):
                self.differences.append(f"{where}: {a} {b}")
            else:
                for x, y in zip(_IN_TYPE.findall(a), _IN_TYPE.findall(b), strict=True):
                    if x != y or not self._length_of_array(a, x):
                        self._number(int(x), int(y), where)
        elif a != b or type(a) is not type(b):
            self.differences.append(f"{where}: {a!r:.120} {b!r:.120}")

    @staticmethod
    def _length_of_array(identifier: str, number: str) -> bool:
        return f"_${number}_" in identifier and "t_array" in identifier

    def _number(self, a: int, b: int, where: str) -> None:
        if a < 0 or b < 0:
            same = a == b
        else:
            same = self._there.setdefault(a, b) == b and self._back.setdefault(b, a) == a
        if not same:
            self.differences.append(f"{where}: {a} is {self._there.get(a)}, not {b}")


def differences(sources: Mapping[str, str], evm_version: str = "cancun") -> list[str]:
    """What differs between our trees and solc's of one set of sources."""
    ordered = dict(sorted(sources.items()))
    return Comparison().compare(ours(ordered, evm_version), theirs(ordered, evm_version))
