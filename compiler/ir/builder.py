"""Appends instructions to a function and keeps it in SSA form while it grows.

Source variables are written and read by key; a read in a block that does not write the variable
becomes a block parameter, filled in when the block's predecessors are all known (Braun et al.,
"Simple and Efficient Construction of Static Single Assignment Form", 2013). Constants fold and
trivial algebra disappears here, so that useless instructions are never made.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from compiler.evm.words import FOLD
from compiler.ir.ops import PURE
from compiler.ir.simplify import simplified
from compiler.ir.values import Block, Edge, Function, Reason, Value


class Builder:
    """Builds one function. `block` is where instructions go; None after a terminator."""

    def __init__(self, function: Function) -> None:
        self.function = function
        self.pos = 0
        self.end = 0
        self._definitions: dict[Block, dict[Hashable, Value]] = {}
        self._incomplete: dict[Block, dict[Hashable, Value]] = {}
        self._sealed: set[Block] = set()
        self._preds: dict[Block, list[Edge]] = {}
        self._numbers: dict[tuple[Any, ...], Value] = {}
        self.block: Block | None = None
        entry = self.new_block()
        self.seal(entry)
        self.start(entry)

    # -- blocks ------------------------------------------------------------------------------------

    def new_block(self) -> Block:
        """A block without predecessors yet; it joins the function when it is started."""
        block = self.function.new_block()
        self._definitions[block] = {}
        self._preds[block] = []
        return block

    def start(self, block: Block) -> None:
        """Continue in `block`; code in a block nothing leads to is dropped."""
        if block in self._sealed and not self._preds[block] and self.function.blocks:
            self.block = None
            return
        self.function.blocks.append(block)
        self.block = block
        self._numbers = {}

    def resume(self, block: Block) -> None:
        """Continue in a block all of whose predecessors are known."""
        self.seal(block)
        self.start(block)

    def seal(self, block: Block) -> None:
        """No further edge into `block` will be made."""
        self._sealed.add(block)
        for key, parameter in self._incomplete.pop(block, {}).items():
            self._fill(key, block, parameter)

    def reachable(self) -> bool:
        """Whether code put here can run."""
        return self.block is not None

    def _connect(self, target: Block, args: list[Value]) -> None:
        assert self.block is not None
        edge = Edge(self.block, target, args)
        self.block.edges.append(edge)
        self._preds[target].append(edge)

    # -- instructions ------------------------------------------------------------------------------

    def const(self, word: int) -> Value:
        return self.function.constant(word)

    def emit(self, op: str, *args: Value, imm: Any = None) -> Value:
        """Append an instruction and return its result; pure ones may be folded or reused."""
        if op in PURE and imm is None:
            known = self._folded(op, args)
            if known is not None:
                return known
            key = (op, *args)
            found = self._numbers.get(key)
            if found is not None:
                return found
            value = self._append(op, list(args), None)
            self._numbers[key] = value
            return value
        return self._append(op, list(args), imm)

    def _folded(self, op: str, args: tuple[Value, ...]) -> Value | None:
        fold = FOLD.get(op)
        if fold is not None and all(a.op == "const" for a in args):
            return self.const(fold(*(a.imm for a in args)))
        return simplified(self.function, op, args, self.emit)

    def _append(self, op: str, args: list[Value], imm: Any) -> Value:
        value = self.function.new_value(op, args, imm, self.pos, self.end)
        if self.block is not None:  # unreachable code is dropped
            self.block.insts.append(value)
        return value

    def guard(self, condition: Value, reason: Reason) -> None:
        """Revert with `reason` if `condition` is not zero."""
        if condition.op == "const":
            if condition.imm:
                self.fail(reason)
            return
        self._append("guard", [condition], reason)

    def call(self, callee: str, args: list[Value], results: int) -> list[Value]:
        """Call an internal function."""
        call = self._append("icall", args, (callee, results))
        if results == 1:
            return [call]
        return [
            self.function.new_value("result", [call], i, self.pos, self.end) for i in range(results)
        ]

    # -- terminators -------------------------------------------------------------------------------

    def _terminate(self, op: str, args: list[Value], imm: Any = None) -> None:
        if self.block is not None:
            self.block.term = self.function.new_value(op, args, imm, self.pos, self.end)

    def jump(self, target: Block) -> None:
        if self.block is not None:
            self._terminate("jump", [])
            self._connect(target, [])
            self.block = None

    def branch(self, condition: Value, then: Block, otherwise: Block) -> None:
        """To `then` if the condition is not zero."""
        if self.block is None:
            return
        if condition.op == "const":
            self.jump(then if condition.imm else otherwise)
            return
        self._terminate("branch", [condition])
        self._connect(then, [])
        self._connect(otherwise, [])
        self.block = None

    def switch(self, value: Value, cases: list[tuple[int, Block]], default: Block) -> None:
        """To the block of the matching case."""
        if self.block is None:
            return
        if value.op == "const":
            self.jump(next((b for word, b in cases if word == value.imm), default))
            return
        self._terminate("switch", [value], tuple(word for word, _ in cases))
        for _, block in cases:
            self._connect(block, [])
        self._connect(default, [])
        self.block = None

    def finish(self, op: str, *args: Value, imm: Any = None) -> None:
        """End the block with `ret`, `return`, `revert`, `stop`, `invalid` or `selfdestruct`."""
        self._terminate(op, list(args), imm)
        self.block = None

    def fail(self, reason: Reason) -> None:
        """Revert, unconditionally."""
        self._terminate("fail", [], reason)
        self.block = None

    # -- variables ---------------------------------------------------------------------------------

    def write(self, key: Hashable, value: Value) -> None:
        if self.block is not None:
            self._definitions[self.block][key] = value

    def read(self, key: Hashable) -> Value:
        """The value of a variable here."""
        if self.block is None:
            return self.const(0)
        return self._read(key, self.block)

    def _read(self, key: Hashable, block: Block) -> Value:
        """Walks up through single predecessors; a join gets a parameter."""
        path: list[Block] = []
        while True:
            value = self._definitions[block].get(key)
            if value is not None:
                break
            preds = self._preds[block]
            if block not in self._sealed:
                value = self._parameter(block)
                self._incomplete.setdefault(block, {})[key] = value
                break
            if len(preds) == 1:
                path.append(block)
                block = preds[0].source
                continue
            if not preds:
                value = self.function.new_value("undefined", [], key)
                break
            value = self._parameter(block)
            self._definitions[block][key] = value
            self._fill(key, block, value)
            break
        self._definitions[block][key] = value
        for passed in path:
            self._definitions[passed][key] = value
        return value

    def _parameter(self, block: Block) -> Value:
        parameter = self.function.new_value("param", [], None)
        block.params.append(parameter)
        return parameter

    def _fill(self, key: Hashable, block: Block, parameter: Value) -> None:
        index = block.params.index(parameter)
        for edge in self._preds[block]:
            value = self._read(key, edge.source)
            while len(edge.args) <= index:
                edge.args.append(self.const(0))
            edge.args[index] = value

    def add_parameter(self) -> Value:
        """A parameter of the function itself."""
        return self._parameter(self.function.entry)
