"""The fault points there are, read from the sources, and the process that each is reached in."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_REACH = re.compile(r'faults\.reach\(\s*f?"([a-z_]+)\.([a-z_]+)"')
# Points of parts that several services are made of.
SHARED = {
    "outbox": ("facilitator", "vault"),
    "journal": ("facilitator", "vault"),
}
ROLES = {
    "facilitator": ("facilitator",),
    "operator": ("operator",),
    "consumer": ("exact", "vault"),
    "relay": ("relay",),
    "indexer": ("indexer",),
}


def points() -> list[tuple[str, str]]:
    """(role, point) of each."""
    found = set()
    for path in (ROOT / "harness").rglob("*.py"):
        for room, name in _REACH.findall(path.read_text("utf-8")):
            for role in (ROLES | SHARED).get(room, ()):
                found.add((role, f"{room}.{name}"))
    return sorted(found)
