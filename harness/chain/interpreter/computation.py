"""A fork's computation class whose code runs by segments."""

from __future__ import annotations

from typing import Any

from harness.chain.interpreter.code import SegmentedCode
from harness.chain.interpreter.segments import Table


def quick(base: Any) -> Any:
    """A subclass of `base`; subclasses of it may have `opcodes` of their own."""

    class QuickComputation(base):  # type: ignore[misc]
        """Everything but the way through the code is the library's."""

        _table: Table | None = None

        def __init__(self, state: Any, message: Any, transaction_context: Any) -> None:
            super().__init__(state, message, transaction_context)
            cls = type(self)
            table = cls._table
            if table is None or table.opcodes is not cls.opcodes:
                table = cls._table = Table(cls.opcodes)
            self.code = SegmentedCode(message.code, table, self)
            self.left_at_calls: list[int] = []  # gas that was kept back, per child

        def prepare_child_message(self, *arguments: Any, **named: Any) -> Any:
            self.left_at_calls.append(self._gas_meter.gas_remaining)
            return super().prepare_child_message(*arguments, **named)

    return QuickComputation
