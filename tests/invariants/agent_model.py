"""What the agent registries should say, computed from lists of what was done."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

INT128 = 2**127


@dataclass
class Said:
    """One feedback."""

    client: bytes
    index: int
    value: int
    decimals: int
    tags: tuple[str, str]
    revoked: bool = False
    responses: list[bytes] = field(default_factory=list)

    def has(self, tags: tuple[str, str]) -> bool:
        return all(not wanted or wanted == own for wanted, own in zip(tags, self.tags, strict=True))

    @property
    def row(self) -> tuple[bytes, int, int, int, str, str, bool]:
        return self.client, self.index, self.value, self.decimals, *self.tags, self.revoked


@dataclass
class Asked:
    """One validation request."""

    request: bytes
    validator: bytes
    agent: int
    when: int
    response: int | None = None
    digest: bytes = b"\0" * 32
    tag: str = ""


def towards_zero(number: Fraction) -> int:
    return int(number)  # Python truncates


def mean_of(entries: list[Said]) -> tuple[int, int, int]:
    """Count, mean, decimals, from the definition."""
    if not entries:
        return 0, 0, 0
    used = [entry.decimals for entry in entries]
    decimals = min(set(used), key=lambda d: (-used.count(d), d))
    exact = sum(Fraction(e.value, 10**e.decimals) for e in entries) / len(entries)
    # The chain divides at 18 decimals first, and rounds towards zero twice: the same as once.
    while not -INT128 <= towards_zero(exact * 10**decimals) < INT128:
        decimals -= 1
    return len(entries), towards_zero(exact * 10**decimals), decimals


def answers_of(requests: list[Asked], validators: list[bytes], tag: str) -> tuple[int, int]:
    found = [
        r.response
        for r in requests
        if r.response is not None
        and (not validators or r.validator in validators)
        and tag in ("", r.tag)
    ]
    return len(found), sum(found) // len(found) if found else 0
