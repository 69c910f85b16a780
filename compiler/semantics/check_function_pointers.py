"""Functions as values: pointers made of names, and their members."""

from __future__ import annotations

from compiler.semantics import typed
from compiler.semantics.check_names import NameChecker
from compiler.semantics.function_types import external_type, internal_type
from compiler.semantics.symbols import ContractSymbol, FunctionSymbol
from compiler.semantics.types import ADDRESS, BYTES4, ContractType, FunctionType
from compiler.source import Span
from compiler.syntax import ast

CALL_OPTIONS = ("value", "gas", "salt")
_PLAIN = (
    typed.Const, typed.Literal, typed.Local, typed.State, typed.Immutable, typed.Environment,
)  # fmt: skip


class FunctionPointerChecker(NameChecker):
    """`f`, `this.f`, `super.f`, `Base.f` and `Library.f` without a call."""

    def function_pointer(self, name: typed.Named) -> typed.Expr:
        functions: list[FunctionSymbol] = name.meaning
        span = (name.pos, name.end)
        if len(functions) > 1:
            self.fail(
                "SL0402", span, f"`{functions[0].name}` is overloaded: it is not clear which one is meant",
                hint="give the one that is meant a name of its own",
            )  # fmt: skip
        function = functions[0]
        if self.constant_of is not None:
            self.fail(
                "SL0320", span, f"a function cannot be the value of the constant `{self.constant_of.name}`",
                hint="an immutable can hold a function",
            )  # fmt: skip
        if any(option in name.options for option in CALL_OPTIONS):
            self.fail(
                "SL0406", span, "a function with call options is not a value",
                hint="give the options where it is called: `f{gas: g}(…)`",
            )  # fmt: skip
        if "foreign" in name.options:
            self._foreign(name, function)
        if name.bound is None:
            in_library = function.contract is not None and function.contract.kind == "library"
            if in_library and "exact" in name.options and function.is_external:
                self.fail(
                    "SL0302", span, f"`{function.name}` of a library is {function.visibility} and cannot become a value",
                    hint="make it `internal`",
                )  # fmt: skip
            dispatch = self.dispatch_of(name, function, span)
            return typed.FunctionPointer(
                name.pos, name.end, internal_type(function), function, dispatch
            )
        if not (isinstance(name.bound.type, ContractType) and not is_attached(function)):
            self.fail(
                "SL0302", span, f"`{function.name}` is attached to a value here and cannot become a value itself",
                hint="name it without the value in front of the dot",
            )  # fmt: skip
        return typed.ExternalPointer(
            name.pos, name.end, external_type(function), name.bound, function
        )

    def _foreign(self, name: typed.Named, function: FunctionSymbol) -> None:
        self.fail(
            "SL0405", (name.pos, name.end), f"`{function.name}` belongs to a contract this one does not inherit",
            hint="name it on an address: `Contract(address).f`",
        )  # fmt: skip

    def dispatch_of(
        self, name: typed.Named, function: FunctionSymbol, span: Span
    ) -> str | ContractSymbol:
        """How the most derived contract finds the internal function that a name means."""
        if function.visibility == "external":
            self.fail(
                "SL0405", span, f"`{function.name}` is external and cannot be called from inside",
                hint=f"make it `public`, or call `this.{function.name}(…)` (a real call, with its gas)",
            )  # fmt: skip
        dispatch: str | ContractSymbol = "virtual"
        if "super" in name.options:
            super_type = name.options["super"].type
            assert isinstance(super_type, ContractType)
            dispatch = super_type.symbol
        elif (
            "exact" in name.options
            or function.contract is None
            or function.contract.kind == "library"
        ):
            dispatch = "exact"
        if dispatch == "exact" and not function.has_body:
            self.fail("SL0405", span, f"`{function.name}` has no body to call")
        self.uses.calls[function, dispatch] = None
        return dispatch

    def need_plain_options(self, name: typed.Named) -> None:
        """Where a function with call options is not called, its options are not evaluated."""
        for option, value in name.options.items():
            if option in CALL_OPTIONS and not is_plain(value):
                self.fail(
                    "SL0406", (value.pos, value.end), f"the option `{option}` of a function that is not called here would be lost",
                    hint="delete the options",
                )  # fmt: skip

    def pointer_member(self, node: ast.Member, pointer: typed.Expr, name: str) -> typed.Expr | None:
        """`.selector` and `.address` of an external function."""
        type_ = pointer.type
        if not isinstance(type_, FunctionType) or not type_.external:
            return None
        if name == "selector":
            return typed.Convert(node.pos, node.end, BYTES4, pointer)
        return typed.Convert(node.pos, node.end, ADDRESS, pointer) if name == "address" else None


def is_plain(value: typed.Expr) -> bool:
    """Whether nothing happens when the value is worked out."""
    while isinstance(value, typed.Convert):
        value = value.value
    return isinstance(value, _PLAIN)


def is_inner(name: typed.Named, function: FunctionSymbol) -> bool:
    """Whether a name means a function as called from inside, though it may be public as well."""
    if name.bound is not None or "foreign" in name.options:
        return False
    return not ("exact" in name.options and function.visibility == "external")


def is_attached(function: FunctionSymbol) -> bool:
    """Whether a function named on a value comes from `using for` rather than from the contract itself."""
    return function.visibility not in ("public", "external") or (
        function.contract is not None and function.contract.kind == "library"
    )
