"""Fixtures of the payment tests."""

from __future__ import annotations

import pytest

from tests.contracts.economy import Economy
from tests.contracts.payments.rail import Rail
from tests.contracts.payments.tab import Tab


@pytest.fixture
def rail(economy: Economy) -> Rail:
    return Rail(economy)


@pytest.fixture
def tab(economy: Economy) -> Tab:
    return Tab(economy)
