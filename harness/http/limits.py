"""Token buckets: so many per minute and key, a minute's worth at once."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

MAX_KEYS = 10_000  # the least recently seen keys are forgotten, so a flood of names costs no memory


class Buckets:
    """One bucket per key. Safe to use from several threads."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._size = float(per_minute)
        self._clock = clock
        self._lock = threading.Lock()
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, key: str) -> bool:
        """Take one; False when the bucket is empty."""
        now = self._clock()
        with self._lock:
            level, seen = self._buckets.pop(key, (self._size, now))
            level = min(self._size, level + (now - seen) * self._size / 60)
            allowed = level >= 1
            self._buckets[key] = (level - 1 if allowed else level, now)
            if len(self._buckets) > MAX_KEYS:
                self._buckets.popitem(last=False)
            return allowed
