"""Version numbers of programs, and the oldest that is still served."""

from __future__ import annotations

import re
from typing import NamedTuple

_NUMBERS = re.compile(r"v?(\d{1,6})\.(\d{1,6})\.(\d{1,6})(?:[-+][0-9A-Za-z.+-]{1,64})?")


class Version(NamedTuple):
    """Ordered by its three numbers; what follows them does not count."""

    major: int
    minor: int
    patch: int

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"

    def near(self, floor: Version) -> bool:
        """Whether this belongs to the oldest line that the floor lets through."""
        return (self.major, self.minor) == (floor.major, floor.minor)


LOWEST = Version(0, 0, 0)


def parse_version(text: str) -> Version:
    """`1.2.3`, with or without a v before and a tag behind; ValueError for anything else."""
    found = _NUMBERS.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"not a version: {text[:40]!r}; write it as 1.2.3")
    major, minor, patch = (int(number) for number in found.groups())
    return Version(major, minor, patch)
