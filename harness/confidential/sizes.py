"""How long an encrypted request is for those who price it without reading it.

Ciphertext is twice as long as its text and 93 bytes more. Both sides of a payment count the text that is
behind it, which ciphertext does not hide: a letter for each of its bytes.
"""

from __future__ import annotations

from typing import Any

from harness.confidential.ecies import plain_size


def sized(body: dict[str, Any]) -> dict[str, Any]:
    """A copy with every ciphertext replaced by as many letters as its text has bytes, for counting tokens."""
    return {name: _sized(value) for name, value in body.items()}


def _sized(value: Any) -> Any:
    if isinstance(value, str):
        size = plain_size(value)
        return value if size is None else "x" * size
    if isinstance(value, list):
        return [_sized(item) for item in value]
    if isinstance(value, dict):
        return {name: _sized(item) for name, item in value.items()}
    return value
