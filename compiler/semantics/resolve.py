"""Inheritance and declared types: bases, linearisation, members, signatures, getters.

Runs after every file is declared and before any body is checked.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from compiler.diagnostics.errors import Reporter, StageStop
from compiler.semantics.advice import an
from compiler.semantics.bases import resolve_bases
from compiler.semantics.check_statements import BodyChecker
from compiler.semantics.clashes import check_contract_names, check_unit_names
from compiler.semantics.function_types import holds_internal_function
from compiler.semantics.getters import getter_parameters, getter_results, getter_value
from compiler.semantics.headers import (
    check_constructor,
    check_contract_header,
    check_modifier_header,
    check_specifiers,
    check_type_names,
)
from compiler.semantics.natspec import check_documentation
from compiler.semantics.overrides import Inheritance, check_overrides
from compiler.semantics.recursive_structs import check_recursion
from compiler.semantics.reserved import check_name
from compiler.semantics.symbols import (
    CallableSymbol,
    ContractSymbol,
    EnumSymbol,
    ErrorSymbol,
    EventSymbol,
    FunctionSymbol,
    ModifierSymbol,
    StructSymbol,
    Symbol,
    UnitSymbol,
    UserTypeSymbol,
    VariableSymbol,
)
from compiler.semantics.transient import check_transient
from compiler.semantics.types import BytesType, FunctionType, StructType, Type
from compiler.semantics.using import attach
from compiler.syntax import ast


def resolve_units(units: list[UnitSymbol], reporter: Reporter) -> None:
    """Fill in everything about declarations except bodies and layout."""
    contracts = [c for unit in units for c in unit.contracts]
    resolve_bases(contracts, reporter)
    structs: list[StructSymbol] = []
    for unit, owner, symbols in _scopes(units):
        _resolve_types(unit, owner, symbols, structs, reporter)
    if check_recursion(structs, reporter):
        reporter.stop()  # a struct without an end has no layout
    for unit, owner, symbols in _scopes(units):
        _resolve_members(unit, owner, symbols, reporter)
    sound = [c for c in contracts if not c.broken]
    for contract in sound:
        _resolve_special(contract.unit, contract, reporter)
    attach(units, reporter)
    check_documentation(units, reporter)
    inheritance = Inheritance()
    for unit in units:
        check_unit_names(unit, reporter)
    for contract in sound:
        check_contract_header(contract, reporter)
        check_contract_names(contract, reporter)
        if not any(member.broken for base in contract.linearized for member in base.members()):
            check_overrides(contract, inheritance, reporter)


def _scopes(
    units: list[UnitSymbol],
) -> Iterator[tuple[UnitSymbol, ContractSymbol | None, list[Symbol]]]:
    """The symbols each file and each contract defines itself."""
    for unit in units:
        yield unit, None, [
            s for symbols in unit.scope.names.values() for s in symbols
            if getattr(s, "unit", None) is unit and not isinstance(s, ContractSymbol)
        ]  # fmt: skip
        for contract in unit.contracts:
            if contract.broken:
                continue
            yield unit, contract, [s for symbols in contract.scope.names.values() for s in symbols]


# -- declared types ------------------------------------------------------------------------------------


def _resolve_types(
    unit: UnitSymbol,
    contract: ContractSymbol | None,
    symbols: list[Symbol],
    structs: list[StructSymbol],
    reporter: Reporter,
) -> None:
    checker = BodyChecker(reporter, unit, contract)
    checker.structs_known = False
    for symbol in symbols:
        try:
            if isinstance(symbol, StructSymbol):
                structs.append(symbol)
                _struct(symbol, checker)
            elif isinstance(symbol, EnumSymbol):
                _enum(symbol, reporter)
            elif isinstance(symbol, UserTypeSymbol):
                checker.user_value_type(symbol)
        except StageStop:
            symbol.broken = True


def _resolve_members(
    unit: UnitSymbol, contract: ContractSymbol | None, symbols: list[Symbol], reporter: Reporter
) -> None:
    checker = BodyChecker(reporter, unit, contract)
    for symbol in symbols:
        try:
            if isinstance(symbol, VariableSymbol):
                _state_variable(symbol, checker)
            elif isinstance(symbol, (EventSymbol, ErrorSymbol)):
                _event_or_error(symbol, checker)
            elif isinstance(symbol, FunctionSymbol):
                _function(symbol, checker)
            elif isinstance(symbol, ModifierSymbol):
                _modifier(symbol, checker)
            elif isinstance(symbol, StructSymbol):
                # Again for the function types in it, now that all structs are known.
                for member in symbol.members:
                    checker.type_of(member.node.type)
        except StageStop:
            symbol.broken = True


def _resolve_special(unit: UnitSymbol, contract: ContractSymbol, reporter: Reporter) -> None:
    checker = BodyChecker(reporter, unit, contract)
    for function in (contract.constructor, contract.receive, contract.fallback):
        if function is not None:
            _function(function, checker)
    for variable in contract.state_variables:
        if variable.visibility == "public" and not variable.broken:
            with suppress(StageStop):
                _check_getter_types(variable, checker)
            getter = FunctionSymbol(variable.name, variable.node, unit, contract)
            getter.visibility = "external"
            getter.getter_of = variable
            getter.has_body = True
            contract.functions.append(getter)
            _check_getter(variable, reporter)


def _check_getter(variable: VariableSymbol, reporter: Reporter) -> None:
    value = getter_value(variable.type)
    if isinstance(value, StructType):
        if value.symbol.recursive:
            problem = f"struct `{value.symbol.name}` holds itself"
        elif not getter_results(variable.type):
            problem = f"all members of struct `{value.symbol.name}` are arrays or mappings"
        else:
            return
        reporter.report(
            "SL0532", variable.span, f"`{variable.name}` has no getter: {problem}",
            hint="make it `internal` and write a function that returns what is needed",
        )  # fmt: skip


def _check_getter_types(variable: VariableSymbol, checker: BodyChecker) -> None:
    span = variable.node.type.span
    for type_ in getter_parameters(variable.type):
        checker.need_abi(type_, span)
    for _, type_ in getter_results(variable.type):
        checker.need_abi(type_, span)


def _struct(symbol: StructSymbol, checker: BodyChecker) -> None:
    seen: dict[str, ast.Identifier] = {}
    if not symbol.node.members:
        checker.fail("SL0506", symbol.node.name.span, f"struct `{symbol.name}` has no members")
    for member in symbol.node.members:
        type_ = checker.type_of(member.type)
        name = member.name.name
        check_name(name, member.name.span, checker.reporter)
        if name in seen:
            checker.fail("SL0202", member.name.span, f"member `{name}` is already declared")
        seen[name] = member.name
        variable = VariableSymbol(name, member, symbol.unit, symbol.contract, "member", type_)
        symbol.members.append(variable)
    symbol.resolved = True


def _enum(symbol: EnumSymbol, reporter: Reporter) -> None:
    if not symbol.values:
        reporter.report("SL0506", symbol.span, f"enum `{symbol.name}` has no values")
    if len(symbol.values) > 256:
        reporter.report("SL0506", symbol.span, f"enum `{symbol.name}` has more than 256 values")
    seen: set[str] = set()
    for value in symbol.node.values:
        check_name(value.name, value.span, reporter)
        if value.name in seen:
            reporter.report("SL0202", value.span, f"enum value `{value.name}` is already declared")
        seen.add(value.name)


def _state_variable(symbol: VariableSymbol, checker: BodyChecker) -> None:
    node: ast.Variable = symbol.node
    symbol.type = checker.type_of(node.type)
    if symbol.contract is not None and symbol.contract.kind == "interface":
        checker.fail(
            "SL0507", symbol.node.name.span, "an interface cannot have state variables",
            hint="declare a function that reads it: `function x() external view returns (…);`",
        )  # fmt: skip
    if symbol.transient:
        check_transient(symbol, checker)
    if symbol.is_constant:
        if node.value is None:
            checker.fail("SL0508", node.name.span, f"constant `{symbol.name}` needs a value")
        symbol.type = symbol.type.in_location("memory")
        if not symbol.type.is_value and not isinstance(symbol.type, BytesType):
            checker.unsupported(
                "SL2005", node.type.span, f"a constant of type {symbol.type.plain_name} is"
            )
        return
    if symbol.contract is not None and symbol.contract.kind == "library":
        checker.fail(
            "SL0507",
            node.name.span,
            "a library cannot have state variables",
            hint="make it `constant`, or take the state as a `storage` parameter",
        )
    if symbol.immutable:
        if not symbol.type.is_value:
            checker.fail("SL0509", node.type.span, "an immutable must have a value type")
        if isinstance(symbol.type, FunctionType) and symbol.type.external:
            checker.fail(
                "SL0509", node.type.span, "an immutable cannot hold an external function",
                hint="keep its address and its selector in immutables of their own",
            )  # fmt: skip
        return


def _event_or_error(symbol: CallableSymbol, checker: BodyChecker) -> None:
    indexed = 0
    for node in symbol.node.parameters:
        type_ = checker.type_of(node.type).in_location("memory")
        checker.need_abi(type_, node.type.span)
        name = node.name.name if node.name else ""
        variable = VariableSymbol(name, node, symbol.unit, symbol.contract, "parameter", type_)
        variable.indexed = node.indexed
        check_name(name, variable.span, checker.reporter)
        indexed += node.indexed
        symbol.parameters.append(variable)
    if isinstance(symbol, EventSymbol):
        limit = 4 if symbol.anonymous else 3
        if indexed > limit:
            checker.fail(
                "SL0510", symbol.node.name.span,
                f"event `{symbol.name}` has {indexed} indexed parameters; the limit is {limit}",
            )  # fmt: skip


def _function(symbol: FunctionSymbol, checker: BodyChecker) -> None:
    """Each part of a header for itself; what is wrong leaves the function broken, its body can be read."""
    node: ast.Function = symbol.node
    if not isinstance(node, ast.Function):
        return
    symbol.visibility = node.visibility or "internal"
    with breaks(symbol):
        symbol.visibility = _visibility(symbol, node, checker)
    with breaks(symbol):
        check_type_names(node, checker)
    external = symbol.visibility in ("public", "external") or symbol.function_kind == "constructor"
    for part, role, into in (
        (node.parameters, "parameter", symbol.parameters),
        (node.returns, "return", symbol.returns),
    ):
        for parameter in part:
            into.append(_parameter(parameter, symbol, role, external, checker))
    symbol.broken |= any(p.broken for p in (*symbol.parameters, *symbol.returns))
    if symbol.broken and node.kind == "constructor":
        return  # where none may stand, its body does not matter
    with breaks(symbol):
        _check_special(symbol, node, checker)


@contextmanager
def breaks(symbol: Symbol) -> Iterator[None]:
    """What cannot be finished in here leaves the symbol broken."""
    try:
        yield
    except StageStop:
        symbol.broken = True


def _visibility(symbol: FunctionSymbol, node: ast.Function, checker: BodyChecker) -> str:
    if node.kind == "constructor":
        check_constructor(symbol, checker)
        return "public"
    if symbol.contract is None:
        if node.visibility is not None:
            checker.fail(
                "SL0116",
                node.name.span,
                "a function at file level has no visibility",
                hint="delete it",
            )
        return "internal"
    if node.visibility is None:
        checker.fail(
            "SL0116", node.name.span, f"function `{node.name.name}` states no visibility",
            hint="add `external`, `public`, `internal` or `private`",
        )  # fmt: skip
    if symbol.contract.kind == "interface" and node.visibility != "external":
        checker.fail(
            "SL0116", node.name.span, "functions of an interface must be external",
            hint=f"write `external` for `{node.visibility}`",
        )  # fmt: skip
    if node.kind in ("receive", "fallback") and node.visibility != "external":
        checker.fail("SL0116", node.name.span, f"`{node.kind}` must be external")
    return node.visibility


def _check_special(symbol: FunctionSymbol, node: ast.Function, checker: BodyChecker) -> None:
    contract = symbol.contract
    check_specifiers(symbol, checker)
    if contract is not None and contract.kind == "library":
        if node.kind != "function":
            checker.fail("SL0511", node.name.span, f"a library has no {node.kind}")
    if node.kind == "receive":
        if symbol.mutability != "payable":
            checker.fail(
                "SL0116", node.name.span, "`receive` must be payable",
                hint="write `receive() external payable`",
            )  # fmt: skip
        if symbol.parameters or symbol.returns:
            checker.fail("SL0511", node.name.span, "`receive` has no parameters and no results")
    if node.kind == "fallback":
        if symbol.mutability not in ("payable", "nonpayable"):
            checker.fail("SL0116", node.name.span, f"`fallback` cannot be {symbol.mutability}")
        shapes = [[t.type.name for t in part] for part in (symbol.parameters, symbol.returns)]
        if shapes not in ([[], []], [["bytes calldata"], ["bytes memory"]]):
            checker.fail(
                "SL0511", node.name.span,
                "`fallback` has no parameters, or `bytes calldata` and returns `bytes memory`",
            )  # fmt: skip
    if contract is not None and contract.kind == "interface" and node.body is not None:
        checker.fail(
            "SL0512", node.name.span, "functions of an interface have no body",
            hint="end the header with `;`, or make it an abstract contract",
        )  # fmt: skip
    needs_body = contract is None or contract.kind == "library" or node.kind == "constructor"
    if node.body is None and (
        needs_body or (contract and contract.kind != "interface" and not node.virtual)
    ):
        checker.fail(
            "SL0512", node.name.span, f"function `{node.name.name or node.kind}` has no body",
            hint="add a body, or mark it `virtual` in an abstract contract",
        )  # fmt: skip
    if node.body is None and contract is not None and not contract.abstract:
        checker.fail(
            "SL0513", node.name.span, f"contract `{contract.name}` has a function without a body",
            hint=f"mark it: `abstract contract {contract.name}`",
        )  # fmt: skip
    if symbol.mutability == "payable" and contract is not None and contract.kind == "library":
        checker.fail(
            "SL0116", node.name.span, "a library function cannot be payable",
            hint="it sees the value of the call it is part of as it is",
        )  # fmt: skip
    if symbol.mutability == "payable" and symbol.visibility in ("internal", "private"):
        checker.fail(
            "SL0116", node.name.span, f"{an(symbol.visibility)} function cannot be payable",
            hint="delete `payable`: only calls from outside bring value, and the caller says so",
        )  # fmt: skip


def _parameter(
    node: ast.Parameter, function: FunctionSymbol, role: str, external: bool, checker: BodyChecker
) -> VariableSymbol:
    name = node.name.name if node.name else ""
    variable = VariableSymbol(name, node, function.unit, function.contract, role)
    variable.function = function
    with breaks(variable):
        variable.type = _parameter_type(node, function, external, checker)
    check_name(name, variable.span, checker.reporter)
    return variable


def _parameter_type(
    node: ast.Parameter, function: FunctionSymbol, external: bool, checker: BodyChecker
) -> Type:
    library = function.contract is not None and function.contract.kind == "library"
    located = external and not library  # storage goes to a library as a slot number
    constructor = function.function_kind == "constructor"
    type_ = checker.located_type(node, located, constructor, result=node in function.node.returns)
    # Only derived contracts call the constructor of an abstract one, and they need no encoding for it.
    owner = function.contract
    is_base = function.function_kind == "constructor" and owner is not None and owner.abstract
    if external and not is_base and not (library and type_.location == "storage"):
        checker.need_abi(type_, node.type.span)
    elif external and library and holds_internal_function(type_):
        checker.fail(
            "SL0705", node.type.span, f"{type_.plain_name} holds an internal function, which only its own contract knows"
        )  # fmt: skip
    return type_


def _modifier(symbol: ModifierSymbol, checker: BodyChecker) -> None:
    with breaks(symbol):
        check_modifier_header(symbol, checker)
    for node in symbol.node.parameters:
        name = node.name.name if node.name else ""
        variable = VariableSymbol(name, node, symbol.unit, symbol.contract, "parameter")
        with breaks(variable):
            variable.type = checker.located_type(node, False, False)
        symbol.parameters.append(variable)
    symbol.broken |= any(p.broken for p in symbol.parameters)
