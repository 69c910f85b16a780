"""What a contract was made of, as JSON in solc's shape, and the CBOR trailer that names that JSON in the code.

The versions are this compiler's own, in the JSON and in the CBOR (under `soliditylite`, where solc writes `solc`):
whoever verifies the code must ask this compiler, not solc.
"""

from __future__ import annotations

import json
from typing import Any

from compiler import __version__
from compiler.content_hashes import ipfs_hash, ipfs_name, swarm_hash
from compiler.evm.keccak import keccak256
from compiler.options import CompileOptions
from compiler.semantics.symbols import ContractSymbol, UnitSymbol
from compiler.source import SourceFile, SourceSet
from compiler.version import VERSION

CBOR_NAME = "soliditylite"
_BYTES, _TEXT = 0x40, 0x60  # CBOR's kinds of strings
_HASHES = {"ipfs": ipfs_hash, "bzzr1": swarm_hash}


class MetadataWriter:
    """Writes the metadata of one build's contracts; each source is hashed once."""

    def __init__(self, sources: SourceSet, options: CompileOptions) -> None:
        self.sources = sources
        self.options = options
        self._entries: dict[str, dict[str, Any]] = {}

    def text(
        self,
        contract: ContractSymbol,
        abi: list[dict[str, Any]],
        userdoc: dict[str, Any],
        devdoc: dict[str, Any],
    ) -> str:
        """The JSON text, keys in order and without blanks, as it is hashed."""
        data = {
            "compiler": {"version": VERSION},
            "language": "Solidity",
            "output": {"abi": abi, "devdoc": devdoc, "userdoc": userdoc},
            "settings": self._settings(contract),
            "sources": {u.name: self._source(u) for u in _reached(contract.unit)},
            "version": 1,
        }
        return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)

    def _settings(self, contract: ContractSymbol) -> dict[str, Any]:
        options, asked = self.options, self.options.metadata
        metadata: dict[str, Any] = {"bytecodeHash": asked.bytecode_hash}
        if not asked.appended_to(contract.is_facet):
            metadata["appendCBOR"] = False
        if asked.literal_sources:
            metadata["useLiteralContent"] = True
        settings: dict[str, Any] = {
            "compilationTarget": {contract.unit.name: contract.name},
            "evmVersion": options.evm_version,
            "libraries": {n: "0x" + a.hex() for n, a in options.libraries.items()},
            "metadata": metadata,
            "optimizer": {"enabled": not options.traceable, "runs": asked.runs},
            "remappings": sorted(r if ":" in r.split("=")[0] else ":" + r for r in options.remappings),
        }  # fmt: skip
        if asked.via_ir:
            settings["viaIR"] = True
        if options.revert_strings != "default":
            settings["debug"] = {"revertStrings": options.revert_strings}
        return settings

    def _source(self, unit: UnitSymbol) -> dict[str, Any]:
        found = self._entries.get(unit.name)
        if found is None:
            file = self.sources.by_path[unit.name]
            found = self._entries[unit.name] = self._describe(file, unit.node.spdx)
        return found

    def _describe(self, file: SourceFile, licence: str | None) -> dict[str, Any]:
        content = file.text.encode()
        entry: dict[str, Any] = {"keccak256": "0x" + keccak256(content).hex()}
        if licence is not None:
            entry["license"] = licence
        if self.options.metadata.literal_sources:
            entry["content"] = file.text
        else:
            entry["urls"] = ["dweb:/ipfs/" + ipfs_name(content)]
        return entry


def _reached(unit: UnitSymbol) -> list[UnitSymbol]:
    """A file and all that it imports, directly or not."""
    found: dict[UnitSymbol, None] = {}
    todo = [unit]
    while todo:
        current = todo.pop()
        if current not in found:
            found[current] = None
            todo += [imported for _, imported in current.imports]
    return list(found)


def trailer(text: str, bytecode_hash: str) -> bytes:
    """The CBOR map behind the code: the hash of the metadata and this compiler's version; then its length."""
    hashed = _HASHES.get(bytecode_hash)
    content = bytes((0xA2 if hashed else 0xA1,))
    if hashed:
        content += _item(_TEXT, bytecode_hash.encode()) + _item(_BYTES, hashed(text.encode()))
    content += _item(_TEXT, CBOR_NAME.encode()) + _item(_TEXT, __version__.encode())
    return content + len(content).to_bytes(2, "big")


def _item(kind: int, value: bytes) -> bytes:
    """A CBOR text or byte string."""
    size = len(value)
    return (bytes((kind + size,)) if size < 24 else bytes((kind + 24, size))) + value
