"""Calls inside the contract: return label, arguments, results; and frames saved around recursion."""

from __future__ import annotations

from typing import Any

from compiler.backend.assembly import FRAME, REF
from compiler.backend.operands import Operands
from compiler.backend.stack import JUNK, TEMP
from compiler.evm.opcodes import MAX_REACH
from compiler.ir.values import Value


class InnerCalls(Operands):
    """Inner calls and what becomes of results."""

    def inner_call(self, inst: Value) -> None:
        stack, labels = self.stack, self.parent.labels
        callee, results = inst.imm
        saved = self.save_frame() if callee in self.parent.recursive and self.spilled else None
        back = labels.fresh()
        stack.push_item(REF, back)
        for value in inst.args[::-1]:
            if self.must_compute(value):
                self.inline(value)
            else:
                self.push_operand(value)
        stack.push_item(REF, labels.function(callee))
        stack.op("jump")
        stack.code.append(labels.label(back))
        del stack.slots[len(stack.slots) - len(inst.args) - 2 :]
        stack.slots += [TEMP] * results
        if saved is not None:
            self.restore_frame(saved, results)
        self.name_results(inst, results)

    def name_results(self, inst: Value, results: int) -> None:
        stack = self.stack
        self.emitted.add(inst)
        if results == 1:
            self.keep_result(inst)
            return
        named = self.parent.results.get(inst, {})
        for index in range(results):
            value = named.get(index)
            if value is None or not (self.remaining.get(value) or value in self.out):
                stack.slots[-1 - index] = JUNK
            else:
                stack.slots[-1 - index] = value
        while results:
            depth = next((d for d in range(results) if stack.slots[-1 - d] in self.spilled), None)
            if depth is None:
                return
            if depth and stack.slots[-1] is not JUNK:
                stack.swap(depth)
            self.store_top_spill()
            results -= 1

    def store_top_spill(self) -> None:
        stack = self.stack
        slot = stack.slots[-1]
        if slot is JUNK:
            stack.pop()
            return
        assert isinstance(slot, Value)
        self.push_frame_address(slot)
        stack.op("mstore")
        del stack.slots[-2:]

    def keep_result(self, inst: Value) -> None:
        """The top of the stack is the value of `inst` from here on."""
        stack = self.stack
        self.emitted.add(inst)
        if not self.remaining.get(inst) and inst not in self.out:
            stack.slots[-1] = JUNK
            return
        stack.slots[-1] = inst
        if inst in self.spilled:
            self.store_top_spill()

    def save_frame(self) -> Any:
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

    def restore_frame(self, words: int, results: int) -> None:
        """The saved copy's address lies under the results; where they are too many to reach it, they wait in
        free memory."""
        stack = self.stack
        waiting = results if results >= MAX_REACH else 0
        for word in range(waiting):
            self.push_free_memory(word)
            stack.op("mstore")
            del stack.slots[-2:]
        results -= waiting
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
        for word in reversed(range(waiting)):
            self.push_free_memory(word)
            stack.op("mload")

    def push_free_memory(self, word: int) -> None:
        """The address of a word that nothing holds yet."""
        stack = self.stack
        stack.push_word(32 * word)
        stack.push_word(0x40)
        stack.op("mload")
        stack.op("add")
        stack.slots.pop()
