"""Named points at which a test may end this process the hard way.

`FACETWORKS_CRASH_AT=outbox.signed` (or `outbox.signed:3` for the third time) makes `reach` call
`os._exit(137)`: no handlers, no flushing, as kill -9 does. Unset, a point costs one dictionary
look-up. Points stand before and after each commit and each byte that can move money.
"""

from __future__ import annotations

import os
from collections import Counter

EXIT_STATUS = 137

_reached: Counter[str] = Counter()


def reach(point: str) -> None:
    """End the process here when the environment asks for it."""
    wanted = os.environ.get("FACETWORKS_CRASH_AT")
    if wanted is None:
        return
    name, _, nth = wanted.partition(":")
    if name != point:
        return
    _reached[point] += 1
    if _reached[point] == int(nth or 1):
        os._exit(EXIT_STATUS)
