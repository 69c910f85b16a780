"""Overriding rules: what a derived contract may redefine, and what it must.

Functions, getters, `receive`, `fallback` and modifiers follow one set of rules. What each contract
inherits is gathered once per build in an `Inheritance`.
"""

from __future__ import annotations

from collections.abc import Iterator

from compiler.diagnostics.errors import Reporter
from compiler.semantics.advice import did_you_mean
from compiler.semantics.ambiguous import Overridable, check_ambiguous
from compiler.semantics.getters import getter_parameters, getter_results
from compiler.semantics.symbols import ContractSymbol, FunctionSymbol, ModifierSymbol
from compiler.semantics.types import Type
from compiler.syntax import ast

_STRICTNESS = {"pure": 0, "view": 1, "nonpayable": 2, "payable": 3}
Key = tuple[object, ...]
Redefined = dict[Key, list[Overridable]]


class Inheritance:
    """What each contract inherits: for each key, the nearest definitions on all ways up."""

    def __init__(self) -> None:
        self._known: dict[ContractSymbol, Redefined] = {}

    def of(self, contract: ContractSymbol) -> Redefined:
        found = self._known.get(contract)
        if found is not None:
            return found
        result: Redefined = {}
        for base in contract.bases:
            seen: Redefined = {_key(symbol): [symbol] for symbol in _defined(base)}
            for key, inherited in self.of(base).items():
                seen.setdefault(key, inherited)
            for key, symbols in seen.items():
                held = result.setdefault(key, [])
                held += [symbol for symbol in symbols if symbol not in held]
        self._known[contract] = result
        return result

    def bases(self, symbol: Overridable) -> list[Overridable]:
        """What a definition redefines."""
        assert symbol.contract is not None
        return self.of(symbol.contract).get(_key(symbol), [])


def _defined(contract: ContractSymbol) -> Iterator[Overridable]:
    """What a contract defines itself and its heirs can redefine or must not redefine."""
    yield from contract.functions
    for special in (contract.receive, contract.fallback):
        if special is not None:
            yield special
    yield from contract.modifiers


def _key(symbol: Overridable) -> Key:
    """What two definitions have in common when one redefines the other."""
    if isinstance(symbol, ModifierSymbol):
        return "modifier", symbol.name
    if symbol.function_kind != "function":
        return (symbol.function_kind,)
    return symbol.name, *parameter_types(symbol)


def parameter_types(function: FunctionSymbol) -> list[Type]:
    """The types of a function's or getter's parameters, whatever their data location."""
    if function.getter_of is not None:
        return getter_parameters(function.getter_of.type)
    return [p.type.in_location("memory") for p in function.parameters]


def _result_types(function: FunctionSymbol) -> list[Type]:
    if function.getter_of is not None:
        return [t.in_location("memory") for _, t in getter_results(function.getter_of.type)]
    return [r.type.in_location("memory") for r in function.returns]


def check_overrides(contract: ContractSymbol, inheritance: Inheritance, reporter: Reporter) -> None:
    """Report every override that is missing, wrong or not allowed in one contract."""
    own: set[Key] = set()
    for symbol in _defined(contract):
        own.add(_key(symbol))
        bases = inheritance.bases(symbol)
        if symbol.node.override is not None and not bases:
            reporter.report(
                "SL0520", symbol.span, f"{named(symbol)} overrides nothing",
                hint=_meant(symbol, contract) or "delete `override`, or check the parameter types",
            )  # fmt: skip
        for base in bases:
            _check_pair(symbol, base, reporter)
        if bases:
            _check_list(symbol, bases, reporter)
    for variable in contract.state_variables:
        if variable.node.override is not None and variable.visibility != "public":
            reporter.report(
                "SL0520", variable.span, f"`{variable.name}` is {variable.visibility} and has no getter that could override",
                hint="make it `public`, or delete `override`",
            )  # fmt: skip
    _check_unimplemented(contract, reporter)
    for key, inherited in inheritance.of(contract).items():
        if key not in own and len(inherited) > 1:
            check_ambiguous(contract, inherited, inheritance.bases, reporter)


def _meant(symbol: Overridable, contract: ContractSymbol) -> str | None:
    """What the bases have that a definition which overrides nothing may have been meant for."""
    inherited = [s for base in contract.linearized[1:] for s in _defined(base)]
    for other in inherited:
        if other.name == symbol.name and isinstance(other, FunctionSymbol) and other.name:
            return f"the inherited one is `{other.signature}`"
    return did_you_mean(symbol.name, {s.name for s in inherited})


def named(symbol: Overridable) -> str:
    """How messages call it."""
    if isinstance(symbol, ModifierSymbol):
        return f"modifier `{symbol.name}`"
    return f"`{symbol.name or symbol.function_kind}`"


def _check_pair(symbol: Overridable, base: Overridable, reporter: Reporter) -> None:
    assert base.contract is not None
    labels = ((base.span, "overridden here"),) if base.span else ()
    name = named(symbol)
    if not base.is_virtual:
        reporter.report(
            "SL0521", symbol.span, f"{name} overrides {_kind(base)} of `{base.contract.name}` that is not virtual",
            labels=labels, hint=f"mark the overridden {base.kind} `virtual`",
        )  # fmt: skip
        return
    if base.has_body and not symbol.has_body:
        reporter.report(
            "SL0522", symbol.span, f"{name} has no body but overrides one that has", labels=labels,
            hint="give it a body",
        )  # fmt: skip
    if isinstance(symbol, ModifierSymbol) or isinstance(base, ModifierSymbol):
        if [p.type for p in symbol.parameters] != [p.type for p in base.parameters]:
            reporter.report(
                "SL0522", symbol.span, f"{name} has other parameters than the one it overrides",
                labels=labels,
            )  # fmt: skip
        return
    _check_headers(symbol, base, labels, reporter)


