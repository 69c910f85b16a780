"""Expressions as trees: made into FIR, simplified by the compiler, read back, and computed.

A tree is a number, a parameter's name, or an operation with trees: `("add", "x", 31)`.
"""

from __future__ import annotations

from typing import Any

from compiler.ir.builder import Builder
from compiler.ir.values import Function, Value
from compiler.passes import value_numbering
from tests.fir.words import PURE

Tree = Any  # int, str, or a tuple of an operation's name and trees
NAMES = ("x", "y", "z")


def by_builder(tree: Tree) -> tuple[Tree, Value]:
    """What is left of it when lowering makes it."""
    builder = Builder(Function("f", "internal", 1))
    parameters = {name: builder.add_parameter() for name in NAMES}

    def made(part: Tree) -> Value:
        if isinstance(part, tuple):
            return builder.emit(part[0], *(made(p) for p in part[1:]))
        return parameters[part] if isinstance(part, str) else builder.const(part)

    value = made(tree)
    return _tree(value, {value: name for name, value in parameters.items()}), value


def by_numbering(tree: Tree) -> tuple[Tree, Value]:
    """What value numbering leaves of it; equal parts are put in twice."""
    function = Function("f", "internal", 1)
    block = function.new_block()
    function.blocks.append(block)
    parameters = {name: function.new_value("param", []) for name in NAMES}
    block.params = list(parameters.values())

    def made(part: Tree) -> Value:
        if isinstance(part, tuple):
            value = function.new_value(part[0], [made(p) for p in part[1:]])
            block.insts.append(value)
            return value
        return parameters[part] if isinstance(part, str) else function.constant(part)

    block.term = function.new_value("ret", [made(tree)])
    value_numbering.run(function)
    value = block.term.args[0]
    return _tree(value, {value: name for name, value in parameters.items()}), value


def plain(tree: Tree) -> Value:
    """The value as it is written, with nothing simplified."""
    function = Function("f", "internal", 1)
    parameters = {name: function.new_value("param", []) for name in NAMES}

    def made(part: Tree) -> Value:
        if isinstance(part, tuple):
            return function.new_value(part[0], [made(p) for p in part[1:]])
        return parameters[part] if isinstance(part, str) else function.constant(part)

    return made(tree)


def _tree(value: Value, names: dict[Value, str]) -> Tree:
    if value.op == "const":
        return value.imm
    if value in names:
        return names[value]
    return (value.op, *(_tree(arg, names) for arg in value.args))


def computed(tree: Tree, words: dict[str, int]) -> int:
    """By the machine's arithmetic, not the compiler's."""
    if isinstance(tree, tuple):
        return PURE[tree[0]](*(computed(part, words) for part in tree[1:]))
    return words[tree] if isinstance(tree, str) else int(tree)


def numbers(tree: Tree) -> set[int]:
    """All that are written in it."""
    if isinstance(tree, tuple):
        return set().union(*(numbers(part) for part in tree[1:]))
    return {tree} if isinstance(tree, int) else set()


def named(tree: Tree) -> bool:
    """Whether a parameter is in it."""
    return any(map(named, tree[1:])) if isinstance(tree, tuple) else isinstance(tree, str)


def shown(tree: Tree) -> str:
    """For a report."""
    if isinstance(tree, tuple):
        return f"{tree[0]}({', '.join(shown(part) for part in tree[1:])})"
    return tree if isinstance(tree, str) else f"{tree:#x}"
