"""Every node of a tree, in no particular order; and what stands inside parentheses."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.syntax.ast import Expr, Node, Tuple


def nodes(root: Node) -> Iterator[Node]:
    """The node itself and all nodes below it, assembly included."""
    todo: list[object] = [root]
    while todo:
        node = todo.pop()
        if isinstance(node, Node):
            yield node
            todo += [getattr(node, name) for name in node.__slots__]
        elif isinstance(node, (list, tuple)):
            todo += node


def bare(node: Expr) -> Expr:
    """An expression without the parentheses around it."""
    while isinstance(node, Tuple) and len(node.items) == 1 and node.items[0] is not None:
        node = node.items[0]
    return node
