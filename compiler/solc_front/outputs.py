"""What the answer says about one contract: each output is made only where it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from compiler.artifact import Compilation, CompiledContract
from compiler.linking import Linkable
from compiler.solc_front.opcodes import opcodes
from compiler.solc_front.selection import Selection
from compiler.source_map import source_map

Outputs = Mapping[str, Callable[[], Any]]

# What the compilation must keep for an output.
KEPT = {
    "metadata": ("metadata",),
    "userdoc": ("userdoc",),
    "devdoc": ("devdoc",),
    "ir": ("ir",),
    "irOptimized": ("ir-opt",),
    "storageLayout": ("ids",),
    "transientStorageLayout": ("ids",),
    "evm.assembly": ("asm",),
    "evm.gasEstimates": ("gas",),
    "evm.bytecode.functionDebugData": ("functions",),
    "evm.deployedBytecode.functionDebugData": ("functions",),
}


def kept_for(selection: Selection) -> frozenset[str]:
    """What a compilation must keep to answer."""
    trees = frozenset(("ast-json",)) if selection.of_a_file("ast") else frozenset()
    return trees | frozenset(
        name for output, names in KEPT.items() if selection.anywhere(output) for name in names
    )


def contract_outputs(
    contract: CompiledContract, selection: Selection, compilation: Compilation
) -> dict[str, Any]:
    """The selected outputs, nested as in solc's answer."""
    result: dict[str, Any] = {}
    for output, make in _outputs(contract, compilation).items():
        if selection.wants(contract.path, contract.name, output):
            holder = result
            *folders, leaf = output.split(".")
            for folder in folders:
                holder = holder.setdefault(folder, {})
            holder[leaf] = make()
    return result


def _outputs(contract: CompiledContract, compilation: Compilation) -> Outputs:
    creation = _code(
        contract.creation,
        lambda: source_map(contract.source_map, compilation.sources, contract.jumps),
        contract.functions,
    )
    deployed = _code(
        contract.deployed,
        lambda: source_map(
            contract.runtime_source_map, compilation.sources, contract.runtime_jumps
        ),
        contract.runtime_functions,
    )
    return {
        "abi": lambda: contract.abi,
        "metadata": lambda: contract.metadata,
        "userdoc": lambda: contract.userdoc,
        "devdoc": lambda: contract.devdoc,
        "ir": lambda: _stage(contract, "ir"),
        "irOptimized": lambda: _stage(contract, "ir-opt"),
        "storageLayout": lambda: contract.storage_layout,
        "transientStorageLayout": lambda: contract.transient_layout,
        "evm.assembly": lambda: _stage(contract, "asm"),
        "evm.legacyAssembly": lambda: (
            None
        ),  # its items are those of solc's assembler; ours has others
        "evm.gasEstimates": lambda: contract.gas_estimates or None,
        "evm.methodIdentifiers": lambda: contract.selectors,
        **{f"evm.bytecode.{name}": make for name, make in creation.items()},
        **{f"evm.deployedBytecode.{name}": make for name, make in deployed.items()},
        "evm.deployedBytecode.immutableReferences": lambda: {
            name: [{"length": 32, "start": at} for at in places]
            for name, places in contract.immutable_references.items()
        },
    }


def _code(
    code: Linkable, spans: Callable[[], str], functions: dict[str, dict[str, Any]]
) -> Outputs:
    return {
        "object": code.text,
        "opcodes": lambda: opcodes(code.code),
        "sourceMap": spans,
        "linkReferences": code.references,
        "functionDebugData": lambda: functions,
        "generatedSources": list,  # what the compiler adds to a contract has no source text
    }


def _stage(contract: CompiledContract, stage: str) -> str:
    """A printed stage of the creation code, then of what it leaves on chain."""
    parts = [contract.texts.get(f"{stage} {kind}", "") for kind in ("creation", "runtime")]
    return "\n".join(part for part in parts if part)
