"""One market for all tests here; each leaves it healed, and its books in agreement."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from tests.faults.books import balanced
from tests.faults.market import FaultyMarket, RunningFaultyMarket

Answered = dict[str, dict[str, int]]


@pytest.fixture(scope="session")
def whole_market(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FaultyMarket]:
    folder = tmp_path_factory.mktemp("faulty")
    folder.chmod(0o700)
    logging.getLogger("harness").setLevel(logging.CRITICAL)  # faults are the subject here
    with RunningFaultyMarket(folder) as market:
        yield market


@pytest.fixture(scope="session")
def answered() -> Answered:
    """Every key that was answered, by rail: what the books are asked about."""
    return {"exact": {}, "vault": {}}


@pytest.fixture
def market(whole_market: FaultyMarket, answered: Answered) -> Iterator[FaultyMarket]:
    yield whole_market
    whole_market.recover()
    balanced(whole_market, answered)
