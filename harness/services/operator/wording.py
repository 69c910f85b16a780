"""How sums, hashes and addresses are shown on a terminal."""

from __future__ import annotations


def usd(base: int) -> str:
    """Base units as dollars, without trailing zeros: 12000 -> 0.012."""
    whole, part = divmod(base, 1_000_000)
    return f"{whole}.{part:06d}".rstrip("0").rstrip(".")


def short(text: str) -> str:
    """0x9f1…c4a: enough to tell two apart."""
    return text if len(text) < 12 else f"{text[:5]}…{text[-3:]}"
