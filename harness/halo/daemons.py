"""What can be known of a running `serve` or `consume` from outside: its lock, its log."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harness.errors import StateLocked
from harness.halo.home import Home, Role
from harness.halo.private import private_folder
from harness.store.files import lock_holder

TAIL_BYTES = 64 * 1024


def holder(home: Home, role: Role) -> int | None:
    """The process that runs as this role, or None."""
    return lock_holder(home.pid(role))


@contextmanager
def running_as(home: Home, role: Role) -> Iterator[None]:
    """One process per role and home, named in its pid file; StateLocked (75) with the other's number."""
    private_folder(home.root)
    path = home.pid(role)
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StateLocked(
                f"halo {role} runs already as process {_number(descriptor) or 'unknown'}; "
                "stop it first, or give this one a home of its own (HALO_HOME)"
            ) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        yield
        os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)  # and with it the lock; the file stays, or two could lock two files


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


def _number(descriptor: int) -> int | None:
    text = os.pread(descriptor, 32, 0).decode("ascii", "replace").strip()
    return int(text) if text.isdigit() else None
