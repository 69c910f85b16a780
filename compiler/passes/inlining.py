"""Inlining: a call's body in the place of the call.

Assumes: SSA. Does: copies into its callers, callees first, every inner function that has one caller or
is small enough, except where the call only leads to a revert; drops functions that nobody calls any more. Leaves alone what calls
itself, directly or not. Preserves: the order of effects on every path.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from compiler.analysis.call_graph import callees_first, calls_of, inner_calls, reach, reachable
from compiler.analysis.frequencies import COLD, frequencies
from compiler.ir.values import Block, Edge, Function, Module, Value
from compiler.passes.rewrite import Replacements, apply

# Bytes of a body that is copied to every caller. A call is about 30; from 300 on code grows and gas hardly falls.
SMALL = {"size": 30, "balanced": 80, "gas": 300}
LARGE = 4_000  # instructions: beyond that a function only grows slower to schedule
_BYTES = {"mapslot": 14, "arrayslot": 9, "guard": 5, "icall": 10, "branch": 5, "jump": 4, "ret": 0}


def run(module: Module, tidy: Callable[[Function, bool], None], small: int) -> bool:
    """Whether anything was copied. `tidy` simplifies each function when its callees are done, and is told
    whether any were copied into it; bodies of up to `small` bytes are copied to every caller."""
    calls = calls_of(module)
    sites = Counter(callee for callees in calls.values() for callee in callees)
    again = {name for name, names in reach(calls).items() if name in names}
    changed = False
    for name in callees_first(calls):
        function = module.functions[name]
        rare = _rarely_run(function)
        grown = False
        for call in list(inner_calls(function)):
            callee = module.functions[call.imm[0]]
            limit = SMALL["size"] if call in rare else small
            if callee.name in again or not (sites[callee.name] == 1 or size(callee) <= limit):
                continue
            if sum(len(block.insts) for block in function.blocks) > LARGE:
                break
            _inline(function, call, callee)
            grown = True
        tidy(function, grown)
        changed |= grown
    if changed:
        _drop_uncalled(module)
    return changed


def _rarely_run(function: Function) -> set[Value]:
    """The calls that only lead to a revert."""
    calls = set(inner_calls(function))
    if not calls:
        return calls
    often = frequencies(function).blocks
    cold = (block for block in function.blocks if often.get(block, 0.0) < COLD)
    return {inst for block in cold for inst in block.insts if inst in calls}


def size(function: Function) -> int:
    """Bytes of code, roughly: operations, and the pushes and copies of their operands."""
    total = 0
    for inst in function.instructions():
        total += _BYTES.get(inst.op, 1)
        for arg in inst.args:
            total += 1 + (arg.imm.bit_length() + 7) // 8 if arg.op == "const" else 1
    return total


def _drop_uncalled(module: Module) -> None:
    needed = reachable(calls_of(module), module.entries())
    module.functions = {n: f for n, f in module.functions.items() if n in needed}


# -- one call --------------------------------------------------------------------------------------------


def _inline(function: Function, call: Value, callee: Function) -> None:
    block = next(b for b in function.blocks if call in b.insts)
    at = block.insts.index(call)
    behind = function.new_block()
    behind.insts, block.insts = block.insts[at + 1 :], block.insts[:at]
    behind.term, behind.edges = block.term, block.edges
    for edge in behind.edges:
        edge.source = behind
    behind.params = [function.new_value("param", []) for _ in range(callee.results)]
    copies = _Copy(function, callee, behind).blocks()
    block.term = function.new_value("jump", [], None, call.pos, call.end)
    block.edges = [Edge(block, copies[0], list(call.args))]
    index = function.blocks.index(block)
    function.blocks[index + 1 : index + 1] = [*copies, behind]
    apply(function, _results(function, call, behind.params))


def _results(function: Function, call: Value, values: list[Value]) -> Replacements:
    """What stands for the call's results from now on."""
    if call.imm[1] == 1:
        return {call: values[0]}
    found: Replacements = {}
    for block in function.blocks:
        uses = [arg for inst in block.insts for arg in inst.args]
        uses += block.term.args if block.term is not None else []
        uses += [arg for edge in block.edges for arg in edge.args]
        for value in uses:
            if value.op == "result" and value.args[0] is call:
                found[value] = values[value.imm]
    return found


class _Copy:
    """A callee's blocks for another function; what returned jumps to `behind`."""

    def __init__(self, function: Function, callee: Function, behind: Block) -> None:
        self.function = function
        self.callee = callee
        self.behind = behind
        self.block: dict[Block, Block] = {}
        self.value: dict[Value, Value] = {}

    def blocks(self) -> list[Block]:
        for old in self.callee.blocks:
            new = self.block[old] = self.function.new_block()
            for parameter in old.params:
                self.value[parameter] = self.function.new_value("param", [])
            new.params = [self.value[parameter] for parameter in old.params]
            for inst in old.insts:
                self.value[inst] = self._new(inst)
            new.insts = [self.value[inst] for inst in old.insts]
        for old in self.callee.blocks:
            new = self.block[old]
            for inst in old.insts:
                self.value[inst].args = [self._of(arg) for arg in inst.args]
            self._end(old, new)
        return [self.block[old] for old in self.callee.blocks]

    def _end(self, old: Block, new: Block) -> None:
        assert old.term is not None
        if old.term.op == "ret":
            new.term = self.function.new_value("jump", [], None, old.term.pos, old.term.end)
            new.edges = [Edge(new, self.behind, [self._of(arg) for arg in old.term.args])]
            return
        new.term = self._new(old.term)
        new.term.args = [self._of(arg) for arg in old.term.args]
        new.edges = [
            Edge(new, self.block[edge.target], [self._of(arg) for arg in edge.args])
            for edge in old.edges
        ]

    def _new(self, inst: Value) -> Value:
        return self.function.new_value(inst.op, [], inst.imm, inst.pos, inst.end)

    def _of(self, value: Value) -> Value:
        if value.op == "const":
            return self.function.constant(value.imm)
        found = self.value.get(value)
        if found is None:  # results of an inner call and undefined values stand in no block
            found = self.value[value] = self._new(value)
            found.args = [self._of(arg) for arg in value.args]
        return found
