"""A module to assembly: every function scheduled, spilled where needed, laid out, and joined."""

from __future__ import annotations

from compiler.analysis.call_graph import calls_of, reach
from compiler.backend import critical_edges
from compiler.backend.assembly import Item
from compiler.backend.dispatch import dispatch
from compiler.backend.labels import Labels
from compiler.backend.layout import lay_out
from compiler.backend.operands import FREE_MEMORY
from compiler.backend.peephole import clean
from compiler.backend.schedule import ScheduledBlock, Scheduler
from compiler.backend.spill import choose_spills
from compiler.backend.stack import TooDeep
from compiler.ir.values import Function, Module, Value

HEAP_START = 0x80


class Generated:
    """Assembly of a module, the addresses of its spill areas, the label of each function, and which functions save
    their spill area in free memory when they call what may call them back."""

    __slots__ = ("frames", "functions", "items", "saved", "spilled")

    def __init__(
        self,
        items: list[Item],
        frames: dict[str, int],
        spilled: dict[str, int],
        functions: dict[str, str],
        saved: frozenset[str],
    ) -> None:
        self.functions = functions
        self.saved = saved
        self.items = items
        self.frames = frames
        self.spilled = spilled


def generate(module: Module, traceable: bool = False) -> Generated:
    """Assembly for a runtime or creation module; see `backend/labels.py` on traceable code."""
    labels = Labels(traceable)
    recursive = _recursive_callees(module)
    items: list[Item] = []
    if module.constructor is None:
        items += dispatch(module, labels)
    spilled: dict[str, int] = {}
    for function in _in_order(module):
        critical_edges.run(function)
        blocks, words = _schedule(function, recursive[function.name], labels)
        spilled[function.name] = words
        items += lay_out(function, blocks, labels, labels.function(function.name))
    items += labels.cold_code()
    functions = {name: labels.function(name) for name in module.functions}
    taken = {name: words for name, words in spilled.items() if words}
    saved = frozenset(name for name in taken if recursive[name])
    return Generated(clean(items), _frames(module, spilled), taken, functions, saved)


def _in_order(module: Module) -> list[Function]:
    """The constructor must come first, since creation starts at its code; the rest as made."""
    first = [module.constructor] if module.constructor else []
    names = first + [name for name in module.functions if name not in first]
    return [module.functions[name] for name in names]


def _schedule(
    function: Function, recursive: frozenset[str], labels: Labels
) -> tuple[list[ScheduledBlock], int]:
    """Schedule; where a slot is out of reach, first take dead values off the stack, then keep more in memory."""
    spilled: dict[Value, int] = {}
    compact = False
    while True:
        scheduler = Scheduler(function, spilled, recursive, labels, compact)
        try:
            return scheduler.run(), len(spilled)
        except TooDeep as problem:
            if not compact:
                compact = True
                continue
            for value in choose_spills(function, problem, spilled, scheduler.heavy):
                spilled[value] = len(spilled)


def _frames(module: Module, spilled: dict[str, int]) -> dict[str, int]:
    """Spill areas one behind the other; free memory starts after the last."""
    at = HEAP_START + 32 * module.reserved_words
    frames: dict[str, int] = {}
    for name, words in spilled.items():
        frames[name] = at
        at += 32 * words
    frames[FREE_MEMORY[0]] = at
    return frames


def _recursive_callees(module: Module) -> dict[str, frozenset[str]]:
    """For each function, which of its callees can call it back."""
    calls = calls_of(module)
    leads_to = reach(calls)
    return {
        name: frozenset(c for c in callees if name == c or name in leads_to[c])
        for name, callees in calls.items()
    }
