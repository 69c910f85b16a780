"""Every node of a tree, in no particular order."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.syntax.ast import Node


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
