"""The stack at the border of blocks: returns, and the common layout of joins."""

from __future__ import annotations

from typing import Any

from compiler.backend.inner_calls import InnerCalls
from compiler.backend.shuffle import shuffle
from compiler.backend.stack import TooDeep, is_free
from compiler.ir.values import Edge, Value


class Joins(InnerCalls):
    """Arranging the stack for where control goes next."""

    def on_stack(self, value: Value) -> Value:
        """The value if it is there or free; spilled ones are loaded."""
        stack = self.stack
        if value in self.spilled and stack.depth_of(value) is None:
            self.push_frame_address(value)
            stack.op("mload")
            stack.slots[-1] = value
        elif value.op == "undefined" and stack.depth_of(value) is None:
            stack.push_word(0, value)
        return value

    def return_from(self, term: Value) -> None:
        for value in term.args:
            if self.must_compute(value):
                self.statement(value)
        # Junk that is left under what is loaded now would be out of anybody's reach.
        self.stack.drop_junk()
        target = [*term.args[::-1], self.parent.return_address]
        if all(is_free(v) or v in self.spilled or v.op == "undefined" for v in target):
            self.load_anew(target)
        else:
            shuffle(self.stack, [self.on_stack(v) for v in target])
        self.stack.op("jump")

    def load_anew(self, target: list[Value]) -> None:
        """Nothing on the stack is needed: all of what is wanted is loaded in order, however much it is."""
        while self.stack.slots:
            self.stack.pop()
        for value in target:
            self.remaining[value] = self.remaining.get(value, 0) + 1
            self.push_operand(value)

    def arrange_for(self, edge: Edge) -> None:
        """The stack the target starts with, edge arguments in the places of its parameters."""
        target = edge.target
        parent = self.parent
        for value in edge.args:
            if self.must_compute(value):
                self.statement(value)
        pairs = [
            (p, a) for p, a in zip(target.params, edge.args, strict=True)
            if p not in self.spilled and p in parent.live.live_in[target]
        ]  # fmt: skip
        self.keep_old(target.params, [argument for _, argument in pairs])
        self.pass_spilled(edge)
        if target not in parent.joins:
            self.rename(pairs, parent.wanted(target))
            return
        layout = parent.layouts.get(target)
        if layout is None:
            layout = parent.layouts[target] = self.new_layout(pairs, parent.wanted(target))
        arguments = dict(pairs)
        self.stack.drop_junk()
        try:
            wanted = [self.on_stack(arguments.get(slot, slot)) for slot in layout]
            shuffle(self.stack, wanted)
        except (
            TooDeep
        ) as problem:  # where all that is there came from memory, what it becomes must stay there
            raise TooDeep(problem.depth, [*layout, *problem.slots]) from problem
        self.stack.slots[:] = layout

    def keep_old(self, params: list[Value], arguments: list[Value]) -> None:
        """Round a loop a parameter's old value may be handed to another one: it is taken out of memory before the
        new one is stored there."""
        found = [a for a in arguments if a in self.spilled and a in params]
        if found:
            self.stack.drop_junk()
        for argument in found:
            self.on_stack(argument)

    def rename(self, pairs: list[tuple[Value, Value]], wanted: set[Value]) -> None:
        """One predecessor only: parameters are other names for the arguments."""
        left = [argument for _, argument in pairs]
        for parameter, argument in pairs:
            left.remove(argument)
            self.on_stack(argument)
            depth = self.stack.depth_of(argument)
            if depth is None or argument in wanted or argument in left:
                if depth is None:
                    self.stack.push_free(argument, parameter)
                else:
                    self.stack.dup(depth, parameter)
            else:
                self.stack.slots[-1 - depth] = parameter

    def pass_spilled(self, edge: Edge) -> None:
        """Arguments of parameters kept in memory: all are read before the first is stored."""
        parent = self.parent
        moves = [
            (p, a) for p, a in zip(edge.target.params, edge.args, strict=True)
            if p in self.spilled and p in parent.live.live_in[edge.target] and p is not a
        ]  # fmt: skip
        for _, argument in moves:
            self.remaining[argument] = self.remaining.get(argument, 0) + 1
            self.push_operand(argument)
        for parameter, _ in reversed(moves):
            self.push_frame_address(parameter)
            self.stack.op("mstore")
            del self.stack.slots[-2:]

    def new_layout(self, pairs: list[tuple[Value, Value]], wanted: set[Value]) -> list[Value]:
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
        layout += sorted(wanted - placed, key=lambda v: v.id)
        layout += [parameter for parameter, _ in left]
        return layout
