"""A broom for adjacent instructions; each rule is exact on its own.

Rules are tried at every position until none applies: a pair that cancels, a swap in front of an
operation that does not care, a comparison that only feeds a jump.
"""

from __future__ import annotations

from compiler.backend.assembly import LABEL, OP, PUSH, REF, Item

_COMMUTATIVE = frozenset(("add", "mul", "and", "or", "xor", "eq"))
_FLIPPED = {"lt": "gt", "gt": "lt", "slt": "sgt", "sgt": "slt"}
_ENDS = frozenset(("jump", "return", "revert", "stop", "invalid", "selfdestruct"))


def clean(items: list[Item]) -> list[Item]:
    """The same program with fewer instructions."""
    items = _without_dead_code(items)
    out: list[Item] = []
    for item in items:
        out.append(item)
        while _reduce(out):
            pass
    return _without_unused_labels(out)


def _is(item: Item, name: str) -> bool:
    return item.kind == OP and item.value == name


def _reduce(out: list[Item]) -> bool:
    """Apply one rule to the end of the list."""
    if len(out) < 2:
        return False
    last, before = out[-1], out[-2]
    if last.kind == OP:
        if last.value == "pop" and (
            before.kind == PUSH or (before.kind == OP and str(before.value).startswith("dup"))
        ):
            del out[-2:]
            return True
        if _is(before, "swap1"):
            if last.value in _COMMUTATIVE:
                del out[-2]
                return True
            if last.value in _FLIPPED:
                out[-2:] = [Item(OP, _FLIPPED[str(last.value)], last.pos, last.end)]
                return True
        if before.kind == OP and before.value == last.value and str(last.value).startswith("swap"):
            del out[-2:]
            return True
        if _is(last, "swap1") and _is(before, "dup1"):
            del out[-1]
            return True
        if last.value == "jumpi" and len(out) >= 4 and before.kind == REF:
            return _reduce_condition(out)
    return False


def _reduce_condition(out: list[Item]) -> bool:
    """`… condition, push label, jumpi`: a jump only asks whether the condition is zero."""
    first, second = out[-4], out[-3]
    if _is(second, "iszero") and _is(first, "iszero"):
        del out[-4:-2]
        return True
    if _is(second, "iszero") and _is(first, "eq"):
        out[-4:-2] = [Item(OP, "sub", first.pos, first.end)]
        return True
    return False


def _without_dead_code(items: list[Item]) -> list[Item]:
    """Nothing between an unconditional end and the next label can run."""
    out: list[Item] = []
    dead = False
    for item in items:
        if item.kind == LABEL:
            dead = False
        if not dead:
            out.append(item)
        if item.kind == OP and item.value in _ENDS:
            dead = True
    return out


def _without_unused_labels(items: list[Item]) -> list[Item]:
    used = {label for item in items for label in item.labels()}
    return [item for item in items if item.kind != LABEL or item.value in used]
