"""A part of a long list of cases for each day, so that a run stays short and every case comes up within days.

`ALL_SCENARIOS=1` (as `make test-full` sets it) asks for all of them.
"""

from __future__ import annotations

import datetime
import os
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


def todays(cases: Sequence[T], days: int) -> list[T]:
    """Every `days`-th case, beginning at another one each day."""
    if os.environ.get("ALL_SCENARIOS"):
        return list(cases)
    return list(cases[datetime.date.today().toordinal() % days :: days])
