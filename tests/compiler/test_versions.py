"""Version constraints: which are one, and which Solidity 0.8 satisfies them."""

from __future__ import annotations

import pytest

from compiler.semantics.versions import admits, well_formed


@pytest.mark.parametrize(
    "text",
    ["^0.8.0", "0.8.1 - 0.8.30", "0.8.1-0.8.3", "0.8.1 -0.8.3", ">=0.8.0 <0.9.0", "^0.7.0 || ^0.8.2", "0.8", "*", '"0.8.20"', "~0.8.3", "= 0.8.4"],
)  # fmt: skip
def test_taken(text: str) -> None:
    assert well_formed(text) and admits(text)


@pytest.mark.parametrize(
    "text", ["-0.8.24", "0.8.1 - ", "^0.8.0 || >0.8.2-", ">0.8.0<", "solidity", "0.8.x.1.2.3 !"]
)  # fmt: skip
def test_malformed(text: str) -> None:
    assert not well_formed(text)


@pytest.mark.parametrize(
    "text", ["^0.7.0", "<0.8.0", ">=0.9.0", "0.8.99", "0.7.0 - 0.7.6", "0.7.0-0.7.6"]
)
def test_of_another_language(text: str) -> None:
    assert well_formed(text) and not admits(text)
