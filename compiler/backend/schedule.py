"""Instruction order and stack places for one function.

Roots (what has an effect) stay in order. A pure value or a load is computed where it is first
needed: inside the expression when it is used once, before the statement and kept when it is used
again. A load never moves past a write it could see. Blocks with one predecessor start with the
stack as it is left to them; at a join the first predecessor's order is what the others arrange for.
"""

from __future__ import annotations

from typing import Any

from compiler.analysis.cfg import predecessors, reverse_postorder
from compiler.analysis.liveness import Liveness, inner_call_results
from compiler.backend.assembly import FRAME, Item
from compiler.backend.joins import Joins
from compiler.backend.operands import FREE_MEMORY, SLOT_HASHES
from compiler.backend.stack import JUNK, TooDeep, is_free
from compiler.ir.ops import OPS, SCRATCH, effects
from compiler.ir.values import Block, Edge, Function, Value

LOW = 10  # slots under which dead values may lie where the stack is short of reach
HIGH = 128  # anywhere; the EVM has 1,024 for all calls together


class ScheduledBlock:
    """Straight code of a block and how it goes on; jumps are added by the layout.

    `kind` is jump, branch, switch, or end when the code itself ends the block."""

    __slots__ = ("block", "cases", "code", "end", "kind", "pos", "targets")

    def __init__(
        self,
        block: Block,
        code: list[Item],
        kind: str,
        targets: list[Block],
        cases: tuple[int, ...],
    ) -> None:
        self.block = block
        self.code = code
        self.kind = kind
        self.targets = targets
        self.cases = cases
        self.pos = block.term.pos if block.term else 0
        self.end = block.term.end if block.term else 0


class Scheduler:
    """Schedules a function whose critical edges are split.

    `spilled` maps values kept in memory to their word in the function's frame; `recursive` names
    the functions that can call this one back; `compact` takes dead values off also where that costs gas."""

    def __init__(
        self,
        function: Function,
        spilled: dict[Value, int],
        recursive: frozenset[str],
        labels: Any,
        compact: bool = False,
    ) -> None:
        self.low = LOW if compact else HIGH
        self.function = function
        self.spilled = spilled
        self.recursive = recursive
        self.labels = labels
        self.live = Liveness(function)
        self.layouts: dict[Block, list[Value]] = {}
        self.ends: dict[Block, list[Any]] = {}
        self.heavy: set[Value] = set()
        self.return_address = labels.return_address(function)
        self.results = inner_call_results(function)
        self.reads_scratch = any(effects(i.op, i.imm)[0] & SCRATCH for i in function.instructions())

    def run(self) -> list[ScheduledBlock]:
        """Blocks in reverse postorder."""
        order = reverse_postorder(self.function)
        incoming = predecessors(self.function)
        self.returns = self._reaching_return(incoming)
        self.joins = {b for b in order if len(incoming[b]) > 1}
        self.tidy = self._reaching(self.joins | self.returns, incoming)
        scheduled: list[ScheduledBlock] = []
        for block in order:
            if block is self.function.entry:
                slots = self._entry_slots()
            elif block in self.joins:
                slots = list(self.layouts[block])
            else:
                slots = list(self.ends[incoming[block][0].source])
            scheduled.append(BlockScheduler(self, block, slots).run())
        return scheduled

    def _entry_slots(self) -> list[Any]:
        if self.function.kind != "internal":
            return []
        return [self.return_address, *reversed(self.function.params)]

    def _reaching_return(self, incoming: dict[Block, list[Edge]]) -> set[Block]:
        """Blocks from which the function can return; there the return address is alive."""
        return self._reaching(
            {b for b in self.function.blocks if b.term is not None and b.term.op == "ret"}, incoming
        )

    def _reaching(self, blocks: set[Block], incoming: dict[Block, list[Edge]]) -> set[Block]:
        """The blocks and everything that can lead to one of them."""
        work = list(blocks)
        found = set(blocks)
        while work:
            for edge in incoming[work.pop()]:
                if edge.source not in found:
                    found.add(edge.source)
                    work.append(edge.source)
        return found

    def wanted(self, block: Block) -> set[Value]:
        """Values a block needs from its predecessors on the stack, parameters not included."""
        needed = {
            v for v in self.live.live_in[block]
            if not is_free(v) and v not in self.spilled and v.op != "undefined"
        }.difference(block.params)  # fmt: skip
        if (
            block in self.returns
            and self.return_address not in self.spilled
            and self.function.kind == "internal"
        ):
            needed.add(self.return_address)
        return needed


