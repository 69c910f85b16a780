"""`settings.outputSelection`: which outputs are asked for, with solc's wildcards."""

from __future__ import annotations

from typing import Any

# `*` does not stand for these, as in solc.
NAMED_ONLY = frozenset(("ir", "irAst", "irOptimized", "irOptimizedAst", "yulCFGJson"))
_OBJECT = (
    "object",
    "opcodes",
    "sourceMap",
    "functionDebugData",
    "generatedSources",
    "linkReferences",
)
CODE_OUTPUTS = (
    "ir",
    "irOptimized",
    "evm.assembly",
    "evm.legacyAssembly",
    "evm.gasEstimates",
    *(f"evm.bytecode.{part}" for part in _OBJECT),
    *(f"evm.deployedBytecode.{part}" for part in (*_OBJECT, "immutableReferences")),
)


class Selection:
    """What one request asks for: outputs by file, then by contract (the empty name for the file itself)."""

    def __init__(self, by_file: dict[str, dict[str, list[str]]]) -> None:
        self._by_file = by_file
        self._known: dict[tuple[str, str], frozenset[str]] = {}

    def wants(self, path: str, contract: str, output: str) -> bool:
        """Whether an output of a contract, or of a file where `contract` is empty, is asked for."""
        asked = self._asked(path, contract)
        if "*" in asked and output not in NAMED_ONLY:
            return True
        parts = output.split(".")
        return any(".".join(parts[:length]) in asked for length in range(1, len(parts) + 1))

    def wants_code(self, path: str, contract: str) -> bool:
        """Whether anything is asked for that needs the contract's code."""
        return any(self.wants(path, contract, output) for output in CODE_OUTPUTS)

    def anywhere(self, *outputs: str) -> bool:
        """Whether one of these outputs is asked for of any contract or file at all."""
        return any(
            self.wants(path, name, output)
            for path, by_name in self._by_file.items()
            for name in by_name
            for output in outputs
        )

    def of_a_file(self, output: str) -> bool:
        """Whether an output of files themselves is asked for of any."""
        return any(self.wants(path, "", output) for path in self._by_file)

    def _asked(self, path: str, contract: str) -> frozenset[str]:
        found = self._known.get((path, contract))
        if found is None:
            names = [contract, "*"] if contract else [""]
            files = [self._by_file.get(key, {}) for key in (path, "*")]
            asked: list[Any] = [o for file in files for name in names for o in file.get(name, ())]
            found = self._known[path, contract] = frozenset(asked)
        return found
