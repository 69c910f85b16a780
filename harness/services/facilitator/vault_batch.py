"""Which receipts are worth redeeming now.

A receipt goes when the batch it goes with pays at least 1.2 times its gas, when it has waited ten
minutes, or when its reservation is about to run out. Gas is known from the vault's own measurements.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from harness.diamond.vault import Pair
from harness.store.vault_ledger import KeptReceipt

MAX_BATCH = 64
WAIT_SECONDS = 600.0
BATCH_GAS, RECEIPT_GAS = 60_000, 24_000
MARGIN = Decimal("1.2")


@dataclass(frozen=True)
class Gas:
    """Wei per gas, and dollars per 10^18 wei; 0 dollars: gas is not weighed."""

    wei: int
    native_usd: Decimal

    def cost_base(self, receipts: int) -> Decimal:
        """What a batch costs, in base units of a six-decimal dollar."""
        gas = BATCH_GAS + RECEIPT_GAS * receipts
        return gas * self.wei * self.native_usd / 10**12


def choose(
    payable: Sequence[tuple[KeptReceipt, Pair]],
    gas: Gas,
    *,
    now: float,
    chain_now: int,
    grace: int,
) -> list[KeptReceipt]:
    """The receipts to redeem in one transaction; times in seconds."""
    batch = sorted(payable, key=lambda each: -_pays(*each))[:MAX_BATCH]
    total = sum(_pays(*each) for each in batch)
    if gas.native_usd == 0 or total >= gas.cost_base(len(batch)) * MARGIN:
        return [kept for kept, _ in batch]
    urgent = [
        kept
        for kept, pair in payable
        if now - kept.received_at >= WAIT_SECONDS or pair.expiry - chain_now < 2 * grace
    ]
    return urgent[:MAX_BATCH]


def _pays(kept: KeptReceipt, pair: Pair) -> int:
    return min(kept.receipt.cumulative - pair.redeemed, pair.locked)
