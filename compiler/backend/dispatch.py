"""From the selector to the entry function.

Few functions are tested one after the other. More are found by halving the sorted selectors first, or through a
table of sixteen code addresses in one word, indexed by the four bits of the selector that spread it best: whatever is
cheaper on average, all functions being called equally often. The selector stays on the stack: entry
functions never return, so nobody has to pop it.
"""

from __future__ import annotations

from compiler.backend.assembly import OP, PUSH, REF, TABLE, Item
from compiler.backend.labels import Labels
from compiler.ir.values import Module, Reason

CHAIN_LENGTH = 4
BUCKETS = 16
TABLE_LIMIT = 4_000  # functions: the places of so many chains fit the table's two bytes each
# Gas: one comparison with its jump; going to the lower half lands on a label; the table's lookup and landing.
TEST, LANDING, LOOKUP, SHIFT = 22, 1, 36, 6


def dispatch(module: Module, labels: Labels) -> list[Item]:
    """The first code of a runtime."""
    items: list[Item] = []
    if module.non_payable:
        items += [Item(OP, "callvalue"), Item(REF, labels.reason(("empty",))), Item(OP, "jumpi")]
    short = None
    selectors = sorted(module.dispatch)
    if not selectors:
        return [*items, *_without_selector(module, labels)]
    # Without receive and fallback, missing calldata reads as zero bytes, which match no selector
    # that ends in another byte; so its length need not be looked at.
    zero_ended = any(s & 0xFF == 0 for s in selectors)
    if module.receive or module.fallback or zero_ended:
        short = labels.fresh()
        items += [*_ops("4 calldatasize lt"), Item(REF, short), Item(OP, "jumpi")]
    items += _ops("0 calldataload 0xe0 shr")
    miss = labels.fresh()
    shift = _best_shift(selectors)
    if len(selectors) <= TABLE_LIMIT and _table_gas(selectors, shift) < _search_gas(selectors):
        items += _table(selectors, shift, module, labels, miss)
    else:
        items += _search(selectors, module, labels, miss)
    items.append(labels.label(miss))
    if module.fallback:
        items += [Item(REF, labels.function(module.fallback)), Item(OP, "jump")]
    else:
        items += _unmatched(module, labels)
    if short is not None:
        items.append(labels.label(short))
        items += _without_selector(module, labels)
    return items


def _without_selector(module: Module, labels: Labels) -> list[Item]:
    """Fewer than four bytes of calldata."""
    items: list[Item] = []
    if module.receive:
        if not module.fallback:
            items += [
                Item(OP, "calldatasize"),
                Item(REF, labels.reason(_reason(module))),
                Item(OP, "jumpi"),
            ]
            return [*items, Item(REF, labels.function(module.receive)), Item(OP, "jump")]
        items += [
            *_ops("calldatasize iszero"),
            Item(REF, labels.function(module.receive)),
            Item(OP, "jumpi"),
        ]
    if module.fallback:
        return [*items, Item(REF, labels.function(module.fallback)), Item(OP, "jump")]
    return _unmatched(module, labels)


def _reason(module: Module) -> Reason:
    """Why a call is refused that nothing takes."""
    return ("message", module.unmatched) if module.unmatched else ("empty",)


def _unmatched(module: Module, labels: Labels) -> list[Item]:
    if not module.unmatched:
        return _ops("0 0 revert")
    return [Item(REF, labels.reason(_reason(module))), Item(OP, "jump")]


# -- one after the other, and by halves --------------------------------------------------------------------


def _chain(selectors: list[int], module: Module, labels: Labels, miss: str) -> list[Item]:
    items: list[Item] = []
    for selector in selectors:
        items += [Item(OP, "dup1"), Item(PUSH, selector), Item(OP, "eq")]
        items += [Item(REF, labels.function(module.dispatch[selector])), Item(OP, "jumpi")]
    return [*items, Item(REF, miss), Item(OP, "jump")]


def _search(selectors: list[int], module: Module, labels: Labels, miss: str) -> list[Item]:
    if len(selectors) <= CHAIN_LENGTH:
        return _chain(selectors, module, labels, miss)
    middle = len(selectors) // 2
    lower = labels.fresh()
    items = [Item(OP, "dup1"), Item(PUSH, selectors[middle]), Item(OP, "gt")]
    items += [Item(REF, lower), Item(OP, "jumpi")]
    items += _search(selectors[middle:], module, labels, miss)
    items.append(labels.label(lower))
    return items + _search(selectors[:middle], module, labels, miss)


def _chain_gas(length: int) -> int:
    """Of finding each of so many once."""
    return TEST * length * (length + 1) // 2


def _search_gas(selectors: list[int]) -> int:
    count = len(selectors)
    if count <= CHAIN_LENGTH:
        return _chain_gas(count)
    lower = count // 2
    halves = _search_gas(selectors[lower:]) + _search_gas(selectors[:lower])
    return TEST * count + LANDING * lower + halves


# -- by table --------------------------------------------------------------------------------------------


def _buckets(selectors: list[int], shift: int) -> list[list[int]]:
    found: list[list[int]] = [[] for _ in range(BUCKETS)]
    for selector in selectors:
        found[selector >> shift & BUCKETS - 1].append(selector)
    return found


def _table_gas(selectors: list[int], shift: int) -> int:
    chains = sum(_chain_gas(len(bucket)) for bucket in _buckets(selectors, shift))
    return (LOOKUP - (0 if shift > 4 else SHIFT)) * len(selectors) + chains


def _best_shift(selectors: list[int]) -> int:
    """Which four bits tell most selectors apart; at least 4, so that they become an index by one shift."""
    return min(range(4, 29), key=lambda shift: _table_gas(selectors, shift))


def _table(
    selectors: list[int], shift: int, module: Module, labels: Labels, miss: str
) -> list[Item]:
    buckets = _buckets(selectors, shift)
    names = tuple(labels.fresh() if bucket else miss for bucket in buckets)
    # table, selector >> (shift - 4) & 0xf0: the bucket's place in the table, in bits
    moved = f"{shift - 4} shr" if shift > 4 else ""
    items = [Item(TABLE, names), *_ops(f"dup2 {moved} 0xf0 and shr 0xffff and jump")]
    for name, bucket in zip(names, buckets, strict=True):
        if bucket:
            items += [labels.label(name), *_chain(bucket, module, labels, miss)]
    return items


def _ops(text: str) -> list[Item]:
    return [Item(PUSH, int(w, 0)) if w[0].isdigit() else Item(OP, w) for w in text.split()]
