"""What the code being checked may do: view and pure, checked arithmetic, immutables.

The state of one body check lives here, below the checkers that use it.
"""

from __future__ import annotations

from compiler.diagnostics.errors import Reporter
from compiler.semantics.function_types import FunctionTypeNames
from compiler.semantics.symbols import (
    ContractSymbol,
    FunctionSymbol,
    UnitSymbol,
    Uses,
    VariableSymbol,
)
from compiler.semantics.types import Type
from compiler.source import Span

_STRICTNESS = {"pure": 0, "view": 1, "nonpayable": 2, "payable": 3}


class Requirements(FunctionTypeNames):
    """`function` is the one whose body is checked, None for initial values and constants."""

    def __init__(
        self, reporter: Reporter, unit: UnitSymbol, contract: ContractSymbol | None
    ) -> None:
        super().__init__(reporter, unit, contract)
        self.function: FunctionSymbol | None = None
        self.mutability: str | None = None  # of the function or getter, None while anything goes
        self.in_modifier = False
        self.unchecked = False
        self.loop_depth = 0
        self.constant_of: VariableSymbol | None = None
        self.only_named = False  # `this` stands in `this.f.selector`, which looks at no state
        self.uses = contract.uses if contract is not None else Uses()
        self.used_locals: set[VariableSymbol] = set()

    @property
    def checked(self) -> bool:
        """Whether arithmetic here reverts on overflow."""
        return not (self.unchecked or self.unit.wrapping)

    def require(self, mutability: str, span: Span, what: str) -> None:
        """Report if the function promises more than `what` keeps."""
        if self.constant_of is not None and mutability != "pure":
            self.fail(
                "SL0320", span, f"{what} cannot be part of the constant `{self.constant_of.name}`",
                hint="a constant's value must be known at compile time; use `immutable` instead",
            )  # fmt: skip
        if self.mutability is None or _STRICTNESS[self.mutability] >= _STRICTNESS[mutability]:
            return
        if self.mutability == "payable":
            return
        name = self.function.name if self.function is not None else ""
        if mutability == "nonpayable":
            self.reporter.report(
                "SL0410", span, f"{what} is not allowed in the {self.mutability} function `{name}`",
                hint=f"delete `{self.mutability}` from the function",
            )  # fmt: skip
        elif mutability == "view":
            self.reporter.report(
                "SL0411", span, f"{what} is not allowed in the pure function `{name}`",
                hint="change `pure` to `view`",
            )  # fmt: skip

    def require_payable(self, span: Span) -> None:
        """`msg.value` only makes sense where value can arrive."""
        function = self.function
        if function is None or self.in_modifier or self.mutability == "payable":
            return
        if function.visibility in ("internal", "private"):
            return
        self.reporter.report(
            "SL0412", span, f"`msg.value` is always zero in `{function.name}`, which is not payable",
            hint="add `payable` to the function",
        )  # fmt: skip

    def note_state(self, symbol: VariableSymbol, span: Span) -> None:
        """A state variable was named: that reads it, unless it turns out to be assigned."""
        self.require("view", span, f"reading `{symbol.name}`")

    def note_storage(self, type_: Type, span: Span) -> None:
        """Something inside a storage value was named."""
        if type_.location == "storage":
            self.require("view", span, "reading storage")

    def check_immutable_write(self, symbol: VariableSymbol, span: Span) -> None:
        """Immutables are written in the constructor or at their declaration."""
        function = self.function
        if function is None or function.function_kind != "constructor":
            self.fail(
                "SL0311", span, f"immutable `{symbol.name}` can only be assigned in the constructor"
            )
        if function.contract is not symbol.contract:
            self.fail("SL0311", span, f"immutable `{symbol.name}` belongs to another contract")
        if self.loop_depth:
            self.fail("SL0311", span, f"immutable `{symbol.name}` cannot be assigned in a loop")
