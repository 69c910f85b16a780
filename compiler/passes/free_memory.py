"""Leaves out the free-memory pointer where nobody asks for it.

Assumes: every entry starts by setting it. Does: removes that from entries that reach no code reading
the pointer or, through hand-written assembly, possibly any memory. Preserves: everything else.
"""

from __future__ import annotations

from compiler.analysis.call_graph import calls_of
from compiler.ir.ops import FMP, effects
from compiler.ir.values import Function, Module


def run(module: Module) -> bool:
    """Whether any entry got rid of its set-up."""
    reads = {name: _reads_pointer(f) for name, f in module.functions.items()}
    calls = calls_of(module)
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
    for inst in function.instructions():
        if inst.op in ("icall", "return", "revert", "gas", "msize") or inst.op.startswith("log"):
            continue
        if inst.op in ("call", "staticcall", "delegatecall", "callcode", "create", "create2"):
            continue
        if effects(inst.op, inst.imm)[0] & FMP:
            return True
    return False


def _remove(function: Function) -> bool:
    entry = function.entry
    before = len(entry.insts)
    entry.insts = [i for i in entry.insts if i.op != "setfmp"]
    return len(entry.insts) != before
