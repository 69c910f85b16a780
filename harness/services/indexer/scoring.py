"""Attached events -> flags of the self-deal guard -> scores, for the addresses that changed.

Payment is never blocked here; a flag only means that an event earns no points.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from harness.protocol.addresses import Address
from harness.services.indexer import points as rules_of
from harness.services.indexer.points import DAY, Parameters, season_bounds, season_of
from harness.store.league import LeagueStore
from harness.store.standings import Day, Pair, Score, Standings

VOLUME_REQUESTS = 200  # in a week; fewer are nobody's business
VOLUME_PERCENT = 40


@dataclass(frozen=True)
class Standing:
    """An address on one side in one season. Points in thousandths, amounts in base units."""

    milli_points: int
    tier: str
    requests: int
    tokens: int
    base: int
    uptime_seconds: int = 0
    streak_days: int = 0
    streak_percent: int = 100


class Scorer:
    """`wall` is the clock by which heartbeats are counted, seconds since the epoch."""

    def __init__(
        self,
        standings: Standings,
        league: LeagueStore,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._standings = standings
        self._league = league
        self._wall = wall
        league.publish(rules_of.FIRST.version, rules_of.FIRST.valid_from, rules_of.FIRST.to_json())
        self._versions = [Parameters.from_json(content) for _, _, content in league.published()]

    # -- bringing scores up to date ------------------------------------------------------------

    def refresh(self, touched: Iterable[Pair]) -> None:
        """Flag and score again whatever a change of these pairs can have changed."""
        dirty: set[Pair] = set(touched)
        for pair in list(dirty):
            dirty |= self._standings.crowded(pair, VOLUME_REQUESTS)
        changed = set(touched)
        changed |= {pair for pair in dirty if self._flag(pair)}
        for operator in {operator for operator, _ in changed}:
            self.write(operator, "serve")
        for consumer in {consumer for _, consumer in changed}:
            self.write(consumer, "consume")

    def everything(self) -> None:
        """Flag and score all there is."""
        for pair in self._standings.pairs():
            self._flag(pair)
        served, consumed = self._standings.addresses()
        for operator in served:
            self.write(operator, "serve")
        for consumer in consumed:
            self.write(consumer, "consume")

    def relinked(self, *addresses: Address) -> None:
        """Somebody was paired or parted: pairs among those wallets are judged again."""
        concerned = set(addresses)
        for address in addresses:
            concerned |= self._standings.linked_to(address)
        self.refresh({pair for each in concerned for pair in self._standings.pairs_of(each)})

    def write(self, address: Address, side: str) -> None:
        """Write the scores of an address, one per season."""
        days = self._standings.days(address, side)
        seasons = {season_of(day.day * DAY) for day in days}
        if side == "serve" and self._league.operator(address) is not None:
            seasons.add(season_of(self._wall()))
        self._standings.write(
            address,
            side,
            {season: self._score(address, side, season, days) for season in seasons},
        )

    def _score(self, address: Address, side: str, season: str, days: list[Day]) -> Score:
        found = self._standing(address, side, season, days, today=None)
        version = self.rules(season).version
        return Score(season, version, found.milli_points, found.requests, found.tokens, found.base)

    # -- the guard -----------------------------------------------------------------------------

    def _flag(self, pair: Pair) -> bool:
        whole = self._whole(pair)
        if whole is not None:
            return self._standings.flag(pair, whole, (), ())
        weeks = [
            busy.week
            for busy in self._standings.busy_weeks(pair, VOLUME_REQUESTS)
            if busy.volume * 100 > busy.operator_volume * VOLUME_PERCENT
            and busy.volume * 100 > busy.consumer_volume * VOLUME_PERCENT
        ]
        return self._standings.flag(pair, None, weeks, self._standings.funded(pair))

    def _whole(self, pair: Pair) -> str | None:
        """Why nothing between the two earns points."""
        operator, consumer = pair
        if operator == consumer:
            return "self"
        if self._standings.same_dashboard(pair):
            return "same_dashboard"
        if self._standings.had_session_key(consumer, operator):
            return "session_key"
        return None

    # -- reading -------------------------------------------------------------------------------

    def rules(self, season: str) -> Parameters:
        return rules_of.in_force(season, self._versions)

    def standing(self, address: Address, side: str, season: str, now: float) -> Standing:
        """An address this moment; `now` in seconds, for the streak."""
        days = self._standings.days(address, side)
        return self._standing(address, side, season, days, today=int(now) // DAY)

    def _standing(
        self, address: Address, side: str, season: str, days: list[Day], today: int | None
    ) -> Standing:
        rules = self.rules(season)
        first, over = season_bounds(season)
        mine = [day for day in days if first <= day.day * DAY < over]
        uptime = streak = 0
        if side == "serve":
            uptime = self._league.uptime_ms(address, first * 1_000, over * 1_000)
            daily = [(day.clean_requests, day.clean_base) for day in mine]
            points = rules_of.serve_milli(rules, daily, uptime)
        else:
            alive = [day.day for day in days if day.largest_clean >= rules.streak_least_base]
            found = rules_of.streaks(alive, rules.grace_every_days)
            weighed = [(day.clean_base, found.get(day.day, 0)) for day in mine]
            points = rules_of.consume_milli(rules, weighed)
            streak = rules_of.current_streak(found, today) if today is not None else 0
        return Standing(
            milli_points=points,
            tier=rules.tier(points),
            requests=sum(day.requests for day in mine),
            tokens=sum(day.tokens for day in mine),
            base=sum(day.base for day in mine),
            uptime_seconds=uptime // 1_000,
            streak_days=streak,
            streak_percent=rules_of.multiplier_percent(rules, streak),
        )
