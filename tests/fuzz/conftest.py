"""Generated programs need the reference compiler."""

from __future__ import annotations

import pytest

from tests.oracle import solc


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if not solc.available():
        reason = pytest.mark.skip(reason="needs node and the npm package solc (run `npm ci`)")
        for item in items:
            if "fuzz" in item.path.parts:
                item.add_marker(reason)
