"""Fixtures of the market tests."""

from __future__ import annotations

import pytest

from tests.contracts.economy import Economy
from tests.contracts.market.board import Board
from tests.contracts.market.calendar import Calendar


@pytest.fixture
def board(economy: Economy) -> Board:
    return Board(economy)


@pytest.fixture
def calendar(economy: Economy) -> Calendar:
    return Calendar(economy)
