"""`using … for …`: which functions a type has as members, and which operators.

A directive is resolved once, where it stands. It applies in its file or contract; a `global` one goes with its type,
wherever that is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from compiler.diagnostics.errors import Reporter, StageStop
from compiler.semantics.conversions import implicit
from compiler.semantics.symbols import (
    Attachment,
    ContractSymbol,
    FunctionSymbol,
    UnitSymbol,
)
from compiler.semantics.types import (
    BOOL,
    EnumType,
    StructType,
    Type,
    UserType,
)
from compiler.syntax import ast

if TYPE_CHECKING:
    from compiler.semantics.check_statements import BodyChecker

COMPARISONS = frozenset(("==", "!=", "<", ">", "<=", ">="))
_UNARY_ONLY = frozenset("~")
_EITHER = frozenset("-")


def attach(units: list[UnitSymbol], reporter: Reporter) -> None:
    """Resolve every directive; the signatures of all functions are known."""
    from compiler.semantics.check_statements import BodyChecker

    for unit in units:
        for node in unit.usings:
            _resolve(BodyChecker(reporter, unit, None), node, unit.attachments)
        for contract in unit.contracts:
            for node in contract.usings:
                _resolve(BodyChecker(reporter, unit, contract), node, contract.attachments)
    for unit in units:
        for attachment in unit.attachments:
            _only_definition(attachment, unit, reporter)


def in_force(type_: Type, unit: UnitSymbol, contract: ContractSymbol | None) -> list[Attachment]:
    """What applies to a type in a contract, or at file level with `contract` None."""
    found = list(contract.attachments) if contract is not None else []
    found += unit.attachments
    home = _home(type_)
    if home is not None and home is not unit:
        found += [a for a in home.attachments if a.is_global]
    wanted = type_.in_location("memory")
    return [a for a in found if a.type is None or a.type.in_location("memory") is wanted]


def _home(type_: Type) -> UnitSymbol | None:
    """The file at whose top level a struct, enum or user-defined value type is defined."""
    if isinstance(type_, (StructType, EnumType, UserType)) and type_.symbol.contract is None:
        return type_.symbol.unit
    return None


# -- one directive -------------------------------------------------------------------------------------


class _Named(NamedTuple):
    """A function of a list, and the operator it is to define."""

    path: list[ast.Identifier]
    function: FunctionSymbol
    operator: str | None


def _resolve(checker: BodyChecker, node: ast.Using, attachments: list[Attachment]) -> None:
    try:
        _check_place(checker, node)
        type_ = checker.type_of(node.type) if node.type is not None else None
        if node.is_global:
            _check_global(checker, node, type_)
        if node.braces:
            assert type_ is not None
            listed = [_function(checker, path, op) for path, op in node.functions]
        else:
            listed = _library(checker, node.functions[0][0])
    except StageStop:
        (checker.contract or checker.unit).usings_broken = True
        return
    attachment = Attachment(type_, node.is_global)
    for item in listed:
        try:
            if node.braces:
                assert type_ is not None
                _check_function(checker, item, type_, node.is_global)
        except StageStop:
            (checker.contract or checker.unit).usings_broken = True
            continue
        if item.operator is None:
            attachment.functions.append((item.path[-1].name, item.function))
        else:
            key = (item.operator, len(item.function.parameters))
            attachment.operators.append((key, item.function, item.path[0].span))
    attachments.append(attachment)


def _check_place(checker: BodyChecker, node: ast.Using) -> None:
    contract = checker.contract
    problem = None
    if contract is not None and contract.kind == "interface":
        problem = "an interface has no `using`"
    elif contract is not None and node.is_global:
        problem = "`global` stands at file level alone"
    elif node.type is None and (contract is None or node.braces or node.is_global):
        problem = "`*` stands for no type here: name one"
    if problem is not None:
        checker.fail("SL0525", node.span, problem)


def _check_global(checker: BodyChecker, node: ast.Using, type_: Type | None) -> None:
    if type_ is None or _home(type_) is not checker.unit:
        assert node.type is not None
        checker.fail(
            "SL0525", node.type.span, "`global` needs a type that this file defines at its top level",
            hint="write the directive beside the type's definition, or drop `global`",
        )  # fmt: skip


def _library(checker: BodyChecker, path: list[ast.Identifier]) -> list[_Named]:
    library = checker.resolve_path(path)
    if not isinstance(library, ContractSymbol) or library.kind != "library":
        checker.fail(
            "SL0516", path[0].span, f"`{library.name}` is not a library",
            hint="put single functions into braces: `using {f} for T`",
        )  # fmt: skip
    visible = [f for f in library.functions if f.visibility != "private" and f.parameters]
    return [_Named([f.node.name], f, None) for f in visible]


def _function(checker: BodyChecker, path: list[ast.Identifier], operator: str | None) -> _Named:
    symbols = checker.lookup(path[0].name, path[0].span)
    for part in path[1:]:
        symbols = checker._inside(symbols[0], part)
    span, name = (path[0].pos, path[-1].end), path[-1].name
    function = symbols[0]
    if len(symbols) > 1:
        checker.fail("SL0525", span, f"`{name}` names more than one function")
    owner = getattr(function, "contract", None)
    checker.need_sound(symbols)
    if not isinstance(function, FunctionSymbol) or (owner is not None and owner.kind != "library"):
        checker.fail("SL0525", span, f"`{name}` is no function at file level or of a library")
    return _Named(path, function, operator)


def _check_function(checker: BodyChecker, item: _Named, type_: Type, is_global: bool) -> None:
    function, span = item.function, (item.path[0].pos, item.path[-1].end)
    if not function.parameters:
        checker.fail("SL0525", span, f"`{function.name}` has no parameter for the value")
    if function.visibility == "private" and function.contract is not checker.contract:
        checker.fail("SL0525", span, f"`{function.name}` is private to its library")
    first = function.parameters[0].type
    if implicit(type_.in_location("storage"), first.in_location("storage")) is not None:
        checker.fail(
            "SL0525",
            span,
            f"the first parameter of `{function.name}` is {first.name}, not {type_.plain_name}",
        )
    if item.operator is not None:
        _check_operator(checker, item, type_, is_global)


# -- operators -----------------------------------------------------------------------------------------


def _check_operator(checker: BodyChecker, item: _Named, type_: Type, is_global: bool) -> None:
    function, op = item.function, item.operator
    span = (item.path[0].pos, item.path[-1].end)
    if not isinstance(type_, UserType):
        checker.fail(
            "SL0526", span, f"`{op}` cannot be defined for {type_.plain_name}",
            hint="operators are for user-defined value types: `type T is uint256;`",
        )  # fmt: skip
    if not is_global:
        checker.fail(
            "SL0526", span, f"`{op}` must be defined for the type everywhere",
            hint="write `global` at the end of the directive",
        )  # fmt: skip
    if function.mutability != "pure" or function.contract is not None:
        checker.fail(
            "SL0526",
            span,
            f"`{op}` must be a pure function at file level; `{function.name}` is not",
        )
    given = [p.type for p in function.parameters]
    counts: tuple[int, ...] = (1,) if op in _UNARY_ONLY else (1, 2) if op in _EITHER else (2,)
    result: Type = BOOL if op in COMPARISONS else type_
    if len(given) not in counts or any(t is not type_ for t in given):
        wanted = (
            "one or two values" if len(counts) > 1 else ("one value", "two values")[counts[0] - 1]
        )
        checker.fail(
            "SL0526",
            span,
            f"the function of `{op}` takes {wanted} of type {type_.name}; `{function.name}` does not",
        )
    if [r.type for r in function.returns] != [result]:
        checker.fail(
            "SL0526",
            span,
            f"the function of `{op}` returns one {result.name}; `{function.name}` does not",
        )


def _only_definition(attachment: Attachment, unit: UnitSymbol, reporter: Reporter) -> None:
    """Two functions for one operator are refused where they stand: both are in the type's own file."""
    others = [a for a in unit.attachments if a.type is attachment.type]
    for key, _, span in attachment.operators:
        names = {f: f.name for a in others for k, f, _ in a.operators if k == key}
        if len(names) > 1:
            reporter.report(
                "SL0526", span, f"`{key[0]}` is defined more than once for {attachment.type}",
                hint=f"keep one of: {', '.join(names.values())}",
            )  # fmt: skip
