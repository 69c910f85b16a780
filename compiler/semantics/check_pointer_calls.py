"""Calls of function pointers."""

from __future__ import annotations

from compiler.semantics import typed
from compiler.semantics.check_builtins import BuiltinChecker
from compiler.semantics.check_function_pointers import CALL_OPTIONS
from compiler.semantics.check_names import named
from compiler.semantics.function_types import pointed_function
from compiler.semantics.types import ArrayType, FunctionType, MappingType, Type
from compiler.syntax import ast


class PointerCallChecker(BuiltinChecker):
    """`pointer(…)`, and `pointer{value: v}(…)` of external ones."""

    def pointer_with_options(self, node: ast.CallOptions, pointer: typed.Expr) -> typed.Named:
        """A function pointer in front of `{…}`: options gather in the name until the call."""
        type_ = pointer.type
        if not isinstance(type_, FunctionType) or not type_.external:
            self.fail("SL0406", node.span, "call options only apply to external calls and `new`")
        return named(pointer.pos, pointer.end, "function with options", type_, pointer)

    def pointer_call(
        self, node: ast.Call, pointer: typed.Expr, options: dict[str, typed.Expr]
    ) -> typed.Expr:
        type_ = pointer.type
        if not isinstance(type_, FunctionType):
            self.fail(
                "SL0401", node.function.span, f"{type_.name} cannot be called",
                hint=self._uncallable_hint(node, type_),
            )  # fmt: skip
        if node.names:
            self.fail("SL0404", node.span, "parameters of a function type have no names")
        if len(node.arguments) != len(type_.parameters):
            plural = "" if len(type_.parameters) == 1 else "s"
            self.fail(
                "SL0404", node.span,
                f"{type_.name} takes {len(type_.parameters)} argument{plural}, not {len(node.arguments)}",
            )  # fmt: skip
        if type_.mutability != "pure":
            needed = "view" if type_.mutability == "view" else "nonpayable"
            self.require(needed, node.span, f"calling a `{type_.name}`")
        if type_.external:
            return self._external_pointer_call(node, pointer, type_, options)
        arguments = [
            self.convert(self.value(a), t)
            for a, t in zip(node.arguments, type_.parameters, strict=True)
        ]
        return typed.PointerCall(node.pos, node.end, type_.result, pointer, arguments)

    def _uncallable_hint(self, node: ast.Call, type_: Type) -> str | None:
        if isinstance(node.function, ast.Name):
            name = node.function.name
            if isinstance(type_, (MappingType, ArrayType)) and len(node.arguments) == 1:
                inside = self.reporter.quoted(node.arguments[0].span)
                return f"its elements stand in brackets: `{name}[{inside}]`"
            return (
                f"`{name}` is a variable: leave out the parentheses" if not node.arguments else None
            )
        if isinstance(node.function, ast.Member) and not node.arguments:
            name = node.function.member.name
            return f"`{name}` is no function: write `.{name}` without the parentheses"
        if isinstance(node.function, ast.Call):
            return "options stand in braces in front of the arguments: `f{value: v}(…)`"
        return None

    def _external_pointer_call(
        self,
        node: ast.Call,
        pointer: typed.Expr,
        type_: FunctionType,
        options: dict[str, typed.Expr],
    ) -> typed.Expr:
        if "salt" in options:
            self.fail("SL0406", node.span, "`salt` only applies to `new`")
        if "value" in options and type_.mutability != "payable":
            self.fail("SL0406", node.span, f"{type_.name} is not payable and takes no value")
        if any(t.location == "calldata" for t in type_.returns):
            self.fail(
                "SL0312", node.span, "results of an external call are in memory, not in calldata",
                hint="declare the type with `memory` results",
            )  # fmt: skip
        function = pointed_function(type_, self.unit)
        return typed.ExternalCall(
            node.pos, node.end, type_.result, pointer, function,
            call_options(options), self.pointer_arguments(node.arguments, type_),
        )  # fmt: skip


def call_options(options: dict[str, typed.Expr]) -> list[typed.CallOption]:
    """What stands in braces, as written, of all that a name carries."""
    return [
        typed.CallOption(value.pos, value.end, value.type, name, value)
        for name, value in options.items()
        if name in CALL_OPTIONS
    ]
