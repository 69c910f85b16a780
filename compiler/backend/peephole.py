"""A broom for adjacent instructions; each rule is exact on its own.

Rules are tried at every position until none applies: a pair that cancels, a swap in front of an
operation that does not care, a comparison that only feeds a jump.
"""

from __future__ import annotations

from compiler.backend.assembly import LABEL, OP, PUSH, REF, Item

_COMMUTATIVE = frozenset(("add", "mul", "and", "or", "xor", "eq"))
_FLIPPED = {"lt": "gt", "gt": "lt", "slt": "sgt", "sgt": "slt"}
_TAIL = 4  # operations; a jump to them takes as many bytes
_ENDS = frozenset(("jump", "return", "revert", "stop", "invalid", "selfdestruct"))


def clean(items: list[Item]) -> list[Item]:
    """The same program with fewer instructions."""
    items = _without_short_jumps(_without_dead_code(items))
    out: list[Item] = []
    for item in items:
        if item.kind == LABEL:
            _fall_through(out, item)
        out.append(item)
        while _reduce(out):
            pass
    return _without_unused_labels(out)


def _fall_through(out: list[Item], label: Item) -> None:
    """A jump to what comes next anyway; other labels may stand between."""
    at = len(out)
    while at and out[at - 1].kind == LABEL:
        at -= 1
    if at >= 2 and _is(out[at - 1], "jump"):
        target = out[at - 2]
        if target.kind == REF and target.value == label.value:
            del out[at - 2 : at]


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


def _without_short_jumps(items: list[Item]) -> list[Item]:
    """Where a jump leads to a few operations that end in a jump or halt, those stand in its place."""
    tails = _tails(items)
    out: list[Item] = []
    for item in items:
        target = out[-1] if out else item
        if _is(item, "jump") and target.kind == REF and target.value in tails:
            out.pop()
            out += [Item(i.kind, i.value, item.pos, item.end) for i in tails[str(target.value)]]
        else:
            out.append(item)
    return out


def _tails(items: list[Item]) -> dict[str, list[Item]]:
    """What runs from each label on, if that is at most `_TAIL` operations to an end."""
    tails: dict[str, list[Item]] = {}
    open_labels: list[tuple[str, list[Item]]] = []
    for item in items:
        if item.kind == LABEL:
            open_labels.append((str(item.value), []))
            continue
        for _, tail in open_labels:
            tail.append(item)
        if item.kind != OP or (open_labels and len(open_labels[0][1]) > _TAIL):
            open_labels = []
        elif item.value in _ENDS:
            tails.update((label, tail) for label, tail in open_labels if len(tail) <= _TAIL)
            open_labels = []
    return tails


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
