"""Every base constructor gets its arguments from one place in the inheritance."""

from __future__ import annotations

from compiler.diagnostics.errors import Reporter
from compiler.semantics.symbols import ContractSymbol


def check_base_arguments(contract: ContractSymbol, reporter: Reporter) -> None:
    """Report base constructors that get their arguments twice or, in a contract that can be
    created, not at all. All headers must be checked before."""
    givers: dict[ContractSymbol, ContractSymbol] = {}
    for giver in contract.linearized:
        for base, (values, node) in giver.base_arguments.items():
            if not values:
                continue
            first = givers.setdefault(base, giver)
            if first is not giver and not any(
                b.derives_from(first) and b.derives_from(giver) for b in contract.bases
            ):
                own = contract.base_arguments.get(base)
                reporter.report(
                    "SL0515", own[1].span if own is not None else contract.span,
                    f"arguments for the constructor of `{base.name}` come from `{first.name}` and from `{giver.name}`",
                    labels=((node.span, f"given in `{giver.name}`"),), hint="give them in one of the two",
                )  # fmt: skip
    if contract.abstract or contract.kind in ("interface", "library"):
        return
    for base in contract.linearized[1:]:
        if base.constructor is not None and base.constructor.parameters and base not in givers:
            reporter.report(
                "SL0513", contract.span, f"`{contract.name}` passes no arguments to the constructor of `{base.name}`",
                hint=f"write `is {base.name}(…)`, or mark the contract `abstract`",
            )  # fmt: skip
