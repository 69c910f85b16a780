"""Outputs as people read them: under a headline for each contract, or in a file for each."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, NamedTuple

from compiler.evm.keccak import keccak256
from compiler.linking import placeholder
from compiler.solc_front.combined import value_at

Write = Callable[[str, str], None]  # a file's name and text


class Printed(NamedTuple):
    """One option: the standard-JSON output behind it, its headline, the end of its file's name."""

    output: str
    title: str
    suffix: str


# In the order in which solc prints them.
PRINTED = {
    "asm": Printed("evm.assembly", "EVM assembly:", ".evm"),
    "gas": Printed("evm.gasEstimates", "Gas estimation:", ""),
    "opcodes": Printed("evm.bytecode.opcodes", "Opcodes:", ".opcode"),
    "bin": Printed("evm.bytecode", "Binary:", ".bin"),
    "bin-runtime": Printed(
        "evm.deployedBytecode", "Binary of the runtime part:", ".bin-runtime"
    ),
    "ir": Printed("ir", "IR:", ".yul"),
    "ir-optimized": Printed("irOptimized", "Optimized IR:", "_opt.yul"),
    "hashes": Printed("evm.methodIdentifiers", "Function signatures:", ".signatures"),
    "metadata": Printed("metadata", "Metadata:", "_meta.json"),
    "abi": Printed("abi", "Contract JSON ABI", ".abi"),
    "storage-layout": Printed("storageLayout", "Contract Storage Layout:", "_storage.json"),
    "transient-storage-layout": Printed(
        "transientStorageLayout", "Contract Transient Storage Layout:", "_transient_storage.json"
    ),
    "devdoc": Printed("devdoc", "Developer Documentation", ".docdev"),
    "userdoc": Printed("userdoc", "User Documentation", ".docuser"),
}  # fmt: skip


def needed(flag: str) -> list[str]:
    """The standard-JSON outputs that an option is printed from."""
    output = PRINTED[flag].output
    if flag in ("bin", "bin-runtime"):
        return [f"{output}.object", f"{output}.linkReferences"]
    return [output, "abi"] if flag == "hashes" else [output]


def text_of(flag: str, outputs: dict[str, Any], as_json: Callable[[Any], str]) -> str:
    """What stands under the headline."""
    value = value_at(outputs, PRINTED[flag].output)
    if flag in ("bin", "bin-runtime"):
        return _binary(value)
    if flag == "hashes":
        return _hashes(value, outputs["abi"])
    if flag == "gas":
        return _gas(value or {})
    return value if isinstance(value, str) else as_json(value)


def _binary(code: dict[str, Any]) -> str:
    """Hex digits, and what the placeholders in it stand for."""
    names = [f"{path}:{name}" for path, found in code["linkReferences"].items() for name in found]
    hints = [f"// {placeholder(name)[2:-2]} -> {name}" for name in names]
    return "\n".join([code["object"], "", *hints]) if hints else str(code["object"])


def _hashes(methods: dict[str, str], abi: list[dict[str, Any]]) -> str:
    text = "".join(f"{selector}: {name}\n" for name, selector in sorted(methods.items()))
    for kind, size in (("error", 4), ("event", 32)):
        signatures = sorted(_signature(entry) for entry in abi if entry["type"] == kind)
        if signatures:
            text += f"\n{kind.capitalize()} signatures:\n"
            hashed = ((keccak256(s.encode())[:size].hex(), s) for s in signatures)
            text += "".join(f"{value}: {signature}\n" for value, signature in hashed)
    return text.rstrip("\n")


def _signature(entry: dict[str, Any]) -> str:
    return f"{entry['name']}({','.join(map(_type, entry['inputs']))})"


def _type(entry: dict[str, Any]) -> str:
    kind: str = entry["type"]
    if not kind.startswith("tuple"):
        return kind
    return f"({','.join(map(_type, entry['components']))}){kind.removeprefix('tuple')}"


def _gas(estimates: dict[str, Any]) -> str:
    lines: list[str] = []
    creation = estimates.get("creation")
    if creation:
        parts = (creation[key] for key in ("executionCost", "codeDepositCost", "totalCost"))
        lines += ["construction:", "   {} + {} = {}".format(*parts)]
    for kind in ("external", "internal"):
        if kind in estimates:
            lines.append(f"{kind}:")
            lines += [f"   {name or 'fallback'}:\t{gas}" for name, gas in estimates[kind].items()]
    return "\n".join(lines)


def json_writer(indent: int | None) -> Callable[[Any], str]:
    """JSON as solc writes it: keys in order, on one line unless an indent is asked for."""
    separators = (",", ":") if indent is None else (",", ": ")
    return lambda value: json.dumps(
        value, sort_keys=True, indent=indent, separators=separators, ensure_ascii=False
    )
