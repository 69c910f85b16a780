"""`--combined-json`: one object for all contracts, made from a standard-JSON answer."""

from __future__ import annotations

from typing import Any

from compiler.version import SOLC_SHAPED

# The name on the command line and in the object: the standard-JSON output it repeats.
COMBINED = {
    "abi": "abi",
    "asm": "evm.assembly",
    "ast": "ast",
    "bin": "evm.bytecode.object",
    "bin-runtime": "evm.deployedBytecode.object",
    "devdoc": "devdoc",
    "function-debug": "evm.bytecode.functionDebugData",
    "function-debug-runtime": "evm.deployedBytecode.functionDebugData",
    "generated-sources": "evm.bytecode.generatedSources",
    "generated-sources-runtime": "evm.deployedBytecode.generatedSources",
    "hashes": "evm.methodIdentifiers",
    "metadata": "metadata",
    "opcodes": "evm.bytecode.opcodes",
    "srcmap": "evm.bytecode.sourceMap",
    "srcmap-runtime": "evm.deployedBytecode.sourceMap",
    "storage-layout": "storageLayout",
    "transient-storage-layout": "transientStorageLayout",
    "userdoc": "userdoc",
}


def combined(answer: dict[str, Any], names: list[str]) -> dict[str, Any]:
    """The object for these names."""
    contracts = {
        f"{path}:{name}": {key: value_at(outputs, COMBINED[key]) for key in names if key != "ast"}
        for path, by_name in answer.get("contracts", {}).items()
        for name, outputs in by_name.items()
    }
    result: dict[str, Any] = {"contracts": contracts, "version": SOLC_SHAPED}
    ordered = sorted(answer["sources"].items(), key=lambda entry: entry[1]["id"])
    if {"ast", "srcmap", "srcmap-runtime"} & set(names):
        result["sourceList"] = [path for path, _ in ordered]
    if "ast" in names:
        result["sources"] = {
            path: {"AST": entry.get("ast"), "id": entry["id"]} for path, entry in ordered
        }
    return result


def value_at(outputs: dict[str, Any], output: str) -> Any:
    """An output by its dotted name."""
    value: Any = outputs
    for part in output.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value
