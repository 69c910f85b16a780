"""What may be declared `transient`: values that last as long as the transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from compiler.diagnostics.errors import Reporter
from compiler.evm.opcodes import available
from compiler.semantics.symbols import ContractSymbol, VariableSymbol

if TYPE_CHECKING:
    from compiler.semantics.check_statements import BodyChecker


def check_transient(symbol: VariableSymbol, checker: BodyChecker) -> None:
    """The declaration alone; its type is known."""
    node = symbol.node
    if symbol.is_constant or symbol.immutable:
        kind = "constant" if symbol.is_constant else "immutable"
        checker.fail(
            "SL0519", node.name.span, f"`{symbol.name}` cannot be both transient and {kind}",
            hint=f"a {kind} variable has no storage: delete `transient`",
        )  # fmt: skip
    if node.value is not None:
        checker.fail(
            "SL0519", node.value.span, "a transient variable has no initial value",
            hint="it is zero at the start of every transaction",
        )  # fmt: skip
    if not symbol.type.is_value:
        checker.unsupported(
            "SL2006", node.type.span, f"a transient variable of type {symbol.type.plain_name} is"
        )


def check_transient_version(contract: ContractSymbol, reporter: Reporter, evm_version: str) -> None:
    """Transient storage came with Cancun."""
    for variable in contract.state_variables:
        if variable.transient and not available("tload", evm_version):
            reporter.report(
                "SL0809", variable.node.span, f"transient storage does not exist in {evm_version}",
                hint="compile for cancun or later",
            )  # fmt: skip
