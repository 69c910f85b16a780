"""Labels of a piece of code, and the shared code that reverts with each reason.

Checks jump to one block per reason. Panics push their code and share the rest; so do custom errors
without arguments.
"""

from __future__ import annotations

from compiler.backend.assembly import LABEL, OP, PUSH, REF, Item
from compiler.backend.stack import Stack
from compiler.ir.values import Function, Reason, Value

PANIC_SELECTOR = 0x4E487B71
ERROR_SELECTOR = 0x08C379A0


class Labels:
    """Hands out labels for one module; remembers which reasons are used."""

    def __init__(self) -> None:
        self._count = 0
        self._functions: dict[str, str] = {}
        self._reasons: dict[Reason, str] = {}
        self._addresses: dict[Function, Value] = {}

    def fresh(self) -> str:
        self._count += 1
        return f"l{self._count}"

    def label(self, name: str, pos: int = 0, end: int = 0) -> Item:
        return Item(LABEL, name, pos, end)

    def function(self, name: str) -> str:
        """Label of a function's entry."""
        if name not in self._functions:
            self._functions[name] = f"f{len(self._functions)}"
        return self._functions[name]

    def return_address(self, function: Function) -> Value:
        """The value that stands for where a function returns to."""
        if function not in self._addresses:
            self._addresses[function] = Value("param", [], "return address")
        return self._addresses[function]

    # -- reverting ---------------------------------------------------------------------------------

    def reason(self, reason: Reason) -> str:
        """Label of the code that reverts with a reason."""
        if reason not in self._reasons:
            self._reasons[reason] = f"r{len(self._reasons)}"
        return self._reasons[reason]

    def fail(self, stack: Stack, reason: Reason) -> None:
        """Revert here and now."""
        if reason == ("empty",):
            stack.code += [Item(i.kind, i.value, stack.pos, stack.end) for i in _EMPTY]
            return
        stack.push_item(REF, self.reason(reason))
        stack.op("jump")
        stack.slots.pop()

    def cold_code(self) -> list[Item]:
        """The blocks of all reasons used."""
        items: list[Item] = []
        shared_panic = self.fresh()
        shared_error = self.fresh()
        kinds = [reason[0] for reason in self._reasons]
        for reason, label in self._reasons.items():
            items.append(self.label(label))
            kind = reason[0]
            if kind == "empty":
                items += _EMPTY
            elif kind == "bubble":
                items += _BUBBLE
            elif kind == "message":
                items += _message(reason[1])
            elif kind == "panic":
                items.append(Item(PUSH, reason[1]))
                if kinds.count("panic") > 1:
                    items += [Item(REF, shared_panic), Item(OP, "jump")]
                else:
                    items += _panic_tail()
            else:
                items.append(
                    Item(PUSH, reason[1] << 224)
                    if kinds.count("error") == 1
                    else Item(PUSH, reason[1])
                )
                if kinds.count("error") > 1:
                    items += [Item(REF, shared_error), Item(OP, "jump")]
                else:
                    items += _error_tail(shift=False)
        if kinds.count("panic") > 1:
            items += [self.label(shared_panic), *_panic_tail()]
        if kinds.count("error") > 1:
            items += [self.label(shared_error), *_error_tail(shift=True)]
        return items


def _ops(text: str) -> list[Item]:
    """Items from words: numbers are pushed, the rest are mnemonics."""
    return [Item(PUSH, int(w, 0)) if w[0].isdigit() else Item(OP, w) for w in text.split()]


_EMPTY = _ops("0 0 revert")
_BUBBLE = _ops("returndatasize 0 0 returndatacopy returndatasize 0 revert")


def _panic_tail() -> list[Item]:
    """Panic(uint256) with the code on the stack."""
    return [Item(PUSH, PANIC_SELECTOR << 224), *_ops("0 mstore 4 mstore 0x24 0 revert")]


def _error_tail(shift: bool) -> list[Item]:
    """A custom error without arguments, its selector on the stack."""
    return _ops(("0xe0 shl " if shift else "") + "0 mstore 4 0 revert")


def _message(text: bytes) -> list[Item]:
    """Error(string)"""
    items = [Item(PUSH, ERROR_SELECTOR << 224), *_ops("0 mstore 0x20 4 mstore")]
    items += [Item(PUSH, len(text)), *_ops("0x24 mstore")]
    for start in range(0, len(text), 32):
        word = int.from_bytes(text[start : start + 32].ljust(32, b"\0"), "big")
        items += [Item(PUSH, word), Item(PUSH, 0x44 + start), Item(OP, "mstore")]
    size = 0x44 + (len(text) + 31) // 32 * 32
    return [*items, Item(PUSH, size), *_ops("0 revert")]