def _kind(symbol: Overridable) -> str:
    return "one" if isinstance(symbol, ModifierSymbol) else "a function"


def _check_headers(
    function: FunctionSymbol,
    base: FunctionSymbol,
    labels: tuple[tuple[tuple[int, int], str], ...],
    reporter: Reporter,
) -> None:
    def wrong(problem: str, hint: str | None = None) -> None:
        reporter.report(
            "SL0522", function.span, f"{named(function)} {problem}", labels=labels, hint=hint
        )

    if function.visibility != base.visibility and not (
        base.visibility == "external" and function.visibility == "public"
    ):
        wrong(f"is {function.visibility} but overrides a function that is {base.visibility}")
    elif function.getter_of is not None and base.visibility != "external":
        wrong(f"is a variable but overrides a function that is {base.visibility}")
    if function.function_kind == "function" and _result_types(function) != _result_types(base):
        wrong("returns other types than the function it overrides")
    elif function.getter_of is None and base.visibility != "external":
        pairs = (*zip(function.parameters, base.parameters, strict=False),
                 *zip(function.returns, base.returns, strict=False))  # fmt: skip
        if any(a.type is not b.type for a, b in pairs):
            wrong(
                f"has other data locations than the {base.visibility} function it overrides",
                "write the same `memory`, `storage` or `calldata`",
            )
    mutability = _mutability(function)
    weaker = _STRICTNESS[mutability] > _STRICTNESS[base.mutability]
    payable = (mutability == "payable") != (base.mutability == "payable")
    if weaker or payable:
        wrong(f"is {mutability} but overrides a function that is {base.mutability}")


def _mutability(function: FunctionSymbol) -> str:
    """A getter reads its variable, unless that is a constant."""
    if function.getter_of is None:
        return function.mutability
    return "pure" if function.getter_of.is_constant else "view"


def _check_list(symbol: Overridable, bases: list[Overridable], reporter: Reporter) -> None:
    stated: list[list[ast.Identifier]] | None = symbol.node.override
    owners = [b.contract.name for b in bases if b.contract is not None]
    from_interface = isinstance(symbol, FunctionSymbol) and all(
        b.contract is not None and b.contract.kind == "interface" for b in bases
    )
    if stated is None:
        if len(bases) == 1 and from_interface:
            return  # implementing one interface needs no keyword
        reporter.report(
            "SL0523", symbol.span, f"{named(symbol)} overrides {' and '.join(owners)} without saying so",
            labels=tuple((b.span, "overridden here") for b in bases[:1] if b.span),
            hint="add `override`" if len(owners) == 1 else f"add `override({', '.join(owners)})`",
        )  # fmt: skip
        return
    names = [path[-1].name for path in stated]
    for path in stated:
        if names.count(path[-1].name) > 1 and _repeated(path, stated):
            reporter.report(
                "SL0523", path[-1].span, f"`{path[-1].name}` is listed twice", hint="once is enough"
            )
            return
    if len(bases) > 1 and set(names) != set(owners):
        reporter.report(
            "SL0523", symbol.span, f"{named(symbol)} must list every contract it overrides",
            hint=f"write `override({', '.join(owners)})`",
        )  # fmt: skip
    elif len(bases) == 1 and names and set(names) != set(owners):
        reporter.report(
            "SL0523",
            symbol.span,
            f"{named(symbol)} overrides {owners[0]}, not {', '.join(sorted(set(names)))}",
        )


def _repeated(path: list[ast.Identifier], stated: list[list[ast.Identifier]]) -> bool:
    """Whether the same path stands earlier in the list."""
    spelled = [p.name for p in path]
    return any([p.name for p in q] == spelled for q in stated[: stated.index(path)])


def _check_unimplemented(contract: ContractSymbol, reporter: Reporter) -> None:
    if contract.abstract or contract.kind in ("interface", "library"):
        return
    missing: list[Overridable] = []
    implemented: set[Key] = set()
    for base in contract.linearized:
        symbols: tuple[Overridable | None, ...] = (
            *base.functions, base.receive, base.fallback, *base.modifiers
        )  # fmt: skip
        for symbol in symbols:
            if symbol is None:
                continue
            key = _key(symbol)
            if key not in implemented and not symbol.has_body:
                missing.append(symbol)
            implemented.add(key)
    if missing:
        listed = ", ".join(_listed(m) for m in missing[:5])
        more = f" and {len(missing) - 5} more" if len(missing) > 5 else ""
        reporter.report(
            "SL0513", contract.span, f"contract `{contract.name}` does not implement {listed}{more}",
            labels=tuple((m.span, "declared here") for m in missing[:1] if m.span),
            hint=f"implement {'it' if len(missing) == 1 else 'them'}, or mark the contract `abstract`",
            notes=tuple(_near_miss(m, contract) for m in missing if _near_miss(m, contract)),
        )  # fmt: skip


def _near_miss(symbol: Overridable, contract: ContractSymbol) -> str:
    """A function of the same name that takes something else."""
    for function in contract.functions:
        if function.name == symbol.name and isinstance(symbol, FunctionSymbol):
            return f"`{function.signature}` is another function: it takes other types"
    return ""


def _listed(symbol: Overridable) -> str:
    is_function = isinstance(symbol, FunctionSymbol) and symbol.function_kind == "function"
    return f"`{symbol.signature}`" if is_function else named(symbol)  # type: ignore[union-attr]
