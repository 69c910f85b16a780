"""A walk through an economy that remembers which functions it called."""

from __future__ import annotations

from typing import Any

from tests.contracts.calls import Bound, Receipt, signature_of
from tests.contracts.economy import Economy

FOREVER = 2**40


class Walk:
    """`visited` collects (facet, function) pairs."""

    def __init__(self, economy: Economy) -> None:
        self.economy = economy
        self.visited: set[tuple[str, str]] = set()
        self._nonce = 0
        self.makers = 0

    def send(self, facet: str, handle: Bound, name: str, *args: Any, sender: bytes) -> Receipt:
        """A call that must succeed."""
        receipt = handle.send(name, *args, sender=sender)
        self.visited.add((facet, signature_of(handle.interface.functions[name])))
        return receipt
