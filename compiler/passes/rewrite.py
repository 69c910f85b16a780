"""Replacing values everywhere, shared by the passes."""

from __future__ import annotations

from compiler.ir.values import Function, Value

Replacements = dict[Value, Value]


def resolve(value: Value, replaced: Replacements) -> Value:
    """What finally stands for a value; long chains are shortened on the way."""
    if value not in replaced:
        return value
    chain = [value]
    target = replaced[value]
    while target in replaced:
        chain.append(target)
        target = replaced[target]
    for link in chain:
        replaced[link] = target
    return target


def apply(function: Function, replaced: Replacements) -> None:
    """Rewrite every use in a function."""
    if not replaced:
        return
    for block in function.blocks:
        for inst in block.insts:
            _rewrite(inst.args, replaced)
        if block.term is not None:
            _rewrite(block.term.args, replaced)
        for edge in block.edges:
            _rewrite(edge.args, replaced)


def _rewrite(args: list[Value], replaced: Replacements) -> None:
    for index, arg in enumerate(args):
        if arg in replaced:
            args[index] = resolve(arg, replaced)
