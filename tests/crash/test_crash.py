"""A short campaign of kills in every run; `python -m tests.crash --kills 2000` is the long one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crash.campaign import Campaign
from tests.crash.oracle import books
from tests.crash.points import points
from tests.crash.theatre import theatre
from tests.rotation import todays

KILLS = 14
OF_THE_RELAY = [point for role, point in points() if role == "relay"]


def test_the_books_balance_after_kills(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    with theatre(tmp_path) as stage:
        campaign = Campaign(stage, seed=20)
        campaign.open()
        while stage.kills < KILLS:
            campaign.trial()
        found = campaign.balance(wait=False)
    # What was signed and not sent stays open until it expires; the long campaign waits for that.
    assert [v for v in found.violations if "still open" not in v] == [], campaign.summary()
    assert found.figures["exact settled"] > 0
    assert found.figures["vault receipts"] > 0


@pytest.fixture(scope="module")
def campaign(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Campaign]:
    """A market that runs, for deaths at points of our choice."""
    folder = tmp_path_factory.mktemp("relay")
    folder.chmod(0o700)
    with theatre(folder) as stage:
        opened = Campaign(stage, seed=21)
        opened.open()
        yield opened


@pytest.mark.parametrize("point", todays(OF_THE_RELAY, 4))
def test_a_relay_that_dies_costs_nobody_anything(campaign: Campaign, point: str) -> None:
    """It holds no money: whoever asked through it asks again, and pays once."""
    before = len(campaign.violations)
    campaign.trial("relay", point)
    assert campaign.covered[f"relay {point}"] == 1, campaign.stage.log("relay")
    assert campaign.violations[before:] == []
    answered = {rail: dict(keys) for rail, keys in campaign.answered.items()}
    found = books(campaign.stage, answered)
    assert [v for v in found.violations if "still open" not in v] == [], campaign.summary()


def test_every_part_that_moves_money_has_points() -> None:
    roles = {role for role, _ in points()}
    assert {"facilitator", "operator", "exact", "vault", "indexer", "relay"} <= roles
    assert len(OF_THE_RELAY) >= 16
