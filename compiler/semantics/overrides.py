"""Overriding rules: what a derived contract may redefine, and what it must."""

from __future__ import annotations

from compiler.diagnostics.errors import Reporter
from compiler.semantics.symbols import ContractSymbol, FunctionSymbol, ModifierSymbol
from compiler.syntax import ast

_STRICTNESS = {"pure": 0, "view": 1, "nonpayable": 2, "payable": 3}


def check_overrides(contract: ContractSymbol, reporter: Reporter) -> None:
    """Report every override that is missing, wrong or not allowed in one contract."""
    for function in contract.functions:
        bases = _overridden(contract, function)
        stated = function.node.override
        if stated is not None and not bases:
            reporter.report(
                "SL0520", function.span, f"`{function.name}` overrides nothing",
                hint="delete `override`, or check the parameter types",
            )  # fmt: skip
        for base in bases:
            _check_pair(contract, function, base, reporter)
        if bases:
            _check_list(contract, function, bases, stated, reporter)
    for modifier in contract.modifiers:
        _check_modifier(contract, modifier, reporter)
    _check_unimplemented(contract, reporter)
    _check_ambiguous(contract, reporter)


def _overridden(contract: ContractSymbol, function: FunctionSymbol) -> list[FunctionSymbol]:
    """The functions of the nearest bases that this one redefines, one per base path."""
    found: list[FunctionSymbol] = []

    def search(base: ContractSymbol) -> None:
        for candidate in base.functions:
            if _same(candidate, function) and candidate.visibility != "private":
                if candidate not in found:
                    found.append(candidate)
                return
        for further in base.bases:
            search(further)

    for base in contract.bases:
        search(base)
    return found


def _same(a: FunctionSymbol, b: FunctionSymbol) -> bool:
    if a.name != b.name or a is b:
        return False
    return _shape(a) == _shape(b)


def _shape(function: FunctionSymbol) -> list[str]:
    if function.getter_of is not None:
        from compiler.semantics.getters import getter_parameters

        return [t.plain_name for t in getter_parameters(function.getter_of.type)]
    return [p.type.plain_name for p in function.parameters]


def _results(function: FunctionSymbol) -> list[str]:
    if function.getter_of is not None:
        from compiler.semantics.getters import getter_results

        return [t.plain_name for _, t in getter_results(function.getter_of.type)]
    return [r.type.plain_name for r in function.returns]


def _check_pair(
    contract: ContractSymbol, function: FunctionSymbol, base: FunctionSymbol, reporter: Reporter
) -> None:
    assert base.contract is not None
    labels = ((base.span, "overridden here"),) if base.span else ()
    name = function.name
    if not base.is_virtual:
        reporter.report(
            "SL0521", function.span, f"`{name}` overrides a function of `{base.contract.name}` that is not virtual",
            labels=labels, hint="mark the overridden function `virtual`",
        )  # fmt: skip
        return
    if function.visibility != base.visibility and not (
        base.visibility == "external" and function.visibility == "public"
    ):
        reporter.report(
            "SL0522", function.span, f"`{name}` is {function.visibility} but overrides a function that is {base.visibility}",
            labels=labels,
        )  # fmt: skip
    if _results(function) != _results(base):
        reporter.report(
            "SL0522", function.span, f"`{name}` returns other types than the function it overrides", labels=labels
        )  # fmt: skip
    if function.getter_of is None:
        weaker = _STRICTNESS[function.mutability] > _STRICTNESS[base.mutability]
        payable = (function.mutability == "payable") != (base.mutability == "payable")
        if weaker or payable:
            reporter.report(
                "SL0522", function.span, f"`{name}` is {function.mutability} but overrides a function that is {base.mutability}",
                labels=labels,
            )  # fmt: skip


def _check_list(
    contract: ContractSymbol,
    function: FunctionSymbol,
    bases: list[FunctionSymbol],
    stated: list[list[ast.Identifier]] | None,
    reporter: Reporter,
) -> None:
    owners = [b.contract.name for b in bases if b.contract is not None]
    from_interface = all(b.contract is not None and b.contract.kind == "interface" for b in bases)
    if stated is None:
        if len(bases) == 1 and from_interface:
            return  # implementing one interface needs no keyword
        reporter.report(
            "SL0523", function.span, f"`{function.name}` overrides {' and '.join(owners)} without saying so",
            hint="add `override`" if len(owners) == 1 else f"add `override({', '.join(owners)})`",
        )  # fmt: skip
        return
    named = {path[-1].name for path in stated}
    if len(bases) > 1 and named != set(owners):
        reporter.report(
            "SL0523", function.span, f"`{function.name}` must list every contract it overrides",
            hint=f"write `override({', '.join(owners)})`",
        )  # fmt: skip
    elif len(bases) == 1 and named and named != set(owners):
        reporter.report(
            "SL0523",
            function.span,
            f"`{function.name}` overrides {owners[0]}, not {', '.join(sorted(named))}",
        )


def _check_modifier(contract: ContractSymbol, modifier: ModifierSymbol, reporter: Reporter) -> None:
    base = next(
        (m for c in contract.linearized[1:] for m in c.modifiers if m.name == modifier.name), None
    )
    if base is None:
        if modifier.node.override is not None:
            reporter.report(
                "SL0520", modifier.span, f"modifier `{modifier.name}` overrides nothing"
            )
        return
    if not base.is_virtual:
        reporter.report(
            "SL0521", modifier.span, f"modifier `{modifier.name}` overrides one that is not virtual"
        )
    if modifier.node.override is None:
        reporter.report(
            "SL0523",
            modifier.span,
            f"modifier `{modifier.name}` overrides without saying so",
            hint="add `override`",
        )


def _check_unimplemented(contract: ContractSymbol, reporter: Reporter) -> None:
    if contract.abstract or contract.kind in ("interface", "library"):
        return
    missing: list[FunctionSymbol] = []
    implemented: set[tuple[str, ...]] = set()
    for base in contract.linearized:
        for function in base.functions:
            key = (function.name, *_shape(function))
            if (
                key not in implemented
                and not function.has_body
                and function.function_kind == "function"
            ):
                missing.append(function)
            implemented.add(key)
    if missing:
        listed = ", ".join(f"`{m.signature}`" for m in missing[:5])
        more = f" and {len(missing) - 5} more" if len(missing) > 5 else ""
        reporter.report(
            "SL0513", contract.span, f"contract `{contract.name}` does not implement {listed}{more}",
            hint=f"implement {'it' if len(missing) == 1 else 'them'}, or mark the contract `abstract`",
        )  # fmt: skip


def _check_ambiguous(contract: ContractSymbol, reporter: Reporter) -> None:
    """Two unrelated bases define the same function and this contract does not decide."""
    own = {(f.name, *_shape(f)) for f in contract.functions}
    seen: dict[tuple[str, ...], FunctionSymbol] = {}
    for base in contract.bases:
        for owner in base.linearized:
            for function in owner.functions:
                key = (function.name, *_shape(function))
                if (
                    key in own
                    or function.visibility == "private"
                    or function.function_kind != "function"
                ):
                    continue
                first = seen.setdefault(key, function)
                if (
                    first is function
                    or first.contract is None
                    or owner.derives_from(first.contract)
                ):
                    continue
                if first.contract.derives_from(owner):
                    continue
                reporter.report(
                    "SL0524", contract.span,
                    f"`{contract.name}` inherits `{function.name}` from {first.contract.name} and {owner.name}",
                    hint=f"define it here with `override({first.contract.name}, {owner.name})`",
                )  # fmt: skip
