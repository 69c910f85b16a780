"""The contract's ABI as JSON, equal to solc's."""

from __future__ import annotations

from typing import Any

from compiler.semantics.check_calls import parameters_of, results_of
from compiler.semantics.check_members import (
    external_functions,
    function_selector,
    function_signature,
)
from compiler.semantics.library_calls import in_library
from compiler.semantics.symbols import (
    CallableSymbol,
    ContractSymbol,
    ErrorSymbol,
    EventSymbol,
    FunctionSymbol,
    Uses,
)
from compiler.semantics.types import (
    ArrayType,
    ContractType,
    EnumType,
    FunctionType,
    StructType,
    Type,
    UserType,
)


def abi_json(contract: ContractSymbol) -> list[dict[str, Any]]:
    """Entries in solc's order: by kind, then by name."""
    entries: list[dict[str, Any]] = []
    constructor = contract.constructor
    if constructor is not None and contract.deployable:
        entries.append(
            {
                "inputs": [_parameter(p.name, p.type) for p in constructor.parameters],
                "stateMutability": constructor.mutability,
                "type": "constructor",
            }
        )
    used = reachable_uses(contract)
    errors = dict.fromkeys(e for base in contract.linearized for e in base.errors) | used.errors
    events = dict.fromkeys(e for base in contract.linearized for e in base.events) | used.events
    functions = [f for f in external_functions(contract) if not in_library(f) or _plain(f)]
    entries += sorted(map(_error, errors), key=_order)
    # Overloads in the order in which they are declared, file by file.
    entries += map(_event, sorted(events, key=lambda e: (e.name, e.unit.name, e.node.pos)))
    entries += _special(contract, "fallback")
    entries += [
        _function(f) for f in sorted(functions, key=lambda f: (f.name, function_selector(f)))
    ]
    return entries + _special(contract, "receive")


def _plain(function: FunctionSymbol) -> bool:
    """A library function that anybody can call: it changes nothing and takes no storage pointer."""
    types = [v.type for v in (*function.parameters, *function.returns)]
    return function.mutability in ("pure", "view") and all(t.location != "storage" for t in types)


def _special(contract: ContractSymbol, kind: str) -> list[dict[str, Any]]:
    found = special_function(contract, kind)
    return [{"stateMutability": found.mutability, "type": kind}] if found is not None else []


def _order(entry: dict[str, Any]) -> tuple[str, str]:
    return entry["name"], ",".join(i["type"] for i in entry["inputs"])


def special_function(contract: ContractSymbol, kind: str) -> FunctionSymbol | None:
    """The receive or fallback function in force: the most derived one."""
    for base in contract.linearized:
        found: FunctionSymbol | None = getattr(base, kind)
        if found is not None:
            return found
    return None


def reachable_uses(contract: ContractSymbol) -> Uses:
    """Events and errors of all code the contract can run, library functions included."""
    total = Uses()
    todo: list[Uses] = []
    for base in contract.linearized:
        todo.append(base.uses)
        for function in (*base.functions, base.constructor, base.receive, base.fallback):
            entered = function is not None and (
                function.is_external or function.function_kind != "function"
            )
            if function is not None and entered:
                todo.append(function.uses)
                todo += [i.modifier.uses for i in function.invocations]
    seen: set[FunctionSymbol] = set()
    while todo:
        uses = todo.pop()
        total.events |= uses.events
        total.errors |= uses.errors
        for called, dispatch in uses.calls:
            function = resolve_function(contract, called, dispatch)
            if function not in seen:
                seen.add(function)
                todo.append(function.uses)
                todo += [i.modifier.uses for i in function.invocations]
    return total


def resolve_function(
    contract: ContractSymbol, symbol: FunctionSymbol, dispatch: str | ContractSymbol
) -> FunctionSymbol:
    """The function a call means when `contract` is the most derived contract."""
    if dispatch == "exact" or symbol.contract is None:
        return symbol
    candidates = contract.linearized
    if isinstance(dispatch, ContractSymbol):
        candidates = candidates[candidates.index(dispatch) + 1 :]
    elif symbol.visibility == "private":
        return symbol
    shape = [p.type for p in symbol.parameters]
    for owner in candidates:
        for function in owner.functions:
            same = function.name == symbol.name and function.has_body and function.getter_of is None
            if same and [p.type for p in function.parameters] == shape:
                return function
    return symbol


def _parameter(name: str, type_: Type, library: bool = False) -> dict[str, Any]:
    """One input or output; tuples list their components."""
    entry: dict[str, Any] = {
        "internalType": internal_type(type_),
        "name": name,
        "type": _shown(type_, library),
    }
    inner = type_
    while isinstance(inner, ArrayType):
        inner = inner.element
    if isinstance(inner, StructType):
        entry["components"] = [_parameter(m.name, m.type, library) for m in inner.symbol.members]
    return entry


def _shown(type_: Type, library: bool = False) -> str:
    if library and isinstance(type_, (EnumType, ContractType)):  # by name, as in the signature
        return type_.plain_name
    if isinstance(type_, ArrayType):
        return f"{_shown(type_.element, library)}[{'' if type_.length is None else type_.length}]"
    if isinstance(type_, StructType):
        return "tuple"
    return type_.abi or ""


def internal_type(type_: Type) -> str:
    """The source-level type name that solc puts into `internalType`."""
    if isinstance(type_, ArrayType):
        return f"{internal_type(type_.element)}[{'' if type_.length is None else type_.length}]"
    if isinstance(type_, StructType):
        return f"struct {type_.symbol.qualified_name}"
    if isinstance(type_, FunctionType):
        return type_.written(internal_type)
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
    library = in_library(symbol)
    return {
        "inputs": [_parameter(n, t, library) for n, t in parameters_of(symbol)],
        "name": symbol.name,
        "outputs": [_parameter(n, t, library) for n, t in results_of(symbol)],
        "stateMutability": "view" if symbol.getter_of is not None else symbol.mutability,
        "type": "function",
    }


def method_identifiers(contract: ContractSymbol) -> dict[str, str]:
    """`{"transfer(address,uint256)": "a9059cbb"}`"""
    return {
        function_signature(f): f"{function_selector(f):08x}"
        for f in sorted(external_functions(contract), key=function_signature)
    }
