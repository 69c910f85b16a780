"""Everything behind the routes of one indexer: worker threads, and one thread that follows the chain.

The follower has a thread of its own because it reads the chain for seconds at a time after a start and
because attaching must happen in one order. Everything else is short work on the database.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from harness.chain.errors import ChainError
from harness.errors import HarnessError
from harness.http.limits import Buckets
from harness.protocol.addresses import Address
from harness.protocol.league import Event
from harness.services.indexer.follower import Follower
from harness.services.indexer.metrics import Metrics
from harness.services.indexer.points import season_of
from harness.services.indexer.scoring import Scorer, Standing
from harness.store.chain_facts import ChainFacts
from harness.store.league import LeagueStore
from harness.store.pairing import Pairing

T = TypeVar("T")

POLL_SECONDS = 1.0
LONGEST_PAUSE = 30.0
STALE_SECONDS = 60.0
UPTIME_SECONDS = 60.0  # how often the leaderboard learns of heartbeats
GAP_MS = 90_000  # three heartbeats missed is offline

_log = logging.getLogger(__name__)


class NotStarted(Exception):
    """The chain was not read yet, so time and place are unknown."""


class Office:
    """One indexer. `wall` in seconds since the epoch."""

    def __init__(
        self,
        follower: Follower,
        facts: ChainFacts,
        league: LeagueStore,
        scorer: Scorer,
        pairing: Pairing,
        *,
        workers: int = 4,
        requests_per_minute: int = 1_200,
        poll_seconds: float = POLL_SECONDS,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self.facts = facts
        self.league = league
        self.scorer = scorer
        self.pairing = pairing
        self.metrics = Metrics()
        self.wall = wall
        self.follower = follower
        self._poll = poll_seconds
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="indexer")
        self._chain = ThreadPoolExecutor(1, thread_name_prefix="indexer-chain")
        self._callers = Buckets(requests_per_minute)
        self._loop: asyncio.Task[None] | None = None
        self._answered = 0.0  # monotonic seconds of the last good look at the chain
        self._uptime_written = 0.0

    def admits(self, caller: str) -> bool:
        """Whether this network address may ask again now."""
        return self._callers.take(caller)

    async def in_thread(self, work: Callable[..., T], *arguments: Any) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, work, *arguments)

    # -- life ----------------------------------------------------------------------------------

    async def start(self) -> None:
        self._loop = asyncio.create_task(self._follow())

    async def stop(self) -> None:
        """Let the block range under way end. Safe to skip: the database has everything."""
        if self._loop is not None:
            self._loop.cancel()
        await asyncio.to_thread(self._chain.shutdown)
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def _follow(self) -> None:
        loop = asyncio.get_running_loop()
        pause = self._poll
        while True:
            try:
                await loop.run_in_executor(self._chain, self._advance)
                pause = self._poll
            except (ChainError, HarnessError) as failure:
                _log.warning("cannot follow the chain", extra={"reason": str(failure)})
                pause = min(pause * 2, LONGEST_PAUSE)
            except Exception:
                _log.exception("following the chain failed")
                pause = min(pause * 2, LONGEST_PAUSE)
            await asyncio.sleep(pause)

    def _advance(self) -> None:
        self.follower.advance()
        self._answered = time.monotonic()
        if self._answered - self._uptime_written >= UPTIME_SECONDS:
            since = int((self.wall() - 2 * UPTIME_SECONDS) * 1_000)
            self._uptime_written = self._answered
            for operator in self.league.seen_since(since):
                self.scorer.write(operator, "serve")

    async def relinked(self, *addresses: Address) -> None:
        """Have the guard look again; in the follower's thread, which is the one that scores."""
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._chain, self.scorer.relinked, *addresses)

    # -- work ----------------------------------------------------------------------------------

    def accept(self, event: Event) -> bool:
        """Keep an event; False when it is here already. Raises EventConflict, NotStarted."""
        return self.league.accept(event, int(self.now()))

    def accept_all(self, events: Sequence[Event]) -> list[bool | None]:
        """The same of several, in one commit; None for one whose id names another. Raises NotStarted."""
        return self.league.accept_all(events, int(self.now()))

    def now(self) -> float:
        """The chain's time: what seasons and waiting are measured by."""
        if self.follower.head is None:
            raise NotStarted
        return self.follower.head.at

    def season(self) -> str:
        return season_of(self.now())

    def standings(self, address: Address) -> tuple[str, Standing, Standing]:
        """The season, and an address as operator and as consumer."""
        now = self.now()
        season = season_of(now)
        serve = self.scorer.standing(address, "serve", season, now)
        return season, serve, self.scorer.standing(address, "consume", season, now)

    # -- watching ------------------------------------------------------------------------------

    def health(self) -> dict[str, Any]:
        """Liveness with what it depends on; `status` is not ok while the chain is out of reach."""
        head = self.follower.head
        if head is None:
            return {"status": "unhealthy", "reason": "the chain was not read yet"}
        report: dict[str, Any] = {
            "status": "ok",
            "block": head.number,
            "followed": head.followed,
            "events": self.league.count(),
            "season": season_of(head.at),
        }
        if time.monotonic() - self._answered > STALE_SECONDS:
            return {**report, "status": "unhealthy", "reason": "the chain's node does not answer"}
        return report

    def measure(self) -> None:
        """Bring the gauges up to date."""
        attached, _ = self.facts.counts()
        self.metrics.attached.set(attached)
        self.metrics.reorganised.set(self.follower.rolled_back)
        if self.follower.head is not None:
            self.metrics.followed.set(self.follower.head.followed)
            self.metrics.behind.set(self.follower.head.number - self.follower.head.followed)
