"""What the code being checked may do: view and pure, checked arithmetic, immutables.

The state of one body check lives here, below the checkers that use it.
"""

from __future__ import annotations

from compiler.diagnostics.errors import Reporter
from compiler.evm.opcodes import OPCODES, available
from compiler.semantics.function_types import FunctionTypeNames
from compiler.semantics.symbols import (
    ContractSymbol,
    FunctionSymbol,
    ModifierSymbol,
    UnitSymbol,
    Uses,
    VariableSymbol,
)
from compiler.semantics.types import Type
from compiler.source import Span

STRICTNESS = {"pure": 0, "view": 1, "nonpayable": 2, "payable": 3}


class Requirements(FunctionTypeNames):
    """`function` is the one whose body is checked, None for initial values and constants."""

    evm_version = "cancun"

    def __init__(
        self, reporter: Reporter, unit: UnitSymbol, contract: ContractSymbol | None
    ) -> None:
        super().__init__(reporter, unit, contract)
        self.function: FunctionSymbol | None = None
        self.mutability: str | None = None  # of the function or getter, None while anything goes
        self.in_modifier = False
        self.has_placeholder = False
        self.modifier: ModifierSymbol | None = None
        self.unchecked = False
        self.loop_depth = 0
        self.left_out = False  # a part of the function at work could not be checked
        self.constant_of: VariableSymbol | None = None
        self.only_named = False  # `this` stands in `this.f.selector`, which looks at no state
        self.uses = contract.uses if contract is not None else Uses()
        self.used_locals: set[VariableSymbol] = set()
        self.constant_chain = 0  # the longest of the constants named so far
        self.constants_inside = 0  # parts of the constants named so far, written out
        self.declared_locals: list[VariableSymbol] = []

    @property
    def checked(self) -> bool:
        """Whether arithmetic here reverts on overflow."""
        return not (self.unchecked or self.unit.wrapping)

    def require(self, mutability: str, span: Span, what: str) -> None:
        """Report if the function promises more than `what` keeps."""
        modifier = self.modifier
        if modifier is not None and self.in_modifier:
            if STRICTNESS[modifier.mutability] < STRICTNESS[mutability]:
                modifier.mutability = mutability
            return
        if mutability != "pure":
            self.not_in_constant(span, what)
        if self.mutability is None or STRICTNESS[self.mutability] >= STRICTNESS[mutability]:
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

    def require_opcode(self, name: str, span: Span, what: str) -> None:
        """Report what the chosen EVM has no opcode for."""
        if name in OPCODES and not available(name, self.evm_version):
            self.fail(
                "SL0809", span, f"{what} does not exist in {self.evm_version}",
                hint=f"compile with `--evm-version {OPCODES[name].since}`",
            )  # fmt: skip

    def not_in_constant(self, span: Span, what: str) -> None:
        """Refuse what a constant cannot be made of."""
        if self.constant_of is not None:
            self.fail(
                "SL0320", span, f"{what} cannot be part of the constant `{self.constant_of.name}`",
                hint="a constant's value must be known at compile time; use `immutable` instead",
            )  # fmt: skip

    def require_payable(self, span: Span) -> None:
        """`msg.value` only makes sense where value can arrive."""
        function = self.function
        if self.in_modifier and self.modifier is not None:
            self.modifier.takes_value = True
        if function is None or self.in_modifier or function.mutability == "payable":
            return
        in_library = function.contract is not None and function.contract.kind == "library"
        if function.visibility in ("internal", "private") or in_library:
            return
        what = f"`{function.name}`" if function.name else f"the {function.function_kind}"
        self.reporter.report(
            "SL0412", span, f"`msg.value` is always zero in {what}, which is not payable",
            hint="add `payable` to it",
        )  # fmt: skip

    def note_state(self, symbol: VariableSymbol, span: Span) -> None:
        """A state variable was named: that reads it, unless it turns out to be assigned."""
        self.require("view", span, f"reading `{symbol.name}`")

    def note_storage(self, type_: Type, span: Span) -> None:
        """Something inside a storage value was named."""
        if type_.location == "storage":
            self.require("view", span, "reading storage")

    def check_immutable_write(self, symbol: VariableSymbol, span: Span) -> None:
        """Immutables are written while the contract is made: in constructors and initial values."""
        function = self.function
        if self.in_modifier or (function is not None and function.function_kind != "constructor"):
            self.fail(
                "SL0311", span, f"immutable `{symbol.name}` can only be assigned in the constructor",
                hint="a variable that changes later is declared without `immutable`",
                labels=((symbol.span, "declared here"),) if symbol.span else (),
            )  # fmt: skip
