"""What the chain says about a consumer, read before work is done on credit.

A read that fails is a refusal, never an assumption: no answer is not "no reservation", and not "enough"
either. Three tries of eight seconds. The session key is kept for a minute at most, a reservation for
READING_SECONDS: until it expires nobody but the operator can make it smaller, so what it had then it has now.
"""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import TypeVar

from harness.chain.errors import ChainError
from harness.diamond.vault import Pair, Vault
from harness.protocol.addresses import ZERO_ADDRESS, Address
from harness.services.operator.office import Office

T = TypeVar("T")

ATTEMPTS = 3
RETRY_SECONDS = 0.25
KEY_SECONDS = 60.0
READING_SECONDS = 5.0
MAX_KEPT = 10_000  # consumers

_log = logging.getLogger(__name__)


class ChainUnread(Exception):
    """The chain could not be read; nothing is known."""


@dataclass(frozen=True)
class Reading:
    """A reservation at one moment; `now` is the chain's time in seconds."""

    pair: Pair
    now: int

    @property
    def expired(self) -> bool:
        return self.pair.expiry <= self.now

    @property
    def open(self) -> bool:
        return self.pair.locked > 0 and not self.expired


@dataclass(frozen=True)
class SessionKey:
    """Who signs for a consumer; the zero address: nobody."""

    signer: Address
    epoch: int

    @property
    def set(self) -> bool:
        return self.signer != ZERO_ADDRESS


class Gate:
    """Reads of one vault for one operator."""

    def __init__(
        self,
        vault: Vault,
        operator: Address,
        office: Office,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        monotonic: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._vault = vault
        self._operator = operator
        self._office = office
        self._sleep, self._monotonic, self._wall = sleep, monotonic, wall
        self._keys: dict[Address, tuple[SessionKey, float]] = {}
        self._readings: dict[Address, tuple[Reading, float]] = {}  # and when each was begun
        self._ahead = 0.0  # the chain's clock less ours

    def chain_time(self) -> float:
        """The chain's time as last seen, in seconds."""
        return self._wall() + self._ahead

    async def read(self, consumer: Address) -> Reading:
        """The reservation now. Raises ChainUnread."""

        def work() -> Reading:
            pair = self._vault.ops(consumer, self._operator)
            return Reading(pair, self._vault.chain.block().timestamp)

        begun = self._monotonic()
        reading = await self._tried(work)
        self._ahead = reading.now - self._wall()
        if len(self._readings) >= MAX_KEPT:
            self._readings.clear()
        self._readings[consumer] = reading, begun
        return reading

    def kept(self, consumer: Address) -> Reading | None:
        """The newest reading with the time that has passed since, if it was open then, is still, and is young."""
        reading, begun = self._readings.get(consumer, (None, 0.0))
        age = self._monotonic() - begun
        if reading is None or age > READING_SECONDS:
            return None
        aged = replace(reading, now=reading.now + math.ceil(age))
        return aged if aged.open else None

    async def session_key(self, consumer: Address, *, fresh: bool = False) -> SessionKey:
        """Key and epoch, at most a minute old. Raises ChainUnread."""
        present = self._keys.get(consumer)
        now = self._monotonic()
        if present is not None and present[1] > now and not fresh:
            return present[0]

        def work() -> SessionKey:
            epoch = self._vault.key_epoch(consumer)
            signer = self._vault.session_key(consumer)
            if self._vault.key_epoch(consumer) != epoch:  # changed between the reads
                raise ChainUnread
            return SessionKey(signer, epoch)

        found = await self._tried(work)
        if len(self._keys) >= MAX_KEPT:
            self._keys.clear()
        self._keys[consumer] = (found, now + KEY_SECONDS)
        return found

    def last_key(self, consumer: Address) -> SessionKey | None:
        """The key as last read, however long ago."""
        present = self._keys.get(consumer)
        return None if present is None else present[0]

    async def _tried(self, work: Callable[[], T]) -> T:
        for attempt in range(ATTEMPTS):
            if attempt:
                await self._sleep(RETRY_SECONDS * attempt)
            try:
                return await self._office.ask_chain(work)
            except (ChainError, ChainUnread, TimeoutError, OSError) as failure:
                _log.warning("cannot read the vault", extra={"reason": str(failure) or "timed out"})
        raise ChainUnread
