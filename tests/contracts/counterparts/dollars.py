"""Both dollars, and an economy in either: as its `usd`, or in place of its credits."""

from __future__ import annotations

import pytest

from tests.contracts.counterparts.build import vyper
from tests.contracts.economy import PURSE, Economy, shared

CREDITS, OURS, THEIRS = "FwCredits", "FwUSD", "VyperDollar"
DOLLARS = (OURS, THEIRS)


@pytest.fixture(params=DOLLARS)
def each_dollar(request: pytest.FixtureRequest) -> str:
    """A module that calls this `dollar` runs in both."""
    return str(request.param)


@pytest.fixture(params=[CREDITS, *DOLLARS])
def each_currency(request: pytest.FixtureRequest) -> str:
    """A module that calls this `currency` runs with each as the credits of the Diamond."""
    return str(request.param)


def economy_in(dollar: str) -> Economy:
    """The shared economy whose `usd`, pay token and vault token is this one."""
    return shared() if dollar == OURS else shared(dollar=vyper(dollar))


def pay_in(economy: Economy) -> None:
    """Makes `usd` the token of bounties, jobs and payments, and gives everybody as much of it as they had credits."""
    owner, usd = economy.owner.address, economy.usd
    economy.credits_facet.send("setCreditsToken", usd.address, sender=owner)
    for key in economy.keys.values():
        usd.send("mint", key.address, PURSE - usd.call("balanceOf", key.address), sender=owner)
        usd.send("approve", economy.diamond, 2**256 - 1, sender=key.address)
