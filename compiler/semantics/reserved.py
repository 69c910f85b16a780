"""Names that a declaration cannot take, because the language gives them a meaning of its own."""

from __future__ import annotations

from compiler.diagnostics.errors import Reporter
from compiler.evm.opcodes import OPCODES, available
from compiler.semantics.symbols import EventSymbol, FunctionSymbol, Symbol
from compiler.source import Span

_RESERVED = {
    "_": "the place of the function in a modifier",
    "this": "the contract itself",
    "super": "the base contracts",
}


_ASSEMBLY = frozenset(
    """datacopy dataoffset datasize difficulty leave linkersymbol loadimmutable setimmutable
    jump jumpi jumpdest pc""".split()
) | frozenset(
    [f"push{n}" for n in range(33)]
    + [f"{word}{n}" for word in ("dup", "swap") for n in range(1, 17)]
)


def check_symbol(symbol: Symbol, reporter: Reporter) -> None:
    """The same for a definition; events and external functions are only named with what has them."""
    is_external = isinstance(symbol, FunctionSymbol) and (
        symbol.contract is not None and symbol.node.visibility in ("public", "external")
    )
    if not is_external and not isinstance(symbol, EventSymbol):
        check_name(symbol.name, symbol.span, reporter)


def reserved_in_assembly(name: str, evm_version: str) -> str | None:
    """Why a name cannot be declared in assembly, or None if it can."""
    if name in _RESERVED:
        return f"it means {_RESERVED[name]} outside"
    if "." in name:
        return "names declared in assembly have no `.`"
    if name in _ASSEMBLY:
        return "the assembly language keeps it for itself"
    if name in OPCODES and available(name, evm_version):
        return "it is an opcode"
    return None


def check_name(name: str, span: Span | None, reporter: Reporter) -> None:
    """Report a declaration of `_`, `this` or `super`."""
    meaning = _RESERVED.get(name)
    if meaning is not None:
        reporter.report(
            "SL0220", span, f"`{name}` is reserved: it means {meaning}", hint="rename it"
        )
