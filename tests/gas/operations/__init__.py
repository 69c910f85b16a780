"""What people do here, four of each: the messages whose gas the snapshot records.

Each function of a domain file brings an economy to where the operation makes sense and returns the calls. They
differ only in what must differ (a nonce, an id).
"""

from __future__ import annotations

from tests.gas.operations import (
    agents,
    community,
    credits,
    disputes,
    guild,
    identity,
    market,
    payments,
    tokens,
    vault,
)
from tests.gas.operations.catalogue import OPERATIONS

DOMAINS = (agents, community, credits, disputes, guild, identity, market, payments, tokens, vault)

__all__ = ["DOMAINS", "OPERATIONS"]
