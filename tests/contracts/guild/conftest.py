"""Fixtures of the guild tests."""

from __future__ import annotations

import pytest

from tests.contracts.economy import Economy
from tests.contracts.guild.hall import Hall


@pytest.fixture
def hall(economy: Economy) -> Hall:
    return Hall(economy)
