"""Where a daemon's log lines go: JSON lines to its log file, plain lines to a person who watches.

The file is private and turns over at five mebibytes, one older file kept. Detached and installed daemons
write no plain lines: nobody watches, and what they print would grow without bound.
"""

from __future__ import annotations

import logging
import os
import sys
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path

from harness.halo.private import check_private, private_folder
from harness.logs import JsonLines, install, redact

MAX_BYTES = 5 * 1024 * 1024
UNWATCHED = ("HALO_SERVICE", "HALO_DETACHED")


class _PrivateFile(RotatingFileHandler):
    def _open(self) -> TextIOWrapper:
        path = Path(self.baseFilename)
        if path.exists() or path.is_symlink():
            check_private(path)
        descriptor = os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY | os.O_NOFOLLOW, 0o600)
        return TextIOWrapper(os.fdopen(descriptor, "ab"), encoding="utf-8", line_buffering=True)


class _Plain(logging.Formatter):
    """The message alone, indented, with a mark when it is a warning or worse."""

    def format(self, record: logging.LogRecord) -> str:
        mark = (
            ""
            if record.levelno < logging.WARNING
            else "⚠ "
            if record.levelno < logging.ERROR
            else "✖ "
        )
        return f"  {mark}{redact(record.getMessage())}"


def configure(log: Path, level: str) -> None:
    """Send this process's log lines to `log`, and to standard error while somebody watches."""
    private_folder(log.parent)
    to_file = _PrivateFile(log, maxBytes=MAX_BYTES, backupCount=1, encoding="utf-8")
    to_file.setFormatter(JsonLines())
    handlers: list[logging.Handler] = [to_file]
    if not any(os.environ.get(name) for name in UNWATCHED):
        plain = logging.StreamHandler(sys.stderr)
        plain.setFormatter(_Plain())
        plain.addFilter(logging.Filter("harness"))  # libraries speak to the file alone
        handlers.append(plain)
    install(level, *handlers)
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
