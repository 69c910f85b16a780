"""Block order and jumps: which block follows which, and what it costs to get elsewhere.

Blocks are joined into chains, the dearest edge first, so that the paths taken most often fall through
(Pettis and Hansen, "Profile guided code positioning", 1990, with estimated frequencies)."""

from __future__ import annotations

from compiler.analysis.frequencies import COLD, Frequencies, frequencies
from compiler.backend.assembly import OP, PUSH, REF, Item
from compiler.backend.labels import Labels
from compiler.backend.schedule import ScheduledBlock
from compiler.ir.values import Block, Function

# Gas of `push, jump`, of the `jumpdest` it needs, and of the `iszero` that turns a branch round.
_JUMP, _LANDING, _TURN = 11, 1, 3


def lay_out(
    function: Function, scheduled: list[ScheduledBlock], labels: Labels, entry_label: str
) -> list[Item]:
    """The code of a function: its entry first, hot paths falling through, reverts last."""
    names = {s.block: labels.fresh() for s in scheduled}
    names[scheduled[0].block] = entry_label
    order = _order(scheduled, frequencies(function))
    items: list[Item] = []
    for index, current in enumerate(order):
        following = order[index + 1].block if index + 1 < len(order) else None
        first = current.block.insts[0] if current.block.insts else current.block.term
        pos, end = (first.pos, first.end) if first is not None else (0, 0)
        items.append(labels.label(names[current.block], pos, end))
        items += current.code
        items += _jumps(current, following, names)
    return items


def _order(scheduled: list[ScheduledBlock], often: Frequencies) -> list[ScheduledBlock]:
    chains = {s.block: [s] for s in scheduled}
    entry = scheduled[0].block
    for _, source, target in sorted(_savings(scheduled, often), key=lambda found: -found[0]):
        chain, rest = chains[source.block], chains[target]
        if target is entry or chain is rest:
            continue
        if chain[-1] is source and rest[0].block is target:
            chain += rest
            chains.update((s.block, chain) for s in rest)
    found = list({id(chains[s.block]): chains[s.block] for s in scheduled}.values())
    cold = [chain for chain in found if often.blocks[chain[0].block] < COLD]
    return [s for chain in (*(c for c in found if c not in cold), *cold) for s in chain]


def _savings(
    scheduled: list[ScheduledBlock], often: Frequencies
) -> list[tuple[float, ScheduledBlock, Block]]:
    """(gas saved when the target follows, source, target), where something is saved."""
    found: list[tuple[float, ScheduledBlock, Block]] = []
    for s in scheduled:
        if s.kind == "jump":
            found.append((often.edges[s.block, s.targets[0]] * (_JUMP + _LANDING), s, s.targets[0]))
        elif s.kind == "branch":
            then, otherwise = s.targets
            missed = often.edges[s.block, otherwise] * _JUMP
            found.append((missed, s, otherwise))
            found.append((missed - often.blocks[s.block] * _TURN, s, then))
        elif s.kind == "switch":
            found.append((often.edges[s.block, s.targets[-1]] * _JUMP, s, s.targets[-1]))
    return [one for one in found if one[0] > 0]


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
