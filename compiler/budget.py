"""What a build may use up. Limits never change what is made: a program is compiled as always, or refused.

The number of operations is the same on every machine and always limited. Time and memory are not, so they
are only limited where it is asked for, and looked at between the stages of each contract.
"""

from __future__ import annotations

import resource
import sys
import time

from compiler.diagnostics.errors import Reporter
from compiler.ir.values import Module
from compiler.lowering.statements import MAX_VALUES
from compiler.options import CompileOptions
from compiler.source import Span


class Budget:
    """The time and memory of one build, from when it is made."""

    def __init__(self, options: CompileOptions, reporter: Reporter) -> None:
        self.reporter = reporter
        self.seconds = options.time_limit
        self.mebibytes = options.memory_limit
        self.started = time.monotonic()
        self.before = _peak_mebibytes() if self.mebibytes is not None else 0.0

    def check(self, span: Span | None) -> None:
        """Refuse the program if more was used than it may; `span` is the contract that is at work."""
        if self.seconds is not None and time.monotonic() - self.started >= self.seconds:
            self._refuse(
                "SL4005", span, f"compiling takes more than the {self.seconds:g} s it may",
                "compile fewer contracts at once, or raise `--time-limit`",
            )  # fmt: skip
        if self.mebibytes is not None and _peak_mebibytes() - self.before >= self.mebibytes:
            self._refuse(
                "SL4006", span, f"compiling needs more than the {self.mebibytes:g} MiB it may",
                "compile fewer contracts at once, or raise `--memory-limit`",
            )  # fmt: skip

    def check_size(self, module: Module, span: Span | None) -> None:
        """Refuse a contract of too many operations before anything is done with them."""
        if sum(f.next_value for f in module.functions.values()) > MAX_VALUES:
            self.too_large(span)

    def too_large(self, span: Span | None) -> None:
        """Refuse a contract because of what stands at `span`."""
        self._refuse(
            "SL4009", span, f"the contract has more than {MAX_VALUES} operations",
            "modifiers and constants are written out wherever they are used: call functions instead",
        )  # fmt: skip

    def _refuse(self, code: str, span: Span | None, message: str, hint: str) -> None:
        self.reporter.report(code, span, message, hint)
        self.reporter.stop()


def _peak_mebibytes() -> float:
    """The most memory this process ever had."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1 << 20 if sys.platform == "darwin" else 1 << 10)
