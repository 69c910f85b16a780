"""What an operator claims, and how much of it counts."""

from __future__ import annotations

from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from harness.diamond.vault import Pair
from harness.services.consumer.directory import Offer
from harness.services.consumer.metering import (
    Charge,
    Settlement,
    Usage,
    meter,
    read_settlement,
    read_usage,
)
from harness.services.consumer.purse import Orphan, Purse

ME = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"
OTHER = "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC"
OFFER = Offer(ME, "m", Decimal("0.01"), None, True, True, False, False, "")  # 10 a token
TOLD = {"success": True, "amountUsdc": "80", "tokens": 8, "cycle": "1", "operator": ME}


def ask(prompt: str = "hello", limit: int = 100, model: str = "m") -> Any:
    body = {"model": model, "messages": [{"role": "user", "content": prompt}]}
    tokens = -(-len(prompt) // 4) + 4
    return SimpleNamespace(body=body, model=model, prompt_tokens=tokens, completion_tokens=limit)


def charged(output: str, ceiling: int = 10_000, *, amount: int | None = None, **more: Any) -> Any:
    told = None if amount is None else Settlement(amount, None, 1, ME)
    return meter(
        ask(**more.pop("asked", {})), OFFER, ceiling, settlement=told, usage=more.get("usage"), output=output
    )  # fmt: skip


def test_a_settlement_is_one_of_this_operator_that_succeeded() -> None:
    assert read_settlement(TOLD, ME) == Settlement(80, 8, 1, ME)
    bare = {"success": True, "amount": "80"}
    assert read_settlement(bare, ME) == Settlement(80, None, None, None)
    for changes in (
        {"success": False}, {"success": "true"}, {"success": 1}, {"success": None}, {"operator": OTHER},
        {"operator": "nobody"}, {"amountUsdc": "-1"}, {"amountUsdc": "8e1"}, {"amountUsdc": True},
        {"amountUsdc": None}, {"amountUsdc": 80.0}, {"amountUsdc": "²"},
    ):  # fmt: skip
        assert read_settlement(TOLD | changes, ME) is None, changes
    elsewhere = {"success": True, "amount": "80", "extra": {"operator": OTHER}}
    assert read_settlement(elsewhere, ME) is None
    assert read_settlement(None, ME) is None


@pytest.mark.parametrize(
    ("claimed", "owed"),
    [(0, 0), (80, 80), (92, 92), (368, 368), (369, 368), (10**12, 368)],
)
def test_a_claim_counts_up_to_fifteen_percent_above_our_finest_count(
    claimed: int, owed: int
) -> None:
    """By the shared estimate eight tokens, ten base units each; cut as finely as may be thirty-two, with
    every sign of the JSON around five words."""
    charge = charged("hi there", amount=claimed)
    assert (charge.amount, charge.claimed, charge.disputed) == (owed, claimed, owed < claimed)


def test_no_claim_passes_what_was_set_aside() -> None:
    assert charged("x" * 4_000, 50, amount=60) == Charge(50, 60, None, "bounded settlement")
    assert charged("x" * 4_000, 60, amount=60).amount == 60
    # For models whose thoughts nobody shows the ceiling is the only bound, with what was asked for.
    thinking = {"model": "o3-mini", "limit": 8_192}
    assert charged("", 81_000, amount=90_000, asked=thinking).amount == 81_000


def test_usage_is_a_claim_like_any_other_and_nothing_is_no_price() -> None:
    assert charged("hi there", usage=Usage(6, 2)).amount == 80
    assert charged("hi there", usage=Usage(600, 200)).amount == 368
    assert charged("hi there", usage=Usage(6, None)) is None
    assert charged("hi there") is None
    assert read_usage({"usage": {"prompt_tokens": 6, "completion_tokens": -1}}) is None


def test_a_purse_has_no_more_than_is_not_spoken_for() -> None:
    purse = Purse(ME, 0, 1, 1_000, 0, 10_000, 0)
    purse.take(100)
    purse.orphans["r"] = Orphan(50)
    purse.unseen = 25
    assert purse.owe(200) == 200 and purse.available == 625
    purse.acknowledged(200)
    assert (purse.acked, purse.unseen, purse.available) == (200, 0, 650)
    purse.acknowledged(150)  # an older one, late
    assert purse.acked == 200
    purse.refresh(Pair(locked=700, redeemed=300, expiry=10_000, created=0, cycle=1))
    assert (purse.cumulative, purse.acked) == (300, 300), "what was paid was owed"
    purse.disown(250, 50)  # a higher one was signed since
    assert purse.cumulative == 300
    purse.disown(300, 50)
    assert purse.cumulative == 250
