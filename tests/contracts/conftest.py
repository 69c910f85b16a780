"""Fixtures of the contract tests."""

from __future__ import annotations

import pytest

from tests.contracts.counterparts.dollars import OURS, economy_in
from tests.contracts.economy import Economy


@pytest.fixture
def dollar() -> str:
    """Which dollar the economy has; some modules run in each."""
    return OURS


@pytest.fixture
def economy(dollar: str) -> Economy:
    """A freshly deployed system."""
    return economy_in(dollar)
