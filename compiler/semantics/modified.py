"""What a modifier does, its function does: a view function has no modifier that writes."""

from __future__ import annotations

from compiler.diagnostics.errors import Reporter
from compiler.semantics.requirements import STRICTNESS
from compiler.semantics.symbols import FunctionSymbol, Invocation


def check_modified(function: FunctionSymbol, invocation: Invocation, reporter: Reporter) -> None:
    """Report a modifier that does more than the function it is on may do."""
    modifier, promised = invocation.modifier, function.mutability
    if function.function_kind == "constructor":
        return
    needed = modifier.mutability
    span = next(n.span for n in function.node.modifiers if n.path[-1].name == modifier.name)
    if STRICTNESS[needed] > STRICTNESS[promised] and promised in ("pure", "view"):
        code, does = ("SL0411", "reads state") if needed == "view" else ("SL0410", "changes state")
        reporter.report(
            code, span, f"modifier `{modifier.name}` {does}, which is not allowed in the {promised} function `{function.name}`",
            hint="change `pure` to `view`" if needed == "view" else f"delete `{promised}` from the function",
        )  # fmt: skip
    elif (
        modifier.takes_value
        and promised != "payable"
        and function.visibility in ("public", "external")
    ):
        reporter.report(
            "SL0412", span, f"modifier `{modifier.name}` reads `msg.value`, which is always zero in a function that is not payable",
            hint="add `payable` to the function",
        )  # fmt: skip
