"""Both dollars, and an economy in either."""

from __future__ import annotations

import pytest

from tests.contracts.counterparts.build import vyper
from tests.contracts.economy import Economy, shared

OURS, THEIRS = "FwUSD", "VyperDollar"
DOLLARS = (OURS, THEIRS)


@pytest.fixture(params=DOLLARS)
def each_dollar(request: pytest.FixtureRequest) -> str:
    """A module that calls this `dollar` runs in both."""
    return str(request.param)


def economy_in(dollar: str) -> Economy:
    """The shared economy whose `usd`, pay token and vault token is this one."""
    return shared() if dollar == OURS else shared(vyper(dollar))
