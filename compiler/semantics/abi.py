"""The contract's ABI as JSON, equal to solc's."""

from __future__ import annotations

from typing import Any

from compiler.semantics.check_calls import parameters_of, results_of
from compiler.semantics.check_members import (
    external_functions,
    function_selector,
    function_signature,
)
from compiler.semantics.symbols import (
    CallableSymbol,
    ContractSymbol,
    ErrorSymbol,
    EventSymbol,
    FunctionSymbol,
)
from compiler.semantics.types import (
    ArrayType,
    ContractType,
    EnumType,
    StructType,
    Type,
    UserType,
)


def abi_json(contract: ContractSymbol) -> list[dict[str, Any]]:
    """Entries in solc's order: constructor, errors, events, functions, each sorted by name."""
    entries: list[dict[str, Any]] = []
    constructor = contract.constructor
    if constructor is not None and contract.kind != "interface":
        entries.append(
            {
                "inputs": [_parameter(p.name, p.type) for p in constructor.parameters],
                "stateMutability": constructor.mutability,
                "type": "constructor",
            }
        )
    for kind in ("fallback", "receive"):
        special = special_function(contract, kind)
        if special is not None:
            entries.append({"stateMutability": special.mutability, "type": kind})
    entries += sorted(map(_error, interface_errors(contract)), key=_order)
    entries += sorted(map(_event, interface_events(contract)), key=_order)
    functions = external_functions(contract) if contract.kind != "library" else []
    entries += [_function(f) for f in sorted(functions, key=lambda f: (f.name, function_signature(f)))]
    return entries


def _order(entry: dict[str, Any]) -> tuple[str, str]:
    return entry["name"], ",".join(i["type"] for i in entry["inputs"])


def special_function(contract: ContractSymbol, kind: str) -> FunctionSymbol | None:
    """The receive or fallback function in force: the most derived one."""
    for base in contract.linearized:
        found: FunctionSymbol | None = getattr(base, kind)
        if found is not None:
            return found
    return None


def interface_events(contract: ContractSymbol) -> list[EventSymbol]:
    """Events a contract defines, inherits or emits."""
    found: dict[EventSymbol, None] = {}
    for base in contract.linearized:
        found.update(dict.fromkeys(base.events))
    for event in _used(contract, "used_events"):
        found[event] = None
    return list(found)


def interface_errors(contract: ContractSymbol) -> list[ErrorSymbol]:
    """Errors a contract defines, inherits or reverts with."""
    found: dict[ErrorSymbol, None] = {}
    for base in contract.linearized:
        found.update(dict.fromkeys(base.errors))
    for error in _used(contract, "used_errors"):
        found[error] = None
    return list(found)


def _used(contract: ContractSymbol, attribute: str) -> list[Any]:
    return [s for base in contract.linearized for s in getattr(base, attribute)]


def _parameter(name: str, type_: Type) -> dict[str, Any]:
    """One input or output; tuples list their components."""
    entry: dict[str, Any] = {"internalType": internal_type(type_), "name": name, "type": _shown(type_)}
    inner = type_
    while isinstance(inner, ArrayType):
        inner = inner.element
    if isinstance(inner, StructType):
        entry["components"] = [_parameter(m.name, m.type) for m in inner.symbol.members]
    return entry


def _shown(type_: Type) -> str:
    if isinstance(type_, ArrayType):
        return f"{_shown(type_.element)}[{'' if type_.length is None else type_.length}]"
    if isinstance(type_, StructType):
        return "tuple"
    return type_.abi or ""


def internal_type(type_: Type) -> str:
    """The source-level type name that solc puts into `internalType`."""
    if isinstance(type_, ArrayType):
        return f"{internal_type(type_.element)}[{'' if type_.length is None else type_.length}]"
    if isinstance(type_, StructType):
        return f"struct {type_.symbol.qualified_name}"
    if isinstance(type_, (EnumType, ContractType, UserType)):
        return type_.name
    return type_.plain_name


def _inputs(symbol: CallableSymbol, indexed: bool) -> list[dict[str, Any]]:
    inputs = []
    for parameter in symbol.parameters:
        entry = _parameter(parameter.name, parameter.type)
        if indexed:
            entry["indexed"] = parameter.indexed
        inputs.append(entry)
    return inputs


def _error(symbol: ErrorSymbol) -> dict[str, Any]:
    return {"inputs": _inputs(symbol, False), "name": symbol.name, "type": "error"}


def _event(symbol: EventSymbol) -> dict[str, Any]:
    return {
        "anonymous": symbol.anonymous,
        "inputs": _inputs(symbol, True),
        "name": symbol.name,
        "type": "event",
    }


def _function(symbol: FunctionSymbol) -> dict[str, Any]:
    return {
        "inputs": [_parameter(n, t) for n, t in parameters_of(symbol)],
        "name": symbol.name,
        "outputs": [_parameter(n, t) for n, t in results_of(symbol)],
        "stateMutability": "view" if symbol.getter_of is not None else symbol.mutability,
        "type": "function",
    }


def method_identifiers(contract: ContractSymbol) -> dict[str, str]:
    """`{"transfer(address,uint256)": "a9059cbb"}`"""
    return {
        function_signature(f): f"{function_selector(f):08x}"
        for f in sorted(external_functions(contract), key=function_signature)
    }
