"""Fixtures of the contract tests."""

from __future__ import annotations

import pytest

from tests.contracts.counterparts.dollars import CREDITS, OURS, economy_in, pay_in
from tests.contracts.economy import Economy


@pytest.fixture
def dollar() -> str:
    """Which dollar the economy has; some modules run in each."""
    return OURS


@pytest.fixture
def currency() -> str:
    """What the Diamond calls credits; some modules run in each dollar too."""
    return CREDITS


@pytest.fixture
def economy(dollar: str, currency: str, monkeypatch: pytest.MonkeyPatch) -> Economy:
    """A freshly deployed system."""
    if currency == CREDITS:
        return economy_in(dollar)
    economy = economy_in(currency)
    pay_in(economy)
    monkeypatch.setattr(economy, "credits", economy.usd)
    return economy
