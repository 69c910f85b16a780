"""What is said about a contract beside its code, made only where somebody asks for it."""

from __future__ import annotations

from typing import Any

from compiler.artifact import CompiledContract
from compiler.backend.assembler import Assembled
from compiler.backend.generate import Generated
from compiler.documentation.comments import Comments
from compiler.documentation.devdoc import devdoc
from compiler.documentation.userdoc import userdoc
from compiler.ir.values import Module
from compiler.metadata import MetadataWriter, trailer
from compiler.options import CompileOptions
from compiler.semantics.symbols import ContractSymbol
from compiler.source import SourceSet

# What `emit` may name of it.
ASKED = frozenset(("userdoc", "devdoc", "metadata"))


class Descriptions:
    """Documentation and metadata of one build's contracts."""

    def __init__(self, sources: SourceSet, options: CompileOptions, emit: frozenset[str]) -> None:
        self.options = options
        self.emit = emit
        self.comments = Comments()
        self.writer = MetadataWriter(sources, options)

    def describe(self, contract: ContractSymbol, artifact: CompiledContract) -> None:
        """Fill in what was asked for."""
        if self.emit & {"userdoc", "metadata"}:
            artifact.userdoc = userdoc(contract, self.comments)
        if self.emit & {"devdoc", "metadata"}:
            artifact.devdoc = devdoc(contract, self.comments)
        if "metadata" in self.emit:
            artifact.metadata = self._metadata(contract, artifact)

    def trailer(self, contract: ContractSymbol, artifact: CompiledContract) -> bytes:
        """What stands behind the code."""
        asked = self.options.metadata
        if not asked.appended_to(contract.is_facet):
            return b""
        hashed = asked.bytecode_hash != "none"
        text = (artifact.metadata or self._metadata(contract, artifact)) if hashed else ""
        return trailer(text, asked.bytecode_hash)

    def _metadata(self, contract: ContractSymbol, artifact: CompiledContract) -> str:
        user = artifact.userdoc or userdoc(contract, self.comments)
        dev = artifact.devdoc or devdoc(contract, self.comments)
        return self.writer.text(contract, artifact.abi, user, dev)


def function_places(
    module: Module, generated: Generated, assembled: Assembled
) -> dict[str, dict[str, Any]]:
    """Where each function's code starts, as in solc's `functionDebugData`."""
    return {
        name: {
            "entryPoint": assembled.labels[generated.functions[name]],
            "id": None,
            "parameterSlots": len(function.params),
            "returnSlots": function.results,
        }
        for name, function in module.functions.items()
        if generated.functions[name] in assembled.labels
    }
