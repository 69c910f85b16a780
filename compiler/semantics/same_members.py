"""Members that `using for` calls like something the type has anyway: the arguments decide, as between overloads.

Without a call nothing decides, and a member that takes no arguments is never the one that is left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from compiler.semantics import typed
from compiler.semantics.check_names import named
from compiler.semantics.conversions import implicit
from compiler.semantics.types import (
    BYTES,
    BYTES1,
    UINT256,
    ArrayType,
    FunctionType,
    Type,
)
from compiler.syntax import ast

if TYPE_CHECKING:
    from compiler.semantics.check_calls import CallChecker


def called_member(checker: CallChecker, node: ast.Call, callee: typed.Named) -> typed.Expr:
    """The member that a call means; `callee` holds the type's own and the attached functions."""
    own, attached = callee.meaning
    assert callee.bound is not None
    arguments = [checker.value(a) for a in node.arguments]
    found: list[typed.Expr] = []
    if _takes(checker, node, own, arguments):
        found.append(own)
    for function in attached:
        candidate = named(callee.pos, callee.end, "functions", [function], callee.bound)
        if checker.fits(node, candidate, arguments):
            found.append(candidate)
    if len(found) == 1:
        return found[0]
    name = attached[0].name
    if not found:
        checker.fail(
            "SL0403", node.span, f"neither the `{name}` of {callee.bound.type.name} nor one that is attached takes these arguments"
        )  # fmt: skip
    checker.not_unique(callee)


def _takes(
    checker: CallChecker, node: ast.Call, own: typed.Expr, arguments: list[typed.Expr]
) -> bool:
    """Whether the type's own member can be called so; what is no function is not asked."""
    if not isinstance(own, typed.Named):
        if not isinstance(own.type, FunctionType):
            return True
        return not node.names and _convertible(arguments, own.type.parameters)
    if own.what == "functions":
        return checker.fits(node, own, arguments)
    if node.names:
        return False
    if own.what == "address function":
        wanted = UINT256 if own.meaning in ("send", "transfer") else BYTES["memory"]
        return _convertible(arguments, (wanted,))
    assert own.what == "array function" and own.bound is not None
    if not arguments or own.meaning == "pop":
        return not arguments
    array = own.bound.type
    element = array.element.in_location("storage") if isinstance(array, ArrayType) else BYTES1
    return len(arguments) == 1 and (
        implicit(arguments[0].type, element, assigning_state=True) is None
    )


def _convertible(arguments: list[typed.Expr], wanted: tuple[Type, ...]) -> bool:
    return len(arguments) == len(wanted) and all(
        implicit(a.type, t) is None for a, t in zip(arguments, wanted, strict=True)
    )
