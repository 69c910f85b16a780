"""Noticing that a consumer hangs up while an answer is waited for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from starlette.types import Receive


class Departure:
    """Reads a request's channel, once its body was read, until the connection is gone."""

    def __init__(self, receive: Receive) -> None:
        self.left = False
        self._listeners: list[Callable[[], None]] = []
        self._task = asyncio.create_task(self._watch(receive))

    def tell(self, listener: Callable[[], None]) -> None:
        """Call this when the consumer leaves; at once when it already has."""
        if self.left:
            listener()
        else:
            self._listeners.append(listener)

    def stop(self) -> None:
        self._task.cancel()

    async def _watch(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            continue
        self.left = True
        for listener in self._listeners:
            listener()
