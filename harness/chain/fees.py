"""What to offer for a transaction, and what to offer when it is not taken. Wei per gas."""

from __future__ import annotations

from harness.chain.records import Fees

BASE_FEE_ROOM = 2  # survives six full blocks in a row, each of which raises the base fee by 1/8
BUMP_PERCENT = 113  # nodes ask for 10 %, some for 12.5 %, before they replace a transaction


def offer(fees: Fees) -> tuple[int, int]:
    """(max fee, priority fee) for a transaction that should be mined soon."""
    return fees.base_fee * BASE_FEE_ROOM + fees.priority_fee, fees.priority_fee


def better_offer(fees: Fees, max_fee: int, priority_fee: int) -> tuple[int, int]:
    """A pair that replaces the given one and fits today's prices."""
    wanted_max, wanted_priority = offer(fees)
    return (
        max(wanted_max, -(-max_fee * BUMP_PERCENT // 100)),
        max(wanted_priority, -(-priority_fee * BUMP_PERCENT // 100)),
    )
