"""Function types: from their names, and from the functions that can be values of them."""

from __future__ import annotations

from compiler.diagnostics.errors import InternalCompilerError
from compiler.semantics.getters import getter_parameters, getter_results
from compiler.semantics.symbols import FunctionSymbol, UnitSymbol, VariableSymbol
from compiler.semantics.typenames import TypeNames
from compiler.semantics.types import (
    ArrayType,
    FunctionType,
    MappingType,
    StructType,
    Type,
    function_type,
)
from compiler.source import Span
from compiler.syntax import ast


class FunctionTypeNames(TypeNames):
    """`function (…) …` as a type name."""

    structs_known = True  # False while members of structs are still being resolved

    def located_type(self, node: ast.Parameter, external: bool, constructor: bool) -> Type:
        """The type of a parameter with its data location checked; the statement checker overrides this."""
        raise NotImplementedError

    def _function_type(self, node: ast.FunctionTypeName) -> Type:
        external = node.visibility == "external"
        if node.mutability == "payable" and not external:
            self.fail(
                "SL0116", node.span, "an internal function type cannot be payable",
                hint="only external function types can",
            )  # fmt: skip
        for result in node.returns:
            if result.name is not None:
                self.fail(
                    "SL0118", result.name.span, "a result of a function type cannot have a name",
                    hint="delete the name",
                )  # fmt: skip
        parameters, returns = (
            tuple(self._part(part, external) for part in parts)
            for parts in (node.parameters, node.returns)
        )
        return function_type(parameters, returns, external, node.mutability)

    def _part(self, node: ast.Parameter, external: bool) -> Type:
        type_ = self.located_type(node, external, False)
        if external and self.structs_known:
            self.need_abi(type_, node.type.span)
        return type_

    def need_abi(self, type_: Type, span: Span) -> None:
        """Report a type that cannot cross a contract border."""
        if type_.contains_mapping or isinstance(type_, MappingType):
            self.fail(
                "SL0705",
                span,
                f"{type_.plain_name} cannot be ABI-encoded: it is or holds a mapping",
            )
        if type_.abi is None:
            self.fail("SL0705", span, f"{type_.plain_name} cannot be ABI-encoded")


def holds_internal_function(type_: Type, seen: frozenset[str] = frozenset()) -> bool:
    """Whether a place of the type has an internal function somewhere in it."""
    if isinstance(type_, FunctionType):
        return not type_.external
    if isinstance(type_, ArrayType):
        return holds_internal_function(type_.element, seen)
    if isinstance(type_, MappingType):
        return holds_internal_function(type_.value, seen)
    if not isinstance(type_, StructType) or type_.plain_name in seen:
        return False
    inside = seen | {type_.plain_name}
    return any(holds_internal_function(member, inside) for _, member in type_.members())


def internal_type(function: FunctionSymbol) -> FunctionType:
    """The type of a function as a value inside its contract."""
    return function_type(
        tuple(p.type for p in function.parameters),
        tuple(r.type for r in function.returns),
        False,
        "nonpayable" if function.mutability == "payable" else function.mutability,
    )


def external_type(function: FunctionSymbol) -> FunctionType:
    """The type of a function as others call it: arguments and results come from memory."""
    if function.getter_of is not None:
        of = function.getter_of.type
        results = tuple(t for _, t in getter_results(of))
        return function_type(tuple(getter_parameters(of)), results, True, "view")
    parameters, results = (
        tuple(v.type.in_location("memory") for v in variables)
        for variables in (function.parameters, function.returns)
    )
    return function_type(parameters, results, True, function.mutability)


class PointedFunction(FunctionSymbol):
    """What an external function pointer may hold: types and mutability are known, the selector is not."""

    __slots__ = ()

    @property
    def signature(self) -> str:
        raise InternalCompilerError("only the pointer knows the selector of its function")


def pointed_function(type_: FunctionType, unit: UnitSymbol) -> FunctionSymbol:
    """A function that stands for whatever an external function pointer holds."""
    symbol = PointedFunction("the function pointed at", None, unit, None)
    symbol.visibility = "external"
    symbol.mutability = type_.mutability
    for types, role, found in (
        (type_.parameters, "parameter", symbol.parameters),
        (type_.returns, "return", symbol.returns),
    ):
        found += [VariableSymbol("", None, unit, None, role, t) for t in types]
    return symbol
