"""Fixtures of the market tests."""

from __future__ import annotations

import pytest

from tests.contracts.economy import Economy
from tests.contracts.market.board import Board
from tests.contracts.market.calendar import Calendar
from tests.contracts.market.court import Court
from tests.contracts.market.squad import Squad


@pytest.fixture
def board(economy: Economy) -> Board:
    return Board(economy)


@pytest.fixture
def calendar(economy: Economy) -> Calendar:
    return Calendar(economy)


@pytest.fixture
def squad(economy: Economy) -> Squad:
    return Squad(economy)


@pytest.fixture
def court(economy: Economy) -> Court:
    return Court(economy)
