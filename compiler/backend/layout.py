"""Block order and jumps: which block follows which, and what it costs to get elsewhere."""

from __future__ import annotations

from compiler.backend.assembly import OP, PUSH, REF, Item
from compiler.backend.labels import Labels
from compiler.backend.schedule import ScheduledBlock
from compiler.ir.values import Block

_REVERTING = frozenset(("fail", "revert", "invalid"))


def lay_out(scheduled: list[ScheduledBlock], labels: Labels, entry_label: str) -> list[Item]:
    """The code of a function: its entry first, hot paths falling through, reverts last."""
    by_block = {s.block: s for s in scheduled}
    names = {s.block: labels.fresh() for s in scheduled}
    names[scheduled[0].block] = entry_label
    order = _order(scheduled, by_block)
    items: list[Item] = []
    for index, current in enumerate(order):
        following = order[index + 1].block if index + 1 < len(order) else None
        first = current.block.insts[0] if current.block.insts else current.block.term
        pos, end = (first.pos, first.end) if first is not None else (0, 0)
        items.append(labels.label(names[current.block], pos, end))
        items += current.code
        items += _jumps(current, following, names)
    return items


def _order(
    scheduled: list[ScheduledBlock], by_block: dict[Block, ScheduledBlock]
) -> list[ScheduledBlock]:
    order: list[ScheduledBlock] = []
    placed: set[Block] = set()
    cold = [s for s in scheduled[1:] if s.block.term is not None and s.block.term.op in _REVERTING]
    for start in [*(s for s in scheduled if s not in cold), *cold]:
        current: ScheduledBlock | None = start
        while current is not None and current.block not in placed:
            placed.add(current.block)
            order.append(current)
            current = _next(current, by_block, placed)
    return order


def _next(
    current: ScheduledBlock, by_block: dict[Block, ScheduledBlock], placed: set[Block]
) -> ScheduledBlock | None:
    targets = [t for t in current.targets if t not in placed]
    if not targets:
        return None
    if current.kind == "branch":
        then, otherwise = current.targets
        body = by_block[then]
        # An `if` without `else`: its body comes first and falls into what follows.
        if then in targets and body.kind == "jump" and body.targets == [otherwise]:
            return body
        if otherwise in targets:
            return by_block[otherwise]
    return by_block[targets[-1]]


def _jumps(current: ScheduledBlock, following: Block | None, names: dict[Block, str]) -> list[Item]:
    pos, end = current.pos, current.end

    def ref(target: Block) -> Item:
        return Item(REF, names[target], pos, end)

    def op(name: str) -> Item:
        return Item(OP, name, pos, end)

    if current.kind == "end":
        return []
    if current.kind == "jump":
        return [] if current.targets[0] is following else [ref(current.targets[0]), op("jump")]
    if current.kind == "branch":
        then, otherwise = current.targets
        if following is then:
            return [op("iszero"), ref(otherwise), op("jumpi")]
        items = [ref(then), op("jumpi")]
        return items if following is otherwise else [*items, ref(otherwise), op("jump")]
    items = []
    for word, target in zip(current.cases, current.targets, strict=False):
        items.append(op("dup1"))
        items += [op("iszero")] if word == 0 else [Item(PUSH, word, pos, end), op("eq")]
        items += [ref(target), op("jumpi")]
    default = current.targets[-1]
    return items if default is following else [*items, ref(default), op("jump")]
