"""Leaves out the free-memory pointer where nobody asks for it.

Assumes: every entry starts by setting it. Does: removes that from entries that reach no code reading the pointer, or
memory where it may lie and was not written over before. Functions that can call themselves read it: the back
end saves their frames in free memory. Preserves: everything else.
"""

from __future__ import annotations

from typing import NamedTuple

from compiler.analysis.call_graph import calls_of, reach
from compiler.analysis.cfg import predecessors, reverse_postorder
from compiler.analysis.memory_reads import WORD, read_by_hand
from compiler.ir.ops import RETURNDATA, effects
from compiler.ir.values import Block, Function, Module, Value

_POINTER = 0x40
_WHOLE = (1 << WORD) - 1
_COPIES = frozenset(("calldatacopy", "returndatacopy"))


class Overwritten(NamedTuple):
    """What of the pointer has something else in its place: a bit for each byte, and whatever lies in a range that
    was copied to, as (address, size)."""

    bytes: int = 0
    ranges: frozenset[tuple[int, object]] = frozenset()


def run(module: Module) -> bool:
    """Whether any entry got rid of its set-up."""
    calls = calls_of(module)
    again = {name for name, names in reach(calls).items() if name in names}
    reads = {name: name in again or _reads_pointer(f) for name, f in module.functions.items()}
    changed = True
    while changed:
        changed = False
        for name, callees in calls.items():
            if not reads[name] and any(reads[c] for c in callees):
                reads[name] = changed = True
    removed = False
    for name in module.entries():
        if not reads[name]:
            removed |= _remove(module.functions[name])
    return removed


def _reads_pointer(function: Function) -> bool:
    incoming = predecessors(function)
    after: dict[Block, Overwritten] = {}
    for block in reverse_postorder(function):
        known = _common([after.get(edge.source) for edge in incoming[block]])
        for inst in (*block.insts, *([block.term] if block.term is not None else [])):
            if _reads(inst, known):
                return True
            known = _behind(inst, known)
        after[block] = known
    return False


def _common(before: list[Overwritten | None]) -> Overwritten:
    """What all ways into a block agree on; a way not walked yet, a loop's, agrees on nothing."""
    found: Overwritten | None = None
    for known in before:
        if known is None:
            return Overwritten()
        if found is not None:
            known = Overwritten(found.bytes & known.bytes, found.ranges & known.ranges)
        found = known
    return found or Overwritten()


def _reads(inst: Value, known: Overwritten) -> bool:
    """Whether an instruction looks at bytes of the pointer that are still there."""
    if inst.op in ("fmp", "msize"):
        return True
    found = read_by_hand(inst)  # what lowering reads elsewhere is never the pointer
    if found is None:
        return False
    address, size = found
    if address.op != "const":
        return True
    if isinstance(size, int):
        return bool(_bytes(address.imm, size) & ~known.bytes)
    return address.imm < _POINTER + WORD and (address.imm, _size_key(size)) not in known.ranges


def _behind(inst: Value, known: Overwritten) -> Overwritten:
    """What is overwritten behind an instruction."""
    if effects(inst.op, inst.imm)[1] & RETURNDATA:
        known = known._replace(ranges=frozenset(r for r in known.ranges if r[1] != "returndatasize"))  # fmt: skip
    if inst.op == "mstore" and inst.args[0].op == "const":
        return known._replace(bytes=known.bytes | _bytes(inst.args[0].imm, WORD))
    if inst.op in _COPIES and inst.args[0].op == "const":
        address, _, size = inst.args
        if size.op == "const":
            return known._replace(bytes=known.bytes | _bytes(address.imm, size.imm))
        return known._replace(ranges=known.ranges | {(address.imm, _size_key(size))})
    return known


def _size_key(size: Value) -> object:
    """The same for sizes that are the same; what was returned last is, until the next call."""
    return size.op if size.op in ("calldatasize", "returndatasize") else size


def _bytes(address: int, size: int) -> int:
    """Which bytes of the pointer lie in a range, the first one lowest."""
    first, last = max(address - _POINTER, 0), min(address + size - _POINTER, WORD)
    return _WHOLE >> (WORD - last) & ~((1 << first) - 1) if first < last else 0


def _remove(function: Function) -> bool:
    entry = function.entry
    before = len(entry.insts)
    entry.insts = [i for i in entry.insts if i.op != "setfmp"]
    return len(entry.insts) != before
