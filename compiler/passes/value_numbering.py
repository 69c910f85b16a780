"""Value numbering: one computation per value, dominator-scoped.

Assumes: SSA. Does: folds and simplifies pure operations once their operands are known, and replaces
an operation by an equal one that dominates it. Storage slots of mapping entries count as pure: the
scratch memory they use is rewritten by every use; a hash of two words that hand-written assembly has put
there is such a slot, too. Preserves: all effects and their order.
"""

from __future__ import annotations

from typing import Any

from compiler.analysis.dominators import children
from compiler.evm.words import FOLD
from compiler.ir.ops import COMMUTATIVE, HEAP, PURE, SCRATCH, effects
from compiler.ir.simplify import simplified
from compiler.ir.values import Block, Function, Value
from compiler.passes.rewrite import Replacements, apply, resolve

_NUMBERED = PURE | {"mapslot", "arrayslot"}
_NEAR = 32  # instructions between a word of scratch memory and the hash that has it


def _scratch(before: list[Value]) -> list[Value] | None:
    """The words at 0 and 0x20, if these instructions of a block wrote both and nothing after them over them."""
    found: dict[int, Value] = {}
    for inst in reversed(before[-_NEAR:]):
        at = inst.args[0].imm if inst.op == "mstore" and inst.args[0].op == "const" else None
        if at in (0, 0x20):
            found.setdefault(at, inst.args[1])
            if len(found) == 2:
                return [found[0], found[0x20]]
        elif (at is None or at < 0x40) and effects(inst.op, inst.imm)[1] & (HEAP | SCRATCH):
            return None
    return None


def run(function: Function) -> bool:
    """Whether anything changed."""
    return _Numbering(function).run()


class _Numbering:
    def __init__(self, function: Function) -> None:
        self.function = function
        self.replaced: Replacements = {}
        self.tables: dict[tuple[Any, ...], Value] = {}
        self.new: list[Value] = []
        self.undo: list[tuple[Any, ...]] = []
        self.dropped = False

    def run(self) -> bool:
        tree = children(self.function)
        stack: list[tuple[Block, int]] = [(self.function.entry, -1)]
        while stack:
            block, mark = stack.pop()
            if mark >= 0:  # leaving the block: its values dominate nothing further
                while len(self.undo) > mark:
                    del self.tables[self.undo.pop()]
                continue
            stack.append((block, len(self.undo)))
            self._block(block)
            stack += [(child, -1) for child in reversed(tree[block])]
        apply(self.function, self.replaced)
        return self.dropped or bool(self.replaced)

    def _block(self, block: Block) -> None:
        kept: list[Value] = []
        replaced = self.replaced
        for inst in block.insts:
            args = inst.args
            for index, arg in enumerate(args):
                if arg in replaced:
                    args[index] = resolve(arg, replaced)
            if inst.op in _NUMBERED:
                self.new = []
                value = self._value(inst)
                kept += self.new
                if value is not inst:
                    replaced[inst] = value
                    continue
            elif inst.op == "guard" and args[0].op == "const" and not args[0].imm:
                self.dropped = True
                continue
            elif inst.op == "keccak256":
                entry = self._entry(inst, kept)
                if entry is not None:
                    replaced[inst] = entry
                    continue
            kept.append(inst)
        block.insts = kept

    def _entry(self, inst: Value, before: list[Value]) -> Value | None:
        """The slot of a mapping entry, known already, that a hash of the scratch words makes again."""
        if [a.imm for a in inst.args if a.op == "const"] != [0, 0x40]:
            return None
        words = _scratch(before)
        return None if words is None else self.tables.get(self._key("mapslot", words, None))

    def _value(self, inst: Value) -> Value:
        """An existing value equal to `inst`, or `inst` itself."""
        if inst.imm is None:
            fold = FOLD.get(inst.op)
            if fold is not None and all(a.op == "const" for a in inst.args):
                return self.function.constant(fold(*(a.imm for a in inst.args)))
            simpler = simplified(self.function, inst.op, tuple(inst.args), self._emit(inst))
            if simpler is not None:
                return simpler
        return self._known(inst)

    def _known(self, inst: Value) -> Value:
        key = self._key(inst.op, inst.args, inst.imm)
        found = self.tables.get(key)
        if found is not None:
            return found
        self.tables[key] = inst
        self.undo.append(key)
        return inst

    def _key(self, op: str, args: list[Value], imm: Any) -> tuple[Any, ...]:
        if op in COMMUTATIVE:
            a, b = args
            return (op, a, b, imm) if a.id <= b.id else (op, b, a, imm)
        return (op, *args, imm)

    def _emit(self, inst: Value) -> Any:
        def emit(op: str, *args: Value) -> Value:
            fold = FOLD.get(op)
            if fold is not None and all(a.op == "const" for a in args):
                return self.function.constant(fold(*(a.imm for a in args)))
            value = self.function.new_value(op, list(args), None, inst.pos, inst.end)
            simpler = simplified(self.function, op, args, emit)
            if simpler is not None:
                return simpler
            found = self._known(value)
            if found is value:
                self.new.append(value)
            return found

        return emit
