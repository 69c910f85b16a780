"""What a rail hands back for one request, and the headers that tell the client about it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from harness.protocol.addresses import Address
from harness.protocol.spending import Rail

Json = dict[str, Any]


@dataclass
class Bill:
    """How one request was served and what it cost, in base units; filled in as it becomes known."""

    request: str
    rail: Rail
    operator: Address
    e2e: bool
    charged: int = 0
    tokens: int | None = None
    confidential: bool = False
    tee_verified: bool | None = None
    transaction: str = ""
    settlement: str = ""  # the operator's PAYMENT-RESPONSE on the exact rail, as it came
    note: str = ""  # what the user should know: a bounded charge, a settlement that is not final
    deprecation: str = ""

    def headers(self) -> dict[str, str]:
        """Known before the body."""
        found = {
            "X-Halo-Request-Id": self.request,
            "X-Halo-Operator": self.operator,
            "X-Halo-Rail": self.rail.value,
            "X-Halo-E2E-Encrypted": _flag(self.e2e),
        }
        if self.confidential:
            found["X-Halo-Confidential"] = "true"
            if self.tee_verified is not None:
                found["X-Halo-TEE-Verified"] = _flag(self.tee_verified)
        if self.deprecation:
            found["X-Halo-Deprecation-Warning"] = self.deprecation
        return found

    def final_headers(self) -> dict[str, str]:
        """With what is known only when everything was delivered."""
        found = {
            **self.headers(),
            "X-Halo-Paid": _flag(self.charged > 0),
            "X-Halo-Charged-Base": str(self.charged),
        }
        if self.settlement:
            found["PAYMENT-RESPONSE"] = self.settlement
        return found


@dataclass(frozen=True)
class Delivered:
    """A whole completion."""

    completion: Json
    bill: Bill


@dataclass
class Stream:
    """A completion as it arrives. `chunks` are OpenAI chunks; `close` settles what was delivered, once.

    `chunks` raises Refusal when the stream breaks after it began.
    """

    bill: Bill
    chunks: AsyncIterator[Json]
    close: Callable[[], Awaitable[None]]
    kept: list[Json] = field(default_factory=list)


def _flag(value: bool) -> str:
    return "true" if value else "false"
