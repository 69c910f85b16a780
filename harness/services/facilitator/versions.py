"""Versions of clients, as far as they are compared: three numbers."""

from __future__ import annotations

import re

Version = tuple[int, int, int]

_VERSION = re.compile(r"([0-9]{1,6})\.([0-9]{1,6})\.([0-9]{1,6})")


def version_of(text: str) -> Version | None:
    """`1.2.3`, with anything after it, as numbers; None for anything else."""
    match = _VERSION.match(text)
    return None if match is None else (int(match[1]), int(match[2]), int(match[3]))


def parse_version(text: str) -> Version:
    """As version_of; ValueError instead of None."""
    found = version_of(text)
    if found is None:
        raise ValueError(f"not a version like 1.2.3: {text!r}")
    return found
