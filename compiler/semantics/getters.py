"""Getters of public state variables: what they take and what they give."""

from __future__ import annotations

from compiler.semantics.types import (
    UINT256,
    ArrayType,
    BytesType,
    MappingType,
    StructType,
    Type,
)
from compiler.syntax import ast


def getter_parameters(type_: Type) -> list[Type]:
    """One parameter for each mapping key and array index on the way to the value."""
    parameters: list[Type] = []
    while True:
        if isinstance(type_, MappingType):
            parameters.append(type_.key.in_location("memory"))
            type_ = type_.value
        elif isinstance(type_, ArrayType):
            parameters.append(UINT256)
            type_ = type_.element
        else:
            return parameters


def getter_names(node: ast.TypeName) -> tuple[list[str], str]:
    """The names that a variable's mappings give to the getter's parameters and to its result."""
    parameters: list[str] = []
    result = ""
    while True:
        if isinstance(node, ast.MappingTypeName):
            parameters.append(node.key_name.name if node.key_name else "")
            result = node.value_name.name if node.value_name else ""
            node = node.value
        elif isinstance(node, ast.ArrayTypeName):
            parameters.append("")
            node = node.element
        else:
            return parameters, result


def getter_value(type_: Type) -> Type:
    """What stands at the end of that way."""
    while True:
        if isinstance(type_, MappingType):
            type_ = type_.value
        elif isinstance(type_, ArrayType):
            type_ = type_.element
        else:
            return type_


def getter_results(type_: Type) -> list[tuple[str, Type]]:
    """(member name, type) of each result: structs are taken apart, their arrays and mappings left out."""
    value = getter_value(type_)
    if not isinstance(value, StructType):
        return [("", value.in_location("memory"))]
    return [
        (name, member.in_location("memory"))
        for name, member in value.members()
        if not isinstance(member, (MappingType, ArrayType)) or isinstance(member, BytesType)
    ]