class BlockScheduler(Joins):
    """Schedules one block, starting from the given stack."""

    def run(self) -> ScheduledBlock:
        block, stack = self.block, self.stack
        self.bury_dead()
        self.store_spilled_parameters()
        for inst in block.insts:
            if self.floats(inst):
                if effects(inst.op, inst.imm)[0] or inst.op in SLOT_HASHES:
                    self.pending_loads.append(inst)
                continue
            self.root(inst)
        for inst in block.insts:
            if inst in self.out and inst not in self.emitted and not is_free(inst):
                self.statement(inst)
        result = self.terminate()
        self.parent.ends[block] = stack.slots
        return result

    def bury_dead(self) -> None:
        """Slots the block and its successors do not need are junk from the start."""
        slots = self.stack.slots
        for index, slot in enumerate(slots):
            if isinstance(slot, Value) and not self.remaining.get(slot) and slot not in self.out:
                slots[index] = JUNK

    def store_spilled_parameters(self) -> None:
        """Function parameters that live in memory are put there first, the top ones first."""
        if self.block is not self.parent.function.entry:
            return
        stack = self.stack
        while True:
            if stack.slots and (stack.slots[-1] in self.spilled or stack.slots[-1] is JUNK):
                self.store_top_spill()
                continue
            depth = next(
                (d for d in range(len(stack.slots)) if stack.slots[-1 - d] in self.spilled), None
            )
            if depth is None:
                return
            stack.swap(depth)

    def root(self, inst: Value) -> None:
        stack = self.stack
        stack.pos, stack.end = inst.pos, inst.end
        self.drop_top_junk()
        if len(stack.slots) > self.parent.low:
            stack.compact()
        self.flush_loads(inst)
        self.emit_shared(inst)
        stack.pos, stack.end = inst.pos, inst.end
        if inst.op == "icall":
            self.inner_call(inst)
            return
        if (
            inst.op == "setfmp"
            and self.parent.function.kind != "internal"
            and inst.args[0].op == "const"
        ):
            stack.push_item(FRAME, FREE_MEMORY)  # free memory starts behind the spill area
            self.operate(inst)
            return
        self.arguments(inst.args)
        self.operate(inst)
        if OPS[inst.op].results:
            self.keep_result(inst)

    def drop_top_junk(self) -> None:
        if self.block in self.parent.tidy:  # else the stack vanishes with the call
            self.stack.drop_junk()

    def flush_loads(self, root: Value) -> None:
        """Loads that stand before a write and could see it must be done before it."""
        if not self.pending_loads:
            return
        writes = effects(root.op, root.imm)[1]
        inside = self.tree(root) if writes else set()
        kept: list[Value] = []
        for load in self.pending_loads:
            if load in self.emitted:
                continue
            if load in inside or not self.conflicts(load, writes):
                kept.append(load)
            else:
                self.statement(load)
        self.pending_loads = kept

    def conflicts(self, load: Value, writes: int) -> bool:
        if load.op in SLOT_HASHES:  # they only matter to code that looks at scratch memory itself
            return bool(writes & SCRATCH) and self.parent.reads_scratch
        return bool(effects(load.op, load.imm)[0] & writes)

    def tree(self, root: Value) -> set[Value]:
        """Values only this instruction's expression uses, so computed inside it."""
        found: set[Value] = set()
        work = [root]
        while work:
            for arg in work.pop().args:
                if self.is_inline(arg):
                    found.add(arg)
                    work.append(arg)
        return found

    def emit_shared(self, inst: Value) -> None:
        """Compute values of the expression that are needed again later, and keep them."""
        work: list[tuple[Value, bool]] = [(arg, False) for arg in inst.args]
        while work:
            value, ready = work.pop()
            if not self.must_compute(value):
                continue
            inline = self.is_inline(value)
            if ready:
                if not inline:
                    self.statement(value, prepared=True)
                continue
            work.append((value, True))
            work += [(arg, False) for arg in value.args]

    def statement(self, inst: Value, prepared: bool = False) -> None:
        """Compute a value now and leave it on the stack."""
        if inst in self.emitted:
            return
        stack = self.stack
        if not prepared:
            self.emit_shared(inst)
        if inst.op in SLOT_HASHES and self.parent.reads_scratch:
            self.flush_scratch_readers(inst)
        stack.pos, stack.end = inst.pos, inst.end
        if len(stack.slots) > HIGH:
            stack.compact()
        if len(stack.slots) > 2 * HIGH:
            raise TooDeep(len(stack.slots) - 1, list(stack.slots))
        self.arguments(inst.args)
        self.operate(inst)
        self.keep_result(inst)

    def flush_scratch_readers(self, slot_hash: Value) -> None:
        for load in list(self.pending_loads):
            if load is slot_hash or load in self.emitted or load.op in SLOT_HASHES:
                continue
            if effects(load.op, load.imm)[0] & SCRATCH:
                self.statement(load)

    def terminate(self) -> ScheduledBlock:
        block, stack = self.block, self.stack
        term = block.term
        assert term is not None
        stack.pos, stack.end = term.pos, term.end
        op = term.op
        if op == "jump":
            self.arrange_for(block.edges[0])
            return ScheduledBlock(block, stack.code, "jump", block.successors, ())
        if op in ("branch", "switch"):
            self.drop_top_junk()
            self.emit_shared(term)
            stack.pos, stack.end = term.pos, term.end
            self.arguments(term.args)
            if op == "switch":
                stack.slots[-1] = JUNK  # the cases compare copies; the value stays
            else:
                stack.slots.pop()
            return ScheduledBlock(block, stack.code, op, block.successors, term.imm or ())
        if op == "ret":
            self.return_from(term)
        elif op == "fail":
            self.parent.labels.fail(stack, term.imm)
        else:
            self.emit_shared(term)
            stack.pos, stack.end = term.pos, term.end
            self.arguments(term.args)
            stack.op(op)
        return ScheduledBlock(block, stack.code, "end", [], ())
