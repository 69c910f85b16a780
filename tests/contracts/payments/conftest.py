"""Fixtures of the payment tests."""

from __future__ import annotations

import pytest

from tests.contracts.economy import Economy
from tests.contracts.payments.rail import Rail


@pytest.fixture
def rail(economy: Economy) -> Rail:
    return Rail(economy)
