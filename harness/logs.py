"""Structured logs: one JSON object a line, secrets taken out before anything is written.

Fields named after secrets are dropped whole. Hex of 32 bytes and more is cut, because a private key
looks like any hash; only in fields named after hashes do 32 bytes stay readable. Of a provider's key (`sk-…`)
the beginning stays.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import time
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, TextIO

_SECRET_NAME = re.compile(
    r"signature|private|secret|passphrase|password|authorization|cookie|payment.signature|\bkey\b",
    re.IGNORECASE,
)
_HASH_NAME = re.compile(r"hash|transaction|digest|settlement", re.IGNORECASE)
_HEX_32 = re.compile(r"(?:0x)?[0-9a-fA-F]{64,}")
_LONGER_HEX = re.compile(r"(?:0x)?[0-9a-fA-F]{65,}")
_BEARER = re.compile(r"(bearer|basic)\s+\S+", re.IGNORECASE)
_API_KEY = re.compile(r"\b(sk-)[A-Za-z0-9_-]{8,}")
_STANDARD = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}


@lru_cache(maxsize=1024)
def _by_name(name: str) -> tuple[bool, re.Pattern[str]]:
    """Whether a field of this name is dropped, and what is cut in its text."""
    return _SECRET_NAME.search(name) is not None, _LONGER_HEX if _HASH_NAME.search(
        name
    ) else _HEX_32


def redact(value: Any, name: str = "") -> Any:
    """The value as it may be shown."""
    secret, suspicious = _by_name(name)
    if secret:
        return "[redacted]"
    if isinstance(value, Mapping):
        return {str(k): redact(v, str(k)) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [redact(item, name) for item in value]
    if isinstance(value, bytes):
        return redact("0x" + value.hex(), name)
    if isinstance(value, str):
        shorter = suspicious.sub(lambda m: f"{m.group()[:6]}…[{len(m.group())} digits]", value)
        return _API_KEY.sub(r"\1[redacted]", _BEARER.sub(r"\1 [redacted]", shorter))
    if isinstance(value, (int, float, bool)) or value is None:
        return value
    return redact(str(value), name)


class JsonLines(logging.Formatter):
    """`{"ts", "level", "event", ...}`; the extra fields of a record become members."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "ts": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
            + f".{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": redact(record.getMessage()),
        }
        for name, value in record.__dict__.items():
            if name not in _STANDARD:
                line[name] = redact(value, name)
        if record.exc_info:
            line["trace"] = redact(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False, default=str)


def configure(level: str = "info", stream: TextIO | None = None) -> None:
    """Send all logs of this process to one stream (standard error) as JSON lines."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines())
    install(level, handler)


def install(level: str, *handlers: logging.Handler) -> None:
    """These handlers get all logs of this process, and no others do."""
    # No line names a thread or a place in the source, and finding them takes as long as the rest of it.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    logging._srcfile = None  # the switch that Python's documentation names
    root = logging.getLogger()
    root.handlers[:] = handlers
    root.setLevel(level.upper())
