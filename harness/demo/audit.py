"""The books at the end, read back from the chain by two roads that must meet.

One road adds up every Transfer event since the first block; the other asks each account's balance now.
Then what the Diamond's ledger says it holds is compared with what the token says the Diamond has.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from harness.chain.interface import Chain
from harness.chain.records import LogFilter
from harness.diamond.diamond import Diamond
from harness.diamond.tokens import Token
from harness.protocol.addresses import ZERO_ADDRESS, Address

BUCKETS = {
    1: "treasury", 2: "meter", 3: "schedule", 4: "bounty", 5: "guild", 6: "party", 7: "invite",
    8: "validation", 9: "vault", 10: "vault fees", 11: "job", 12: "stake", 13: "appeal", 14: "owed",
    15: "market fees", 16: "bond",
}  # fmt: skip


@dataclass(frozen=True)
class Books:
    """One token's books. Amounts in base units."""

    balances: dict[Address, int]
    supply: int
    from_events: dict[Address, int]
    buckets: dict[str, int]
    held_by_diamond: int

    @property
    def complaints(self) -> list[str]:
        """What does not add up; empty when all is well."""
        found = [
            f"{account} has {self.balances[account]}, its transfers add up to {total}"
            for account, total in self.from_events.items()
            if self.balances[account] != total
        ]
        if sum(self.balances.values()) != self.supply:
            found.append(
                f"balances add up to {sum(self.balances.values())}, supply is {self.supply}"
            )
        if sum(self.buckets.values()) != self.held_by_diamond:
            found.append(
                f"escrows add up to {sum(self.buckets.values())}, "
                f"the Diamond holds {self.held_by_diamond}"
            )
        return found


def read_books(chain: Chain, diamond: Diamond, token: Token) -> Books:
    """Everything about one token, from the chain alone."""
    transfer = token.INTERFACE.event("Transfer")
    everything = LogFilter(0, chain.block().number, (token.address,), (transfer.topic,))
    totals: Counter[Address] = Counter()
    for event in transfer.find(chain.logs(everything)):
        totals[event["from"]] -= event["value"]
        totals[event["to"]] += event["value"]
    del totals[ZERO_ADDRESS]  # the other side of mints and burns
    return Books(
        balances={account: token.balance_of(account) for account in totals},
        supply=token.total_supply(),
        from_events=dict(totals),
        buckets={
            name: held
            for number, name in BUCKETS.items()
            if (held := diamond.treasury.bucket_of(token.address, number))
        },
        held_by_diamond=token.balance_of(diamond.address),
    )
