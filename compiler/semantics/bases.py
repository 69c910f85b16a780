"""Inheritance: which contracts a contract names as its bases, and the order they come in.

A contract with a base that is not to be had is `broken`, and so is all that inherits it: its members
cannot be judged without those of the base.
"""

from __future__ import annotations

from compiler.diagnostics.errors import Reporter, StageStop
from compiler.semantics.advice import base_order
from compiler.semantics.check_statements import BodyChecker
from compiler.semantics.symbols import ContractSymbol
from compiler.syntax import ast

MAX_BASES = 256


def resolve_bases(contracts: list[ContractSymbol], reporter: Reporter) -> None:
    """Fill in `bases` and `linearized` of every contract."""
    for contract in contracts:
        checker = BodyChecker(reporter, contract.unit, None)
        for base in contract.node.bases:
            try:
                _add_base(contract, base, checker)
            except StageStop:
                contract.broken = True
    orders: dict[ContractSymbol, list[ContractSymbol]] = {}
    for contract in contracts:
        _linearize(contract, orders, reporter)
    for contract in contracts:
        if any(base.broken for base in contract.linearized):
            contract.broken = True


def _add_base(contract: ContractSymbol, base: ast.Base, checker: BodyChecker) -> None:
    symbol = checker.resolve_path(base.path)
    if not isinstance(symbol, ContractSymbol):
        checker.fail("SL0503", base.span, f"`{symbol.name}` is a {symbol.kind}, not a contract")
    if symbol.kind == "library":
        checker.fail(
            "SL0503", base.span, f"library `{symbol.name}` cannot be inherited",
            hint=f"call its functions as `{symbol.name}.f(…)`, or attach them: `using {symbol.name} for …;`",
        )  # fmt: skip
    if contract.kind == "library":
        checker.fail("SL0503", base.span, "a library cannot inherit")
    if contract.kind == "interface" and symbol.kind != "interface":
        checker.fail("SL0503", base.span, "an interface can only inherit interfaces")
    if symbol.node.layout is not None:
        checker.fail(
            "SL0517", base.span, f"`{symbol.name}` states where its storage is, and cannot be inherited",
            hint=f"move what they share into a contract without `layout`, or state it for `{contract.name}` alone",
        )  # fmt: skip
    if symbol.unit is contract.unit and symbol.node.pos > contract.node.pos:
        _below(contract, symbol, base, checker)
    if symbol in contract.bases:
        checker.fail(
            "SL0503", base.span, f"`{symbol.name}` is inherited twice", hint="once is enough"
        )
    contract.bases.append(symbol)


def _below(
    contract: ContractSymbol, symbol: ContractSymbol, base: ast.Base, checker: BodyChecker
) -> None:
    """A base must stand above its heirs; in a circle none can."""
    circle = _circle(contract)
    if not circle:
        checker.fail(
            "SL0503", base.span, f"`{symbol.name}` is defined below the contract that inherits it",
            hint=f"move `{symbol.name}` above `{contract.name}`",
        )  # fmt: skip
    if contract is min(circle, key=lambda c: c.node.pos):  # one report a circle
        steps = [
            f"`{a.name}` is `{b.name}`"
            for a, b in zip(circle, [*circle[1:], contract], strict=True)
        ]
        checker.fail(
            "SL0504", base.span, f"`{contract.name}` inherits from itself: {', '.join(steps)}",
            hint="one of them cannot inherit the next: move what they share into a contract of its own",
        )  # fmt: skip
    raise StageStop


def _circle(start: ContractSymbol) -> list[ContractSymbol]:
    """A way along the named bases from a contract back to it, within its file; empty where there is none."""
    came_from: dict[ContractSymbol, ContractSymbol] = {}
    todo = [start]
    while todo:
        at = todo.pop()
        for base in at.node.bases:
            named = start.unit.scope.find(base.path[0].name)
            found = [s for s in named if isinstance(s, ContractSymbol) and s.unit is start.unit]
            if found and found[0] is start:
                way = [at]
                while way[-1] is not start:
                    way.append(came_from[way[-1]])
                return way[::-1]
            for symbol in found[:1]:
                if symbol not in came_from:
                    came_from[symbol] = at
                    todo.append(symbol)
    return []


def _linearize(
    contract: ContractSymbol, orders: dict[ContractSymbol, list[ContractSymbol]], reporter: Reporter
) -> None:
    """C3 linearisation; Solidity lists bases from most base-like to most derived."""
    try:
        contract.linearized = _c3(contract, orders, set(), reporter)
    except StageStop:
        contract.linearized = [contract]


def _c3(
    contract: ContractSymbol,
    done: dict[ContractSymbol, list[ContractSymbol]],
    active: set[ContractSymbol],
    reporter: Reporter,
) -> list[ContractSymbol]:
    if contract in done:
        return done[contract]
    if contract in active:
        reporter.report("SL0504", contract.span, f"`{contract.name}` inherits from itself")
        raise StageStop
    active.add(contract)
    bases = contract.bases[::-1]
    sequences = [list(_c3(b, done, active, reporter)) for b in bases] + [list(bases)]
    active.discard(contract)
    order = [contract]
    while any(sequences):
        sequences = [s for s in sequences if s]
        for sequence in sequences:
            head = sequence[0]
            if not any(head in s[1:] for s in sequences):
                break
        else:
            reporter.report(
                "SL0502", contract.span, f"bases of `{contract.name}` have no consistent order",
                hint=f"list a base in front of those that inherit it: `is {base_order(contract)}`",
                notes=tuple(
                    "one list says " + " after ".join(f"`{c.name}`" for c in s) for s in sequences if len(s) > 1
                ),
            )  # fmt: skip
            raise StageStop
        order.append(head)
        sequences = [[c for c in s if c is not head] for s in sequences]
    if len(order) > MAX_BASES:
        reporter.report("SL4004", contract.span, f"more than {MAX_BASES} base contracts")
        raise StageStop
    done[contract] = order
    return order
