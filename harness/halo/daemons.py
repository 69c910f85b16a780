"""What can be known of a running `serve` or `consume` from outside: its lock, its log."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from harness.halo.home import Home, Role

TAIL_BYTES = 64 * 1024


def holder(home: Home, role: Role) -> int | None:
    """The process that holds the role's state, or None. The lock tells, not a file that may be left over."""
    path = home.state(role) / "lock"
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        return None
    except BlockingIOError:
        text = os.read(descriptor, 32).decode("ascii", "replace").strip()
        return int(text) if text.isdigit() else None
    finally:
        os.close(descriptor)


def tail(path: Path, lines: int) -> list[str]:
    """The last lines of a log, terminal control characters taken out; none when there is no log."""
    try:
        with path.open("rb") as log:
            log.seek(0, os.SEEK_END)
            log.seek(max(0, log.tell() - TAIL_BYTES))
            text = log.read().decode("utf-8", "replace")
    except OSError:
        return []
    found = text.splitlines()[-lines:]
    return ["".join(c for c in line if c.isprintable() or c == "\t") for line in found]
