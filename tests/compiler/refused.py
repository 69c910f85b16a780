"""What the compiler says no to, in one line."""

from __future__ import annotations

from compiler import CompileError, CompileOptions, compile_sources

PRAGMA = "pragma solidity ^0.8.20;\n"


def refused(text: str, evm_version: str = "cancun") -> list[str]:
    """The codes of the errors in a text without its pragma; none where it compiles."""
    try:
        compile_sources({"a.sol": PRAGMA + text}, CompileOptions(evm_version=evm_version))
    except CompileError as problem:
        return [d.code for d in problem.diagnostics if d.severity == "error"]
    return []
