"""Who calls whom inside a module."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from compiler.ir.values import Function, Module, Value

Calls = dict[str, list[str]]  # function -> callees, one entry per place


def inner_calls(function: Function) -> Iterator[Value]:
    """The `icall` instructions, in order."""
    return (inst for block in function.blocks for inst in block.insts if inst.op == "icall")


def calls_of(module: Module) -> Calls:
    return {name: [i.imm[0] for i in inner_calls(f)] for name, f in module.functions.items()}


def reachable(calls: Calls, roots: Sequence[str]) -> set[str]:
    """The roots and everything they lead to."""
    seen: set[str] = set()
    work = list(roots)
    while work:
        name = work.pop()
        if name not in seen:
            seen.add(name)
            work += calls[name]
    return seen


def reach(calls: Calls) -> dict[str, set[str]]:
    """For each function, everything its calls lead to; itself only if it is recursive."""
    return {name: reachable(calls, callees) for name, callees in calls.items()}


def callees_first(calls: Calls) -> list[str]:
    """Every function behind those it calls, except around recursion."""
    order: list[str] = []
    seen: set[str] = set()
    for root in calls:
        if root in seen:
            continue
        seen.add(root)
        stack = [(root, iter(calls[root]))]
        while stack:
            name, callees = stack[-1]
            callee = next((c for c in callees if c not in seen), None)
            if callee is None:
                order.append(name)
                stack.pop()
            else:
                seen.add(callee)
                stack.append((callee, iter(calls[callee])))
    return order
