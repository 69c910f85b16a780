"""Reverting: messages, custom errors, panics."""

from __future__ import annotations

from compiler.ir.values import Reason, Value
from compiler.lowering.expressions import Expressions
from compiler.lowering.frame import EMPTY, PANIC_ASSERT
from compiler.semantics import typed
from compiler.semantics.symbols import ErrorSymbol
from compiler.semantics.types import StringLiteralType, Type

ERROR_SELECTOR = 0x08C379A0  # Error(string)


class Failures(Expressions):
    """`require`, `assert`, `revert`."""

    def require(self, node: typed.Require) -> list[Value]:
        """Solidity evaluates the message's arguments before it looks at the condition."""
        condition = self.word(node.condition) if node.condition is not None else None
        if node.kind == "assert":
            self.fail_if_false(condition, ("panic", PANIC_ASSERT))
            return []
        if node.kind == "empty" or self._stripped(node):
            if node.kind != "empty":
                for argument in node.arguments:
                    self.words(argument)
            self.fail_if_false(condition, EMPTY)
            return []
        if node.kind == "message" and isinstance(node.arguments[0].type, StringLiteralType):
            self.fail_if_false(condition, ("message", node.arguments[0].type.value))
            return []
        if node.kind == "error" and node.error is not None and not node.error.parameters:
            self.fail_if_false(condition, ("error", node.error.selector))
            return []
        items = self.items(node.arguments)
        selector = node.error.selector if node.error is not None else ERROR_SELECTOR
        if condition is None:
            self.revert_with(selector, items)
            return []
        builder = self.builder
        passed, failed = builder.new_block(), builder.new_block()
        builder.branch(condition, passed, failed)
        builder.resume(failed)
        self.revert_with(selector, items)
        builder.resume(passed)
        return []

    def _stripped(self, node: typed.Require) -> bool:
        return node.kind == "message" and self.context.options.revert_strings == "strip"

    def fail_if_false(self, condition: Value | None, reason: Reason) -> None:
        if condition is None:
            self.builder.fail(reason)
        else:
            self.guard(self.is_zero(condition), reason)

    def revert_error(self, error: ErrorSymbol, arguments: list[typed.Expr]) -> None:
        """`revert E(…)`"""
        if not arguments:
            self.builder.fail(("error", error.selector))
            return
        self.revert_with(error.selector, self.items(arguments))

    def revert_with(self, selector: int, items: list[tuple[list[Value], Type]]) -> None:
        """Revert with a selector and encoded arguments.

        A few values are written from address 0 on, since nothing is read from memory afterwards."""
        simple = len(items) <= 3 and all(t.is_value for _, t in items)
        start = self.const(0) if simple else self.emit("fmp")
        self.emit("mstore", start, self.const(selector << 224), imm="raw" if simple else None)
        position = self.add(start, 4)
        if simple:
            for number, (words, _) in enumerate(items):
                self.emit("mstore", self.add(position, 32 * number), words[0], imm="raw")
            end = self.add(position, 32 * len(items))
        else:
            end = self.encode_tuple(position, items)
        self.builder.finish(
            "revert", start, self.emit("sub", end, start), imm="raw" if simple else None
        )
