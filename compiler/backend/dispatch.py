"""From the selector to the entry function.

Few functions are tested one after the other, more by halving the sorted selectors first. The
selector stays on the stack: entry functions never return, so nobody has to pop it.
"""

from __future__ import annotations

from compiler.backend.assembly import OP, PUSH, REF, Item
from compiler.backend.labels import Labels
from compiler.ir.values import Module

CHAIN_LENGTH = 4


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
    items += _search(selectors, module, labels, miss)
    items.append(labels.label(miss))
    if module.fallback:
        items += [Item(REF, labels.function(module.fallback)), Item(OP, "jump")]
    else:
        items += _ops("0 0 revert")
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
                Item(REF, labels.reason(("empty",))),
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
    return _ops("0 0 revert")


def _search(selectors: list[int], module: Module, labels: Labels, miss: str) -> list[Item]:
    if len(selectors) <= CHAIN_LENGTH:
        items: list[Item] = []
        for selector in selectors:
            target = labels.function(module.dispatch[selector])
            items += [
                Item(OP, "dup1"),
                Item(PUSH, selector),
                Item(OP, "eq"),
                Item(REF, target),
                Item(OP, "jumpi"),
            ]
        return [*items, Item(REF, miss), Item(OP, "jump")]
    middle = len(selectors) // 2
    lower = labels.fresh()
    items = [
        Item(OP, "dup1"),
        Item(PUSH, selectors[middle]),
        Item(OP, "gt"),
        Item(REF, lower),
        Item(OP, "jumpi"),
    ]
    items += _search(selectors[middle:], module, labels, miss)
    items.append(labels.label(lower))
    return items + _search(selectors[:middle], module, labels, miss)


def _ops(text: str) -> list[Item]:
    return [Item(PUSH, int(w, 0)) if w[0].isdigit() else Item(OP, w) for w in text.split()]
