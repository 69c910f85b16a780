"""What is seen of the demonstration: chapters, lines, tables, and time to read them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import AbstractContextManager

from rich.console import Console
from rich.table import Table

READING_SECONDS = 6.0


class Stage:
    """A terminal. Pauses only where somebody is watching, unless told otherwise."""

    def __init__(self, pace: float | None = None, console: Console | None = None) -> None:
        self.console = console or Console(highlight=False, soft_wrap=True)
        watched = self.console.is_terminal
        self._pace = pace if pace is not None else (READING_SECONDS if watched else 0.0)
        self._started = time.monotonic()
        self._chapter = 0

    def chapter(self, title: str, what: str) -> None:
        """Start a chapter, after a moment for the one before it."""
        if self._chapter:
            time.sleep(self._pace)
        self._chapter += 1
        self.console.print(f"\n[bold]{self._chapter}. {title}[/bold]")
        self.console.print(f"[dim]{what}[/dim]")

    def say(self, text: str) -> None:
        self.console.print(f"   {text}")

    def good(self, text: str) -> None:
        self.console.print(f"   [green]✓[/green] {text}")

    def bad(self, text: str) -> None:
        self.console.print(f"   [red]✗ {text}[/red]")

    def working(self, text: str) -> AbstractContextManager[object]:
        """A sign of life around something slow; nothing where nobody watches."""
        return self.console.status(text)

    def table(self, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Numbers to the right, everything else to the left."""
        table = Table(box=None, pad_edge=False, header_style="dim")
        for position, column in enumerate(columns):
            table.add_column(column, justify="left" if position == 0 else "right")
        for row in rows:
            table.add_row(*row)
        self.console.print(table, soft_wrap=False)

    @property
    def elapsed(self) -> float:
        """Seconds since the curtain rose."""
        return time.monotonic() - self._started
