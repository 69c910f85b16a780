"""The page names every reason, every fault count and every field as the code has them."""

from __future__ import annotations

from pathlib import Path

from harness.confidential import errors
from harness.confidential.policy import REGISTERS
from harness.confidential.simulated import EVIDENCE_FAULTS, REPLY_FAULTS

PAGE = (Path(__file__).parents[3] / "docs/halo/confidential.md").read_text()
COUNTS = {6: "six", 10: "ten"}


def test_every_reason_is_explained() -> None:
    assert not [reason for reason in errors.FIXES if f"| `{reason}` |" not in PAGE]


def test_every_constant_has_a_fix() -> None:
    reasons = {
        value for name, value in vars(errors).items() if name.isupper() and isinstance(value, str)
    }
    assert reasons == set(errors.FIXES)


def test_the_simulated_lies_are_counted() -> None:
    assert f"lie in {COUNTS[len(EVIDENCE_FAULTS)]} ways" in PAGE
    assert f"replies in {COUNTS[len(REPLY_FAULTS)]}" in PAGE


def test_every_register_is_named() -> None:
    assert not [name for name in REGISTERS if f"`{name}`" not in PAGE]
