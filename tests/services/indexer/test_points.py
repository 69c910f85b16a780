"""The arithmetic of the League: points, tiers, streaks, seasons, versions of the rules."""

from __future__ import annotations

import pytest

from harness.services.indexer.points import (
    FIRST,
    Parameters,
    consume_milli,
    current_streak,
    in_force,
    multiplier_percent,
    season_bounds,
    season_of,
    serve_milli,
    streaks,
)

USD = 10**6


@pytest.mark.parametrize(
    ("daily", "uptime_ms", "points"),
    [
        ([], 0, 0),
        ([(1, USD)], 0, 101_000),
        ([(500, 0)], 0, 500_000),
        ([(501, 0)], 0, 500_000),  # a day counts no more
        ([(501, 0), (1, 0)], 0, 501_000),
        ([], 3_600_000, 500),
        ([(1, 15)], 0, 1_001),  # fractions of a point are kept to thousandths
    ],
)
def test_points_of_operators(daily: list[tuple[int, int]], uptime_ms: int, points: int) -> None:
    assert serve_milli(FIRST, daily, uptime_ms) == points


@pytest.mark.parametrize(
    ("daily", "points"),
    [([], 0), ([(USD, 0)], 50_000), ([(USD, 1)], 51_000), ([(USD, 25)], 75_000),
     ([(USD, 90)], 75_000), ([(USD, 1), (USD, 2)], 103_000)],
)  # fmt: skip
def test_points_of_consumers(daily: list[tuple[int, int]], points: int) -> None:
    assert consume_milli(FIRST, daily) == points


@pytest.mark.parametrize(
    ("days", "lengths"),
    [
        ([], []),
        ([5], [1]),
        ([1, 2, 3], [1, 2, 3]),
        ([1, 2, 4], [1, 2, 3]),  # one day forgiven
        ([1, 2, 4, 6], [1, 2, 3, 1]),  # not two within a month
        ([1, 2, 5], [1, 2, 1]),
        ([1, 3, *range(4, 35), 36], [1, 2, *range(3, 34), 34]),  # again after thirty days
    ],
)
def test_streaks(days: list[int], lengths: list[int]) -> None:
    found = streaks(days, 30)
    assert [found[day] for day in days] == lengths


def test_a_streak_is_alive_until_the_day_after_is_over() -> None:
    found = streaks([1, 2, 3], 30)
    assert [current_streak(found, today) for today in (3, 4, 5)] == [3, 3, 0]
    assert current_streak({}, 4) == 0
    assert [multiplier_percent(FIRST, days) for days in (0, 1, 25, 26)] == [100, 102, 150, 150]


@pytest.mark.parametrize(
    ("points", "tier"),
    [(0, "bronze"), (499_999, "bronze"), (500_000, "silver"), (5_000_000, "gold"),
     (25_000_000, "platinum"), (100_000_000, "diamond"), (10**12, "diamond")],
)  # fmt: skip
def test_tiers(points: int, tier: str) -> None:
    assert FIRST.tier(points) == tier


def test_seasons_are_quarters() -> None:
    assert season_bounds("2026-Q4") == (1_790_812_800, 1_798_761_600)
    for season in ("2026-Q1", "2026-Q2", "2026-Q3", "2026-Q4", "2027-Q1"):
        first, over = season_bounds(season)
        assert season_of(first) == season_of(over - 1) == season
        assert season_of(over) > season
    for wrong in ("2026", "2026-Q5", "26-Q1", "2026-Q", "Q1-2026", "2026-Q11"):
        with pytest.raises(ValueError, match="a season looks like"):
            season_bounds(wrong)


def test_a_season_keeps_the_rules_it_began_with() -> None:
    second = Parameters(version=2, valid_from="2027-Q1", serve_per_usdc=10)
    rules = [FIRST, Parameters.from_json(second.to_json())]
    assert in_force("2026-Q4", rules) == FIRST
    assert in_force("2027-Q1", rules) == in_force("2028-Q3", rules) == second
