"""External functions of libraries: called by delegatecall, with storage handed over as slot numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from compiler.semantics import typed
from compiler.semantics.symbols import FunctionSymbol
from compiler.semantics.types import (
    EMPTY_TUPLE,
    UINT256,
    ArrayType,
    ContractType,
    EnumType,
    MappingType,
    StructType,
    TupleType,
    Type,
    UserType,
)
from compiler.syntax import ast

if TYPE_CHECKING:
    from compiler.semantics.check_calls import CallChecker


def in_library(function: FunctionSymbol) -> bool:
    """Whether the function is called by delegatecall, from outside its library."""
    return (
        function.is_external
        and function.contract is not None
        and function.contract.kind == "library"
    )


def is_delegated(function: FunctionSymbol, callee: typed.Named) -> bool:
    """Whether naming the function like this means its code on chain: `L.f`, or attached to a value.

    Inside the library, its bare name means a jump."""
    return in_library(function) and ("exact" in callee.options or callee.bound is not None)


def library_call(
    checker: CallChecker, node: ast.Call, function: FunctionSymbol, arguments: list[typed.Expr]
) -> typed.Expr:
    """`L.f(…)` or `value.f(…)` of an external library function."""
    if function.contract is checker.contract:
        checker.fail(
            "SL0405", node.span, "a library cannot call its own functions from outside",
            hint=f"write `{function.name}(…)` for a jump within the library",
        )  # fmt: skip
    if function.mutability != "pure":
        checker.require(function.mutability, node.span, f"calling `{function.name}`")
    converted = [
        checker.convert(argument, parameter.type)
        if parameter.type.location == "storage"
        else checker.for_encoding(argument, parameter.type)
        for argument, parameter in zip(arguments, function.parameters, strict=True)
    ]
    results = tuple(returned(r.type) for r in function.returns)
    type_ = results[0] if len(results) == 1 else TupleType(results) if results else EMPTY_TUPLE
    return typed.LibraryCall(node.pos, node.end, type_, function, converted)


def returned(type_: Type) -> Type:
    """A result as the caller gets it: pointers to storage stay, all else is copied into memory."""
    return type_ if type_.location == "storage" else type_.in_location("memory")


def passed(type_: Type) -> Type:
    """The type a parameter or result is encoded as."""
    return UINT256 if type_.location == "storage" else type_


# -- signatures ----------------------------------------------------------------------------------------


def library_signature(function: FunctionSymbol) -> str:
    """What an external library function's selector is the hash of.

    Structs, enums and contracts go by their names, since their layout in storage is part of what they are."""
    listed = ",".join(
        _name(p.type) + (" storage" if p.type.location == "storage" else "")
        for p in function.parameters
    )
    return f"{function.name}({listed})"


def _name(type_: Type) -> str:
    if isinstance(type_, UserType):
        return type_.underlying.abi or ""
    return _inner_name(type_)


def _inner_name(type_: Type) -> str:
    if isinstance(type_, (StructType, EnumType, UserType)):
        return type_.symbol.qualified_name
    if isinstance(type_, ContractType):
        return type_.symbol.name
    if isinstance(type_, MappingType):
        return f"mapping({_inner_name(type_.key)} => {_inner_name(type_.value)})"
    if isinstance(type_, ArrayType):
        length = "" if type_.length is None else str(type_.length)
        return f"{_inner_name(type_.element)}[{length}]"
    return type_.abi or type_.plain_name
