"""Fixtures of the contract tests."""

from __future__ import annotations

import pytest

from tests.contracts.economy import Economy, shared


@pytest.fixture
def economy() -> Economy:
    """A freshly deployed system."""
    return shared()
