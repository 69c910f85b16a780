"""A short campaign of kills in every run; `python -m tests.crash --kills 2000` is the long one."""

from __future__ import annotations

from pathlib import Path

from tests.crash.campaign import Campaign
from tests.crash.points import points
from tests.crash.theatre import theatre

KILLS = 14


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


def test_every_part_that_moves_money_has_points() -> None:
    roles = {role for role, _ in points()}
    assert {"facilitator", "operator", "exact", "vault", "indexer"} <= roles
