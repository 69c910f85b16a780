"""Labels of a piece of code, and the shared code that reverts with each reason.

Checks jump to one block per reason. Panics push their code and share the rest; so do custom errors
without arguments. In traceable code each check has a block of its own, which lies in the check's line.
"""

from __future__ import annotations

from compiler.backend.assembly import LABEL, OP, PUSH, REF, Item
from compiler.backend.stack import Stack
from compiler.ir.values import Function, Reason, Value

Span = tuple[int, int]

PANIC_SELECTOR = 0x4E487B71
ERROR_SELECTOR = 0x08C379A0


class _Refusal:
    """One block that reverts, and what in the source it stands for: nothing where several checks share it."""

    __slots__ = ("label", "reason", "span")

    def __init__(self, label: str, reason: Reason, span: Span) -> None:
        self.label = label
        self.reason = reason
        self.span = span


class Labels:
    """Hands out labels for one module; remembers which reasons are used."""

    def __init__(self, traceable: bool = False) -> None:
        self.traceable = traceable
        self._count = 0
        self._functions: dict[str, str] = {}
        self._refusals: list[_Refusal] = []
        self._reasons: dict[Reason, _Refusal] = {}
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

    def reason(self, reason: Reason, pos: int = 0, end: int = 0) -> str:
        """Label of the code that reverts with a reason, for a check at this place in the source."""
        found = self._reasons.get(reason)
        if found is None or (self.traceable and found.span != (pos, end)):
            found = _Refusal(f"r{len(self._refusals)}", reason, (pos, end))
            self._refusals.append(found)
            self._reasons[reason] = found
        elif found.span != (pos, end):
            found.span = (0, 0)
        return found.label

    def fail(self, stack: Stack, reason: Reason) -> None:
        """Revert here and now."""
        if reason == ("empty",):
            stack.code += [Item(i.kind, i.value, stack.pos, stack.end) for i in _EMPTY]
            return
        stack.push_item(REF, self.reason(reason, stack.pos, stack.end))
        stack.op("jump")
        stack.slots.pop()

    def cold_code(self) -> list[Item]:
        """The blocks of all reasons used."""
        items: list[Item] = []
        shared_panic = self.fresh()
        shared_error = self.fresh()
        kinds = [] if self.traceable else [refusal.reason[0] for refusal in self._refusals]
        for refusal in self._refusals:
            kind = refusal.reason[0]
            shared = kinds.count(kind) > 1
            block = [self.label(refusal.label)]
            if kind == "empty":
                block += _EMPTY
            elif kind == "bubble":
                block += _BUBBLE
            elif kind == "message":
                block += _message(refusal.reason[1])
            elif kind == "panic":
                block.append(Item(PUSH, refusal.reason[1]))
                block += _jump(shared_panic) if shared else _panic_tail()
            else:
                block.append(Item(PUSH, refusal.reason[1] << (0 if shared else 224)))
                block += _jump(shared_error) if shared else _error_tail(shift=False)
            items += [Item(i.kind, i.value, *refusal.span) for i in block]
        if kinds.count("panic") > 1:
            items += [self.label(shared_panic), *_panic_tail()]
        if kinds.count("error") > 1:
            items += [self.label(shared_error), *_error_tail(shift=True)]
        return items


def _jump(label: str) -> list[Item]:
    return [Item(REF, label), Item(OP, "jump")]


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
