"""How points, tiers, streaks and seasons are reckoned: whole numbers in, whole numbers out.

Points are counted in thousandths, amounts in USDC base units. A season is a calendar quarter in UTC.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from typing import Any

from harness.errors import ConfigError

DAY = 86_400


@dataclass(frozen=True)
class Parameters:
    """One version of the rules. A season is scored by the newest version that was valid when it began."""

    version: int = 1
    valid_from: str = "1970-Q1"
    serve_per_usdc: int = 100
    serve_per_request: int = 1
    serve_requests_per_day: int = 500
    serve_milli_per_hour: int = 500
    consume_per_usdc: int = 50
    streak_percent_per_day: int = 2
    streak_percent_cap: int = 50
    streak_least_base: int = 1_000
    grace_every_days: int = 30
    tiers: tuple[tuple[str, int], ...] = (
        ("bronze", 0),
        ("silver", 500),
        ("gold", 5_000),
        ("platinum", 25_000),
        ("diamond", 100_000),
    )

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> Parameters:
        known = {field.name for field in fields(cls)}
        if set(content) != known:
            raise ConfigError("the parameters in the database are of another program; update it")
        return cls(**{**content, "tiers": tuple((n, p) for n, p in content["tiers"])})

    def tier(self, milli_points: int) -> str:
        """The highest tier these points reach."""
        return [name for name, least in self.tiers if milli_points >= least * 1_000][-1]


FIRST = Parameters()


def season_of(at: float) -> str:
    """`2027-Q1`; `at` in seconds since the epoch."""
    when = datetime.fromtimestamp(at, UTC)
    return f"{when.year}-Q{(when.month + 2) // 3}"


def season_bounds(season: str) -> tuple[int, int]:
    """First second of a season, and of the next one. ValueError when it is none."""
    year, separator, quarter = season.partition("-Q")
    if not (separator and year.isdigit() and len(year) == 4 and quarter in ("1", "2", "3", "4")):
        raise ValueError(f"a season looks like 2027-Q1, not {season!r}")
    first = datetime(int(year), int(quarter) * 3 - 2, 1, tzinfo=UTC)
    over = (first.year + (first.month == 10), (first.month + 2) % 12 + 1)
    return int(first.timestamp()), int(datetime(*over, 1, tzinfo=UTC).timestamp())


def in_force(season: str, versions: Iterable[Parameters]) -> Parameters:
    """The rules of a season."""
    valid = [each for each in versions if each.valid_from <= season]
    return max(valid, key=lambda each: each.version, default=FIRST)


def streaks(days: Sequence[int], grace_every: int) -> dict[int, int]:
    """By day, how many days the streak has that this day is part of. `days` ascending, no doubles.

    One missed day between two is forgiven, at most once in `grace_every` days.
    """
    found: dict[int, int] = {}
    length = 0
    last: int | None = None
    forgiven: int | None = None
    for day in days:
        missed = day - last - 1 if last is not None else 0
        if missed == 1 and (forgiven is None or day - forgiven >= grace_every):
            forgiven, missed = day - 1, 0
        length = length + 1 if missed == 0 else 1
        found[day] = length
        last = day
    return found


def current_streak(found: dict[int, int], today: int) -> int:
    """The streak that is alive today: it may still be waiting for today's request."""
    last = max(found, default=None)
    return found[last] if last is not None and 0 <= today - last <= 1 else 0


def multiplier_percent(rules: Parameters, streak: int) -> int:
    """100 is one."""
    return 100 + min(rules.streak_percent_per_day * streak, rules.streak_percent_cap)


def serve_milli(rules: Parameters, daily: Iterable[tuple[int, int]], uptime_ms: int) -> int:
    """Points of an operator; `daily` are a season's (requests, base units) by day."""
    base = requests = 0
    for count, amount in daily:
        requests += min(count, rules.serve_requests_per_day)
        base += amount
    return (
        base * rules.serve_per_usdc * 1_000 // 10**6
        + requests * rules.serve_per_request * 1_000
        + uptime_ms * rules.serve_milli_per_hour // 3_600_000
    )


def consume_milli(rules: Parameters, daily: Iterable[tuple[int, int]]) -> int:
    """Points of a consumer; `daily` are a season's (base units, streak) by day."""
    weighed = sum(amount * multiplier_percent(rules, streak) for amount, streak in daily)
    return weighed * rules.consume_per_usdc * 10 // 10**6
