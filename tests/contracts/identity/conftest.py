"""Fixtures of the identity tests."""

from __future__ import annotations

import pytest

from tests.contracts.economy import Economy
from tests.contracts.identity.agents import Bureau


@pytest.fixture
def bureau(economy: Economy) -> Bureau:
    return Bureau(economy)
