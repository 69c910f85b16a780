"""Waking those who wait for something to change about a consumer's tab."""

from __future__ import annotations

import asyncio


class Bells:
    """One bell per name; ringing wakes everyone who waits for it."""

    def __init__(self) -> None:
        self._bells: dict[str, asyncio.Event] = {}

    def ring(self, name: str) -> None:
        bell = self._bells.pop(name, None)
        if bell is not None:
            bell.set()

    async def wait(self, name: str) -> None:
        await self._bells.setdefault(name, asyncio.Event()).wait()
