"""Compilation results as text, JSON and files."""

from __future__ import annotations

import json
import os
from typing import Any

from compiler.artifact import Compilation, CompiledContract
from compiler.diagnostics.render import to_json
from compiler.source_map import source_map


def contract_json(contract: CompiledContract, compilation: Compilation) -> dict[str, Any]:
    """One contract as plain data; bytes as hex without a prefix, with placeholders where unlinked."""
    return {
        "abi": contract.abi,
        "bytecode": contract.creation.text(),
        "runtime": contract.deployed.text(),
        "linkReferences": contract.creation.references(),
        "runtimeLinkReferences": contract.deployed.references(),
        "selectors": contract.selectors,
        "storageLayout": contract.storage_layout,
        "transientStorageLayout": contract.transient_layout,
        "sourceMap": source_map(contract.source_map, compilation.sources),
        "runtimeSourceMap": source_map(contract.runtime_source_map, compilation.sources),
        "immutableReferences": {
            name: [{"start": at, "length": 32} for at in places]
            for name, places in contract.immutable_references.items()
        },
    }


def compilation_json(compilation: Compilation) -> dict[str, Any]:
    """A whole build: contracts by "path:Name", and the warnings."""
    return {
        "contracts": {
            name: contract_json(contract, compilation)
            for name, contract in compilation.contracts.items()
        },
        "diagnostics": [to_json(d, compilation.sources) for d in compilation.diagnostics],
    }


def write_artifacts(compilation: Compilation, folder: str) -> list[str]:
    """One JSON file per contract with code or an ABI, each written whole or not at all."""
    os.makedirs(folder, exist_ok=True)
    written: list[str] = []
    names = [c.name for c in compilation.contracts.values()]
    for contract in compilation.contracts.values():
        stem = contract.name
        if names.count(stem) > 1:  # same name in two files
            stem = contract.path.replace("/", "_").removesuffix(".sol") + "_" + stem
        path = os.path.join(folder, f"{stem}.json")
        data = {"contractName": contract.name, "sourceName": contract.path}
        data |= contract_json(contract, compilation)
        partial = f"{path}.{os.getpid()}.part"
        with open(partial, "w", encoding="utf-8") as file:
            json.dump(data, file, indent=2)
            file.write("\n")
        os.replace(partial, path)
        written.append(path)
    return written


def contract_text(contract: CompiledContract, stage: str) -> str:
    """What `--emit stage` prints for one contract."""
    if stage == "bytecode":
        return contract.creation.text()
    if stage == "runtime":
        return contract.deployed.text()
    if stage == "abi":
        return json.dumps(contract.abi, indent=2)
    if stage == "selectors":
        return "\n".join(f"{value}  {signature}" for signature, value in contract.selectors.items())
    if stage == "layout":
        return json.dumps(contract.storage_layout, indent=2)
    parts = [
        contract.texts[key]
        for key in (f"{stage} runtime", f"{stage} creation")
        if key in contract.texts
    ]
    return "\n".join(parts)


def summary(compilation: Compilation, seconds: float, kept: bool = False) -> str:
    """What was compiled, in a table."""
    with_code = [
        c for c in compilation.contracts.values()
        if c.deployed.code and (c.kind != "library" or c.selectors)
    ]  # fmt: skip
    if not with_code:
        count = len(compilation.contracts)
        whose = "its" if count == 1 else "their"
        return (
            f"compiled {_contracts(count)} without code of {whose} own"
            if count
            else "no contracts here"
        )
    width = max(len("contract"), *(len(c.name) for c in with_code))
    lines = [f"{'contract'.ljust(width)}  runtime  creation  functions"]
    lines += [
        f"{c.name.ljust(width)}  {len(c.deployed.code):7}  {len(c.creation.code):8}  {len(c.selectors):9}"
        for c in with_code
    ]
    before = ", as built before" if kept else ""
    lines.append(f"{_contracts(len(with_code))} in {seconds:.2f} s{before} (sizes in bytes)")
    missing = sorted({name for c in with_code for name in c.creation.links | c.deployed.links})
    lines += [f"not linked: {name} (give its address: --libraries {name}=0x…)" for name in missing]
    return "\n".join(lines)


def _contracts(count: int) -> str:
    return "1 contract" if count == 1 else f"{count} contracts"
