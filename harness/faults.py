"""Named points at which a test may end this process the hard way.

`FACETWORKS_CRASH_AT=outbox.signed` (or `outbox.signed:3` for the third time), as a process finds it when it
starts, makes `reach` call `os._exit(137)`: no handlers, no flushing, as kill -9 does. Unset, a point costs a
comparison. Points stand before and after each commit and each byte that can move money.
"""

from __future__ import annotations

import os

EXIT_STATUS = 137

_point: str | None = None
_left = 0


def arm(wanted: str | None) -> None:
    """End this process at a point, `name` or `name:3`; at none for None. A forked child calls it itself."""
    global _point, _left
    name, _, nth = (wanted or "").partition(":")
    _point, _left = name or None, int(nth or 1)


def reach(point: str) -> None:
    """End the process here when that is wanted."""
    global _left
    if point != _point:
        return
    _left -= 1
    if _left == 0:
        os._exit(EXIT_STATUS)


arm(os.environ.get("FACETWORKS_CRASH_AT"))
