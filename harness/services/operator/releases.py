"""Requests that ended without a charge, written down so that they may be made again.

What cannot be written now is remembered and written before the next request is taken on: otherwise the
journal would go on saying that somebody works on it.
"""

from __future__ import annotations

from harness.services.operator.office import Office
from harness.store.operator import OperatorJournal


class Releases:
    """Of one operator, on its event loop."""

    def __init__(self, journal: OperatorJournal, office: Office) -> None:
        self._journal = journal
        self._office = office
        self._waiting: set[str] = set()

    def later(self, request: str) -> None:
        """Before the next request; for who has just seen that nothing can be written."""
        self._waiting.add(request)

    async def release(self, request: str) -> None:
        """Now. Raises DatabaseFailure, and then it is tried again before the next request."""
        self.later(request)
        await self.settle()

    async def settle(self) -> None:
        """Write what waits. Raises DatabaseFailure."""
        for request in list(self._waiting):
            await self._office.in_thread(self._journal.release, request)
            self._waiting.discard(request)
