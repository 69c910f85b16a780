"""Storage: no word is read whose value is known, none is written that is overwritten at once.

Assumes: SSA, and addresses numbered, so that equal ones are mostly one value. Does: replaces a load by the value
last stored or loaded at that address on every way there; drops a store that another store to the address
follows before anything can read it. Preserves: what storage holds at every call, return and inner call. A
failing check between two stores undoes both.

`quiet` names the inner functions that are known not to write storage: what is known holds on behind their calls.
"""

from __future__ import annotations

from collections.abc import Container

from compiler.analysis.cfg import predecessors, reverse_postorder
from compiler.analysis.slots import may_alias
from compiler.ir.ops import STORAGE, effects
from compiler.ir.values import Block, Function, Value
from compiler.passes.rewrite import Replacements, apply, resolve

Known = dict[Value, Value]  # address -> the word there


def run(function: Function, quiet: Container[str] = ()) -> bool:
    """Whether anything changed."""
    changed = _forward(function, quiet)
    for block in function.blocks:
        changed |= _drop_overwritten(block)
    return changed


def is_quiet(function: Function, quiet: Container[str]) -> bool:
    """Whether a function, with all that it calls, leaves storage as it is."""
    return not any(_writes(inst, quiet) for block in function.blocks for inst in block.insts)


def _writes(inst: Value, quiet: Container[str]) -> bool:
    if inst.op == "icall":
        return inst.imm[0] not in quiet
    return bool(effects(inst.op, inst.imm)[1] & STORAGE)


def _forward(function: Function, quiet: Container[str]) -> bool:
    incoming = predecessors(function)
    after: dict[Block, Known] = {}
    replaced: Replacements = {}
    for block in reverse_postorder(function):
        before = [after.get(edge.source) for edge in incoming[block]]
        known = _common(before)
        after[block] = known
        block.insts = [i for i in block.insts if not _step(i, known, replaced, quiet)]
    apply(function, replaced)
    return bool(replaced)


def _common(before: list[Known | None]) -> Known:
    """What all ways into a block agree on; a way not walked yet, a loop's, agrees on nothing."""
    if not before or any(known is None for known in before):
        return {}
    first, *others = [known for known in before if known is not None]
    return {a: w for a, w in first.items() if all(o.get(a) is w for o in others)}


def _step(inst: Value, known: Known, replaced: Replacements, quiet: Container[str]) -> bool:
    """Follow one instruction; True if it is a load that is not needed."""
    if inst.op == "sload":
        address = resolve(inst.args[0], replaced)
        word = known.get(address)
        if word is not None:
            replaced[inst] = word
            return True
        known[address] = inst
    elif inst.op == "sstore":
        address, word = (resolve(arg, replaced) for arg in inst.args)
        for other in [a for a in known if a is not address and may_alias(a, address)]:
            del known[other]
        known[address] = word
    elif _writes(inst, quiet):
        known.clear()
    return False


def _drop_overwritten(block: Block) -> bool:
    """Backwards through one block: `doomed` are the addresses that are written before they are read."""
    doomed: set[Value] = set()
    kept: list[Value] = []
    for inst in reversed(block.insts):
        if inst.op == "sstore":
            if inst.args[0] in doomed:
                continue
            doomed.add(inst.args[0])
        elif inst.op == "sload":
            doomed = {a for a in doomed if not may_alias(a, inst.args[0])}
        elif effects(inst.op, inst.imm)[0] & STORAGE:
            doomed.clear()
        kept.append(inst)
    if len(kept) == len(block.insts):
        return False
    kept.reverse()
    block.insts = kept
    return True
