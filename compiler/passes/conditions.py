"""Conditions: what a path has tested need not be tested on it again.

Assumes: SSA, edges of a branch carry no arguments. Does: where a check was passed or a branch taken, its condition
is a constant, and so is every comparison that follows from it or from how small its operands are; checks that cannot
fail go, masks and sign extensions that change nothing too. Preserves: all effects and their order, and what fails with which reason.

`for (uint i; i < n; i++)` needs no check of `i + 1`; after `require(balance >= amount)`, `balance - amount` needs none.
"""

from __future__ import annotations

from compiler.analysis.cfg import predecessors
from compiler.analysis.dominators import children
from compiler.analysis.ranges import Ranges
from compiler.evm.words import FOLD, MOD, SIGN
from compiler.ir.bits import is_boolean
from compiler.ir.values import Block, Edge, Function, Value
from compiler.passes.rewrite import Replacements, apply, resolve


def run(function: Function) -> bool:
    """Whether anything changed."""
    if not any(inst.op in ("guard", "branch") for inst in function.instructions()):
        return False
    return _Conditions(function).run()


class _Conditions:
    def __init__(self, function: Function) -> None:
        self.function = function
        self.ranges = Ranges()
        self.replaced: Replacements = {}
        self.changed = False

    def run(self) -> bool:
        tree, incoming = children(self.function), predecessors(self.function)
        stack: list[tuple[Block, int]] = [(self.function.entry, -1)]
        while stack:
            block, mark = stack.pop()
            if mark >= 0:  # leaving the block
                self.ranges.forget(mark)
                continue
            stack.append((block, self.ranges.mark()))
            self._arrive(block, incoming[block])
            self._block(block)
            stack += [(child, -1) for child in reversed(tree[block])]
        apply(self.function, self.replaced)
        return self.changed or bool(self.replaced)

    def _arrive(self, block: Block, edges: list[Edge]) -> None:
        """A block that only one side of a branch leads to."""
        if len(edges) != 1:
            return
        source = edges[0].source
        if source.term is not None and source.term.op == "branch":
            self.ranges.assume(source.term.args[0], edges[0] is source.edges[0])

    def _block(self, block: Block) -> None:
        kept: list[Value] = []
        for inst in block.insts:
            self._known(inst.args)
            known = self._decided(inst)
            if known is not None:
                self.replaced[inst] = known
                continue
            if inst.op == "guard":
                if self.ranges.of(inst.args[0])[1] == 0:
                    self.changed = True
                    continue
                self.ranges.assume(inst.args[0], False)
            kept.append(inst)
        block.insts = kept
        if block.term is not None:
            self._known(block.term.args)
        for edge in block.edges:
            self._known(edge.args)

    def _known(self, args: list[Value]) -> None:
        """Operands that can only be 0, or only 1, here."""
        for index, arg in enumerate(args):
            if arg in self.replaced:
                arg = args[index] = resolve(arg, self.replaced)
            if arg.op == "const":
                continue
            low, high = self.ranges.of(arg)
            if low == high < 2:
                args[index] = self.function.constant(low)
                self.changed = True

    def _decided(self, inst: Value) -> Value | None:
        """What the instruction's result is, if that is known here."""
        op, args = inst.op, inst.args
        fold = FOLD.get(op)
        if fold is not None and all(arg.op == "const" for arg in args):
            return self.function.constant(fold(*(arg.imm for arg in args)))
        if op in _COMPARISONS:
            answer = self._compare(op, args)
            return None if answer is None else self.function.constant(answer)
        if op == "or":
            return self._either(args)
        if op == "and" and args[1].op == "const":
            mask = args[1].imm
            return (
                args[0] if mask & (mask + 1) == 0 and self.ranges.of(args[0])[1] <= mask else None
            )
        if op == "signextend" and args[0].op == "const" and args[0].imm < 31:
            top = 1 << (8 * args[0].imm + 7)
            return args[1] if self.ranges.of(args[1])[1] < top else None
        return None

    def _compare(self, op: str, args: list[Value]) -> int | None:
        if op == "iszero":
            low, high = self.ranges.of(args[0])
            return 1 if high == 0 else 0 if low else None
        a, b = args if op in ("lt", "slt", "eq") else (args[1], args[0])
        (low_a, high_a), (low_b, high_b) = self.ranges.of(a), self.ranges.of(b)
        if op == "eq":
            apart = high_a < low_b or high_b < low_a
            return 0 if apart or self.ranges.less(a, b) or self.ranges.less(b, a) else None
        if op in ("slt", "sgt") and (high_a >= SIGN or high_b >= SIGN):
            return None
        if high_a < low_b or self.ranges.less(a, b):
            return 1
        if low_a >= high_b or self.ranges.at_most(b, a) or self._does_not_wrap(a, b):
            return 0
        return None

    def _does_not_wrap(self, total: Value, part: Value) -> bool:
        """A sum of words that are small enough is not below one of them."""
        if total.op != "add" or part not in total.args:
            return False
        return sum(self.ranges.of(arg)[1] for arg in total.args) < MOD

    def _either(self, args: list[Value]) -> Value | None:
        """A product of words that are small enough is `a == 0 || product / a == b`."""
        for zero, exact in (args, reversed(args)):
            if self.ranges.of(zero) == (0, 0):
                return exact
            if self.ranges.of(zero) == (1, 1) and is_boolean(exact):
                return zero
            if zero.op != "iszero" or exact.op != "eq":
                continue
            for quotient, b in (exact.args, reversed(exact.args)):
                if quotient.op != "div" or quotient.args[1] is not zero.args[0]:
                    continue
                a, product = zero.args[0], quotient.args[0]
                if product.op == "mul" and {a, b} == set(product.args):
                    if self.ranges.of(a)[1] * self.ranges.of(b)[1] < MOD:
                        return self.function.constant(1)
        return None


_COMPARISONS = frozenset(("lt", "gt", "slt", "sgt", "eq", "iszero"))
