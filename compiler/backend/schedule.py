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
from compiler.backend.assembly import FRAME, REF, SET_IMMUTABLE, Item
from compiler.backend.shuffle import shuffle
from compiler.backend.stack import JUNK, TEMP, Stack, is_free
from compiler.ir.ops import OPS, SCRATCH, effects
from compiler.ir.values import Block, Edge, Function, Value

FREE_MEMORY = ("free memory", 0)
_SLOT_HASHES = frozenset(("mapslot", "arrayslot"))


class ScheduledBlock:
    """Straight code of a block and how it goes on; jumps are added by the layout.

    `kind` is jump, branch, switch, or end when the code itself ends the block."""

    __slots__ = ("block", "cases", "code", "end", "kind", "pos", "targets")

    def __init__(self, block: Block, code: list[Item], kind: str, targets: list[Block], cases: tuple[int, ...]) -> None:
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
    the functions that can call this one back."""

    def __init__(
        self, function: Function, spilled: dict[Value, int], recursive: frozenset[str], labels: Any
    ) -> None:
        self.function = function
        self.spilled = spilled
        self.recursive = recursive
        self.labels = labels
        self.live = Liveness(function)
        self.layouts: dict[Block, list[Value]] = {}
        self.ends: dict[Block, list[Any]] = {}
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
        if block in self.returns and self.return_address not in self.spilled and self.function.kind == "internal":
            needed.add(self.return_address)
        return needed


class BlockScheduler:
    """Schedules one block, starting from the given stack."""

    def __init__(self, parent: Scheduler, block: Block, slots: list[Any]) -> None:
        self.parent = parent
        self.block = block
        self.stack = Stack(slots)
        self.spilled = parent.spilled
        self.emitted: set[Value] = set()
        self.remaining: dict[Value, int] = {}
        self.position: dict[Value, int] = {}
        self.pending_loads: list[Value] = []
        self.out: set[Value] = set()
        self._count_uses()

    def _count_uses(self) -> None:
        block, remaining = self.block, self.remaining
        for index, inst in enumerate(block.insts):
            self.position[inst] = index
            for arg in inst.args:
                remaining[arg] = remaining.get(arg, 0) + 1
        assert block.term is not None
        for arg in block.term.args:
            remaining[arg] = remaining.get(arg, 0) + 1
        for edge in block.edges:
            for arg in edge.args:
                remaining[arg] = remaining.get(arg, 0) + 1
        self.out = {v for v in self.parent.live.live_out[block] if not is_free(v)}
        if any(e.target in self.parent.returns for e in block.edges) and self.parent.function.kind == "internal":
            self.out.add(self.parent.return_address)
        if block.term.op == "ret":
            remaining[self.parent.return_address] = 1

    # -- the block ---------------------------------------------------------------------------------

    def run(self) -> ScheduledBlock:
        block, stack = self.block, self.stack
        self._bury_dead()
        self._store_spilled_parameters()
        for inst in block.insts:
            if self._floats(inst):
                if effects(inst.op, inst.imm)[0] or inst.op in _SLOT_HASHES:
                    self.pending_loads.append(inst)
                continue
            self._root(inst)
        for inst in block.insts:
            if inst in self.out and inst not in self.emitted and not is_free(inst):
                self._statement(inst)
        result = self._terminate()
        self.parent.ends[block] = stack.slots
        return result

    def _floats(self, inst: Value) -> bool:
        """Computed on demand: no effect but reading."""
        row = OPS[inst.op]
        if inst.op in _SLOT_HASHES:
            return True
        return row.results == 1 and not row.halts and not effects(inst.op, inst.imm)[1]

    def _bury_dead(self) -> None:
        """Slots the block and its successors do not need are junk from the start."""
        slots = self.stack.slots
        for index, slot in enumerate(slots):
            if isinstance(slot, Value) and not self.remaining.get(slot) and slot not in self.out:
                slots[index] = JUNK

    def _store_spilled_parameters(self) -> None:
        """Function parameters that live in memory are put there first, the top ones first."""
        if self.block is not self.parent.function.entry:
            return
        stack = self.stack
        while True:
            if stack.slots and (stack.slots[-1] in self.spilled or stack.slots[-1] is JUNK):
                self._store_top_spill()
                continue
            depth = next(
                (d for d in range(len(stack.slots)) if stack.slots[-1 - d] in self.spilled), None
            )
            if depth is None:
                return
            stack.swap(depth)

    def _store_top_spill(self) -> None:
        stack = self.stack
        slot = stack.slots[-1]
        if slot is JUNK:
            stack.pop()
            return
        assert isinstance(slot, Value)
        self._push_frame_address(slot)
        stack.op("mstore")
        del stack.slots[-2:]

    def _push_frame_address(self, value: Value) -> None:
        self.stack.push_item(FRAME, (self.parent.function.name, self.spilled[value]))

    # -- roots -------------------------------------------------------------------------------------

    def _root(self, inst: Value) -> None:
        stack = self.stack
        stack.pos, stack.end = inst.pos, inst.end
        self._drop_top_junk()
        self._flush_loads(inst)
        self._emit_shared(inst)
        stack.pos, stack.end = inst.pos, inst.end
        if inst.op == "icall":
            self._inner_call(inst)
            return
        if inst.op == "setfmp" and self.parent.function.kind != "internal" and inst.args[0].op == "const":
            stack.push_item(FRAME, FREE_MEMORY)  # free memory starts behind the spill area
            self._operate(inst)
            return
        self._arguments(inst.args)
        self._operate(inst)
        if OPS[inst.op].results:
            self._keep_result(inst)

    def _drop_top_junk(self) -> None:
        if self.block in self.parent.tidy:  # else the stack vanishes with the call
            self.stack.drop_junk()

    def _flush_loads(self, root: Value) -> None:
        """Loads that stand before a write and could see it must be done before it."""
        if not self.pending_loads:
            return
        writes = effects(root.op, root.imm)[1]
        inside = self._tree(root) if writes else set()
        kept: list[Value] = []
        for load in self.pending_loads:
            if load in self.emitted:
                continue
            if load in inside or not self._conflicts(load, writes):
                kept.append(load)
            else:
                self._statement(load)
        self.pending_loads = kept

    def _conflicts(self, load: Value, writes: int) -> bool:
        if load.op in _SLOT_HASHES:  # they only matter to code that looks at scratch memory itself
            return bool(writes & SCRATCH) and self.parent.reads_scratch
        return bool(effects(load.op, load.imm)[0] & writes)

    def _tree(self, root: Value) -> set[Value]:
        """Values only this instruction's expression uses, so computed inside it."""
        found: set[Value] = set()
        work = [root]
        while work:
            for arg in work.pop().args:
                if self._is_inline(arg):
                    found.add(arg)
                    work.append(arg)
        return found

    def _is_inline(self, value: Value) -> bool:
        if value.op in _SLOT_HASHES and self.parent.reads_scratch:
            return False
        return (
            value in self.position and value not in self.emitted and not is_free(value)
            and self.remaining.get(value, 0) == 1 and value not in self.out
            and self._floats(value)
        )  # fmt: skip

    def _must_compute(self, value: Value) -> bool:
        return value in self.position and value not in self.emitted and not is_free(value)

    def _emit_shared(self, inst: Value) -> None:
        """Compute values of the expression that are needed again later, and keep them."""
        work: list[tuple[Value, bool]] = [(arg, False) for arg in inst.args]
        while work:
            value, ready = work.pop()
            if not self._must_compute(value):
                continue
            inline = self._is_inline(value)
            if ready:
                if not inline:
                    self._statement(value, prepared=True)
                continue
            work.append((value, True))
            work += [(arg, False) for arg in value.args]

    def _statement(self, inst: Value, prepared: bool = False) -> None:
        """Compute a value now and leave it on the stack."""
        if inst in self.emitted:
            return
        stack = self.stack
        if not prepared:
            self._emit_shared(inst)
        if inst.op in _SLOT_HASHES and self.parent.reads_scratch:
            self._flush_scratch_readers(inst)
        stack.pos, stack.end = inst.pos, inst.end
        self._arguments(inst.args)
        self._operate(inst)
        self._keep_result(inst)

    def _flush_scratch_readers(self, slot_hash: Value) -> None:
        for load in list(self.pending_loads):
            if load is slot_hash or load in self.emitted or load.op in _SLOT_HASHES:
                continue
            if effects(load.op, load.imm)[0] & SCRATCH:
                self._statement(load)

    def _keep_result(self, inst: Value) -> None:
        """The top of the stack is the value of `inst` from here on."""
        stack = self.stack
        self.emitted.add(inst)
        if not self.remaining.get(inst) and inst not in self.out:
            stack.slots[-1] = JUNK
            return
        stack.slots[-1] = inst
        if inst in self.spilled:
            self._store_top_spill()

    # -- operands ----------------------------------------------------------------------------------

    def _arguments(self, args: list[Value]) -> None:
        """Put operands on the stack, the first on top, as TEMP slots."""
        wanted = args[::-1]  # from deepest to top
        ready = self._in_place(wanted)
        if ready == 0 and len(args) == 2 and self._swapped_in_place(wanted):
            ready = 2
        for number in range(ready, len(wanted)):
            again = number > 0 and wanted[number] is wanted[number - 1]
            self._push_operand(wanted[number], again)

    def _in_place(self, wanted: list[Value]) -> int:
        """How many operands already lie on top of the stack, in order and for the last time."""
        slots = self.stack.slots
        for count in range(min(len(wanted), len(slots)), 0, -1):
            candidates = wanted[:count]
            if slots[len(slots) - count :] == candidates and self._all_last(candidates, wanted):
                for value in candidates:
                    self.remaining[value] -= 1
                for index in range(count):
                    slots[len(slots) - count + index] = TEMP
                return count
        return 0

    def _all_last(self, candidates: list[Value], wanted: list[Value]) -> bool:
        for value in candidates:
            if self.remaining.get(value, 0) != 1 or value in self.out or wanted.count(value) != 1:
                return False
        return True

    def _swapped_in_place(self, wanted: list[Value]) -> bool:
        """Two operands on top, both for the last time, the wrong way round."""
        slots = self.stack.slots
        if len(slots) < 2 or slots[-1] is not wanted[0] or slots[-2] is not wanted[1]:
            return False
        if not self._all_last(wanted, wanted):
            return False
        self.stack.swap(1)
        for value in wanted:
            self.remaining[value] -= 1
        slots[-1] = slots[-2] = TEMP
        return True

    def _push_operand(self, value: Value, again: bool = False) -> None:
        """One operand on top of the stack, as TEMP; `again` if the operand below is the same."""
        stack = self.stack
        if is_free(value):
            stack.push_free(value)
            return
        if value.op == "undefined":
            stack.push_word(0)
            return
        if self._must_compute(value):
            self._inline(value)
            return
        self.remaining[value] -= 1
        last = self.remaining[value] == 0 and value not in self.out
        if value in self.spilled:
            self._push_frame_address(value)
            stack.op("mload")
            return
        depth = stack.depth_of(value)
        assert depth is not None, f"{value!r} is not on the stack of {self.parent.function.name}"
        if not last:
            stack.dup(depth)
            return
        temps = self._temps_on_top()
        if depth == temps == 0:
            stack.slots[-1] = TEMP
        elif again and depth == temps == 1:
            stack.slots[-2] = TEMP
        elif depth == temps and temps <= 1 or temps == 0:
            stack.swap(depth)
            stack.slots[-1] = TEMP
        else:
            stack.dup(depth)
            stack.forget(value)

    def _temps_on_top(self) -> int:
        slots = self.stack.slots
        count = 0
        while count < len(slots) and slots[-1 - count] is TEMP:
            count += 1
        return count

    def _inline(self, root: Value) -> None:
        """Compute a value used once, right here; deep expressions cost no recursion."""
        work: list[tuple[Value, int]] = [(root, 0)]
        # Each entry: an instruction and how many of its operands are on the stack.
        while work:
            inst, done = work.pop()
            args = inst.args[::-1]
            if done == 0:
                self.remaining[inst] -= 1
                self.emitted.add(inst)
                done = self._in_place(args) if self._temps_on_top() == 0 else 0
            while done < len(args):
                arg = args[done]
                done += 1
                if self._must_compute(arg):
                    work.append((inst, done))
                    work.append((arg, 0))
                    break
                self._push_operand(arg)
            else:
                self.stack.pos, self.stack.end = inst.pos, inst.end
                self._operate(inst)

    def _operate(self, inst: Value) -> None:
        """The instruction itself: its operands are on top; its result, if any, becomes a TEMP."""
        stack = self.stack
        op = inst.op
        count = len(inst.args)
        if op == "guard":
            stack.push_item(REF, self.parent.labels.reason(inst.imm))
            stack.op("jumpi")
            del stack.slots[-2:]
            return
        if op == "setimmutable":
            stack.code.append(Item(SET_IMMUTABLE, inst.imm, stack.pos, stack.end))
            del stack.slots[-2:]
            return
        if op in _EXPANSIONS:
            _EXPANSIONS[op](self, inst)
        else:
            stack.op(op)
        del stack.slots[len(stack.slots) - count :]
        if OPS[op].results:
            stack.slots.append(TEMP)

    def expand_mapslot(self) -> None:
        """keccak256 of key and slot, put into scratch memory."""
        stack = self.stack
        for address in (0x00, 0x20):
            stack.push_word(address)
            stack.op("mstore")
            stack.slots.pop()
        stack.push_word(0x40)
        stack.push_word(0)
        stack.op("keccak256")
        del stack.slots[-2:]

    def expand_arrayslot(self) -> None:
        stack = self.stack
        stack.push_word(0)
        stack.op("mstore")
        stack.slots.pop()
        stack.push_word(0x20)
        stack.push_word(0)
        stack.op("keccak256")
        del stack.slots[-2:]

    def expand_fmp(self) -> None:
        self.stack.push_word(0x40)
        self.stack.op("mload")
        self.stack.slots.pop()

    def expand_setfmp(self, inst: Value) -> None:
        self.stack.push_word(0x40)
        self.stack.op("mstore")
        self.stack.slots.pop()

    # -- inner calls -------------------------------------------------------------------------------

    def _inner_call(self, inst: Value) -> None:
        stack, labels = self.stack, self.parent.labels
        callee, results = inst.imm
        saved = self._save_frame() if callee in self.parent.recursive and self.spilled else None
        back = labels.fresh()
        stack.push_item(REF, back)
        for value in inst.args[::-1]:
            if self._must_compute(value):
                self._inline(value)
            else:
                self._push_operand(value)
        stack.push_item(REF, labels.function(callee))
        stack.op("jump")
        stack.code.append(labels.label(back))
        del stack.slots[len(stack.slots) - len(inst.args) - 2 :]
        stack.slots += [TEMP] * results
        if saved is not None:
            self._restore_frame(saved, results)
        self._name_results(inst, results)

    def _name_results(self, inst: Value, results: int) -> None:
        stack = self.stack
        self.emitted.add(inst)
        if results == 1:
            self._keep_result(inst)
            return
        named = self.parent.results.get(inst, {})
        for index in range(results):
            value = named.get(index)
            used = value is not None and (self.remaining.get(value) or value in self.out)
            stack.slots[-1 - index] = value if used else JUNK
        while results:
            depth = next((d for d in range(results) if stack.slots[-1 - d] in self.spilled), None)
            if depth is None:
                return
            if depth:
                stack.swap(depth)
            self._store_top_spill()
            results -= 1

    def _save_frame(self) -> Any:
        """A recursive call would overwrite this frame: copy it to free memory first."""
        stack = self.stack
        words = max(self.spilled.values()) + 1
        stack.push_word(0x40)
        stack.op("mload")
        for word in range(words):
            stack.push_item(FRAME, (self.parent.function.name, word))
            stack.op("mload")
            stack.dup(1)
            stack.push_word(32 * word)
            stack.op("add")
            stack.slots.pop()
            stack.op("mstore")
            del stack.slots[-2:]
        stack.dup(0)
        stack.push_word(32 * words)
        stack.op("add")
        stack.slots.pop()
        stack.push_word(0x40)
        stack.op("mstore")
        del stack.slots[-2:]
        return words

    def _restore_frame(self, words: int, results: int) -> None:
        """The saved copy's address lies under the results."""
        stack = self.stack
        for word in range(words):
            stack.dup(results)
            stack.push_word(32 * word)
            stack.op("add")
            stack.slots.pop()
            stack.op("mload")
            stack.push_item(FRAME, (self.parent.function.name, word))
            stack.op("mstore")
            del stack.slots[-2:]
        stack.slots[-1 - results] = JUNK

    # -- terminators -------------------------------------------------------------------------------

    def _terminate(self) -> ScheduledBlock:
        block, stack = self.block, self.stack
        term = block.term
        assert term is not None
        stack.pos, stack.end = term.pos, term.end
        op = term.op
        if op == "jump":
            self._arrange_for(block.edges[0])
            return ScheduledBlock(block, stack.code, "jump", block.successors, ())
        if op in ("branch", "switch"):
            self._drop_top_junk()
            self._emit_shared(term)
            stack.pos, stack.end = term.pos, term.end
            self._arguments(term.args)
            if op == "switch":
                stack.slots[-1] = JUNK  # the cases compare copies; the value stays
            else:
                stack.slots.pop()
            return ScheduledBlock(block, stack.code, op, block.successors, term.imm or ())
        if op == "ret":
            self._return(term)
        elif op == "fail":
            self.parent.labels.fail(stack, term.imm)
        else:
            self._emit_shared(term)
            stack.pos, stack.end = term.pos, term.end
            self._arguments(term.args)
            stack.op(op)
        return ScheduledBlock(block, stack.code, "end", [], ())

    def _return(self, term: Value) -> None:
        for value in term.args:
            if self._must_compute(value):
                self._statement(value)
        target = [self._on_stack(v) for v in term.args[::-1]]
        address = self.parent.return_address
        target.append(self._on_stack(address))
        shuffle(self.stack, target)
        self.stack.op("jump")

    def _on_stack(self, value: Value) -> Value:
        """The value if it is there or free; spilled ones are loaded."""
        stack = self.stack
        if value in self.spilled and stack.depth_of(value) is None:
            self._push_frame_address(value)
            stack.op("mload")
            stack.slots[-1] = value
        elif value.op == "undefined" and stack.depth_of(value) is None:
            stack.push_word(0, value)
        return value

    def _arrange_for(self, edge: Edge) -> None:
        """The stack the target starts with, edge arguments in the places of its parameters."""
        target = edge.target
        parent = self.parent
        for value in edge.args:
            if self._must_compute(value):
                self._statement(value)
        self._pass_spilled(edge)
        pairs = [
            (p, a) for p, a in zip(target.params, edge.args, strict=True)
            if p not in self.spilled and p in parent.live.live_in[target]
        ]  # fmt: skip
        if target not in parent.joins:
            self._rename(pairs, parent.wanted(target))
            return
        layout = parent.layouts.get(target)
        if layout is None:
            layout = parent.layouts[target] = self._new_layout(pairs, parent.wanted(target))
        arguments = dict(pairs)
        wanted = [self._on_stack(arguments.get(slot, slot)) for slot in layout]
        shuffle(self.stack, wanted)
        self.stack.slots[:] = layout

    def _rename(self, pairs: list[tuple[Value, Value]], wanted: set[Value]) -> None:
        """One predecessor only: parameters are other names for the arguments."""
        for parameter, argument in pairs:
            self._on_stack(argument)
            depth = self.stack.depth_of(argument)
            if depth is None or argument in wanted:
                if depth is None:
                    self.stack.push_free(argument, parameter)
                else:
                    self.stack.dup(depth, parameter)
            else:
                self.stack.slots[-1 - depth] = parameter

    def _pass_spilled(self, edge: Edge) -> None:
        """Arguments of parameters kept in memory: all are read before the first is stored."""
        parent = self.parent
        moves = [
            (p, a) for p, a in zip(edge.target.params, edge.args, strict=True)
            if p in self.spilled and p in parent.live.live_in[edge.target] and p is not a
        ]  # fmt: skip
        for _, argument in moves:
            self.remaining[argument] = self.remaining.get(argument, 0) + 1
            self._push_operand(argument)
        for parameter, _ in reversed(moves):
            self._push_frame_address(parameter)
            self.stack.op("mstore")
            del self.stack.slots[-2:]

    def _new_layout(self, pairs: list[tuple[Value, Value]], wanted: set[Value]) -> list[Value]:
        """The first predecessor decides: values stay where they are, parameters take the places of
        arguments that are not needed any more, the rest goes on top."""
        layout: list[Any] = []
        left = list(pairs)
        placed: set[Value] = set()
        for slot in self.stack.slots:
            if slot in wanted and slot not in placed:
                layout.append(slot)
                placed.add(slot)
                continue
            for pair in left:
                if pair[1] is slot:
                    layout.append(pair[0])
                    left.remove(pair)
                    break
        layout += [v for v in sorted(wanted - placed, key=lambda v: v.id)]
        layout += [parameter for parameter, _ in left]
        return layout


_EXPANSIONS: dict[str, Any] = {
    "mapslot": lambda self, inst: self.expand_mapslot(),
    "arrayslot": lambda self, inst: self.expand_arrayslot(),
    "fmp": lambda self, inst: self.expand_fmp(),
    "setfmp": lambda self, inst: self.expand_setfmp(inst),
}
