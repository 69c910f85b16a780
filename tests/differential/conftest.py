"""Counts what the differential tests compared, and says so at the end."""

from __future__ import annotations

from typing import Any

import pytest

from tests.differential.explore import TOTALS
from tests.oracle import solc


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if not solc.available():
        reason = pytest.mark.skip(reason="needs node and the npm package solc (run `npm ci`)")
        for item in items:
            if "differential" in item.path.parts:
                item.add_marker(reason)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if TOTALS.sequences:
        share = 100 * TOTALS.reverted / max(TOTALS.messages, 1)
        terminalreporter.write_line(
            f"differential: {TOTALS.contracts} contracts, {TOTALS.sequences} call sequences, "
            f"{TOTALS.messages} messages ({share:.0f} % reverted), {TOTALS.mismatches} mismatches"
        )
