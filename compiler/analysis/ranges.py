"""What is known of words at one place: an unsigned range of each, and which of two is the smaller.

A range is [low, high], both ends included. It follows from how a value is made, and from the conditions that were
true or false on every path to the place. `assume` adds one; `forget` goes back to an earlier `mark`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from compiler.evm.words import MASK, SIGN
from compiler.ir.bits import known_bits
from compiler.ir.values import Value

Range = tuple[int, int]
_DEPTH = 4
_ABSENT = object()


class Ranges:
    """Facts, newest last."""

    def __init__(self) -> None:
        self._ranges: dict[Value, Range] = {}
        self._at_most: dict[tuple[Value, Value], bool] = {}  # a <= b; True when a < b
        self._undo: list[tuple[dict[Any, Any], Any, Any]] = []
        # What `of` found under the facts of now, by depth, and whether an order had a part in any of it.
        self._answers: list[dict[Value, Range]] = [{} for _ in range(_DEPTH + 1)]
        self._order_had_a_part = False

    def mark(self) -> int:
        return len(self._undo)

    def forget(self, mark: int) -> None:
        self._forget_answers()
        while len(self._undo) > mark:
            table, key, before = self._undo.pop()
            if before is _ABSENT:
                del table[key]
            else:
                table[key] = before

    # -- questions ---------------------------------------------------------------------------------

    def of(self, value: Value, depth: int = _DEPTH) -> Range:
        """The smallest and the largest word that `value` may be."""
        if value.op == "const":
            return value.imm, value.imm
        answers = self._answers[depth]
        if value not in answers:
            answers[value] = self._range(value, depth)
        return answers[value]

    def _range(self, value: Value, depth: int) -> Range:
        low, high = 0, known_bits(value)
        made = _MADE.get(value.op)
        if made is not None and depth:
            first, second = value.args
            a, b = self.of(first, depth - 1), self.of(second, depth - 1)
            below, above = made(a, b)
            low, high = max(low, below), min(high, above)
            if value.op == "sub":
                self._order_had_a_part = True
                if self.at_most(second, first):
                    high = min(high, a[1])
        known = self._ranges.get(value)
        if known is not None:
            low, high = max(low, known[0]), min(high, known[1])
        return (low, high) if low <= high else (0, MASK)  # nothing comes here: any answer is true

    def _forget_answers(self) -> None:
        for answers in self._answers:
            answers.clear()
        self._order_had_a_part = False

    def at_most(self, a: Value, b: Value) -> bool:
        """Certainly a <= b."""
        return (a, b) in self._at_most

    def less(self, a: Value, b: Value) -> bool:
        """Certainly a < b."""
        return self._at_most.get((a, b), False)

    # -- facts -------------------------------------------------------------------------------------

    def assume(self, condition: Value, holds: bool) -> None:
        """From here on `condition` is not zero, or (`holds` is False) it is zero."""
        todo = [(condition, holds)]
        while todo:
            value, holds = todo.pop()
            self._narrow(value, (1, MASK) if holds else (0, 0))
            if value.op == "iszero":
                todo.append((value.args[0], not holds))
            elif value.op == ("and" if holds else "or"):
                todo += [(arg, holds) for arg in value.args]
            else:
                self._compared(value.op, value.args, holds)

    def _compared(self, op: str, args: list[Value], holds: bool) -> None:
        if op in ("lt", "gt"):
            smaller, larger = args if op == "lt" else reversed(args)
            if holds:
                self._order(smaller, larger, strictly=True)
            else:
                self._order(larger, smaller, strictly=False)
                self._no_wrap(smaller, larger)
        elif op in ("slt", "sgt"):
            smaller, larger = args if op == "slt" else reversed(args)
            self._signed(smaller, larger, holds)
        elif op == "eq" or (op in ("xor", "sub") and not holds):
            self._equal(args[0], args[1], holds or op != "eq")
        elif op == "shr" and args[0].op == "const" and args[0].imm < 256 and not holds:
            self._narrow(args[1], (0, (1 << args[0].imm) - 1))

    def _narrow(self, value: Value, within: Range) -> None:
        if value.op in ("const", "undefined"):
            return
        low, high = self.of(value)
        found = max(low, within[0]), min(high, within[1])
        if found == (low, high) or found[0] > found[1]:
            return
        self._answers[_DEPTH].pop(value, None)
        if any(value in answers for answers in self._answers):  # as a part of others
            self._forget_answers()
        self._put(self._ranges, value, found)

    def _order(self, smaller: Value, larger: Value, strictly: bool) -> None:
        if "undefined" in (smaller.op, larger.op):
            return
        step = int(strictly)
        low, high = self.of(smaller)[0], self.of(larger)[1]
        if low + step <= MASK and high >= step:
            self._narrow(larger, (low + step, MASK))
            self._narrow(smaller, (0, high - step))
        if strictly or not self.at_most(smaller, larger):
            if self._order_had_a_part:
                self._forget_answers()
            self._put(self._at_most, (smaller, larger), strictly)

    def _no_wrap(self, total: Value, part: Value) -> None:
        """A sum that is not below one of its parts did not wrap: it is not below the other one."""
        if total.op == "add" and part in total.args:
            for arg in total.args:
                self._order(arg, total, strictly=False)

    def _signed(self, smaller: Value, larger: Value, holds: bool) -> None:
        """Only a bound that is a constant and not negative says something about unsigned words."""
        if smaller.op == "const" and smaller.imm < SIGN and holds:
            self._narrow(larger, (smaller.imm + 1, SIGN - 1))
        elif larger.op == "const" and larger.imm < SIGN and not holds:
            self._narrow(smaller, (larger.imm, SIGN - 1))

    def _equal(self, a: Value, b: Value, holds: bool) -> None:
        for value, other in ((a, b), (b, a)):
            low, high = self.of(value)
            other_low, other_high = self.of(other)
            if holds:
                self._narrow(value, (other_low, other_high))
            elif other_low == other_high == low:
                self._narrow(value, (low + 1, MASK))
            elif other_low == other_high == high:
                self._narrow(value, (0, high - 1))

    def _put(self, table: dict[Any, Any], key: Any, fact: Any) -> None:
        self._undo.append((table, key, table.get(key, _ABSENT)))
        table[key] = fact


def _sum(a: Range, b: Range) -> Range:
    return (a[0] + b[0], a[1] + b[1]) if a[1] + b[1] <= MASK else (0, MASK)


def _difference(a: Range, b: Range) -> Range:
    return (a[0] - b[1], a[1] - b[0]) if a[0] >= b[1] else (0, MASK)


def _product(a: Range, b: Range) -> Range:
    return (a[0] * b[0], a[1] * b[1]) if a[1] * b[1] <= MASK else (0, MASK)


def _quotient(a: Range, b: Range) -> Range:
    return (a[0] // b[1], a[1] // b[0]) if b[0] else (0, a[1])


def _remainder(a: Range, b: Range) -> Range:
    return 0, min(a[1], max(b[1] - 1, 0))


def _shifted_right(amount: Range, value: Range) -> Range:
    return value[0] >> min(amount[1], 256), value[1] >> min(amount[0], 256)


def _shifted_left(amount: Range, value: Range) -> Range:
    if amount[1] > 256 or value[1] << amount[1] > MASK:
        return 0, MASK
    return value[0] << amount[0], value[1] << amount[1]


def _common(a: Range, b: Range) -> Range:
    return 0, min(a[1], b[1])


_MADE: dict[str, Callable[[Range, Range], Range]] = {
    "add": _sum,
    "sub": _difference,
    "mul": _product,
    "div": _quotient,
    "mod": _remainder,
    "shr": _shifted_right,
    "shl": _shifted_left,
    "and": _common,
}
