"""The life of one paid request as its payer remembers it, and which step may follow which.

    exact   signed -> sent -> settled | unknown -> settled | expired
               `-> abandoned (never sent)        -> settled | expired
    vault   sent -> receipted | refused | released | unmetered
    any     -> disputed

What is open keeps its hold in the budget; what is not has been charged or given back.
"""

from __future__ import annotations

from enum import Enum


class Rail(Enum):
    EXACT = "exact"
    VAULT = "vault"
    FREE = "free"


class RequestState(Enum):
    SIGNED = "signed"  # an authorisation exists and was not sent
    SENT = "sent"
    UNKNOWN = "unknown"  # sent, and how it ended is not known
    ABANDONED = "abandoned"  # signed, never sent, could still be found by whoever reads the disk
    SETTLED = "settled"
    EXPIRED = "expired"  # the authorisation can move nothing any more
    RECEIPTED = "receipted"
    REFUSED = "refused"  # before any work
    RELEASED = "released"
    UNMETERED = "unmetered"  # delivered without usage or settlement: nothing is owed
    DISPUTED = "disputed"

    @property
    def open(self) -> bool:
        """Whether it may still cost what it holds."""
        return self in _OPEN


_OPEN = frozenset(
    {RequestState.SIGNED, RequestState.SENT, RequestState.UNKNOWN, RequestState.ABANDONED}
)
_S = RequestState
FOLLOWERS: dict[RequestState, frozenset[RequestState]] = {
    _S.SIGNED: frozenset({_S.SENT, _S.ABANDONED, _S.EXPIRED}),
    _S.SENT: frozenset(
        {
            _S.SENT,
            _S.SETTLED,
            _S.UNKNOWN,
            _S.EXPIRED,
            _S.RECEIPTED,
            _S.REFUSED,
            _S.RELEASED,
            _S.UNMETERED,
            _S.DISPUTED,
        }
    ),
    _S.UNKNOWN: frozenset({_S.SENT, _S.SETTLED, _S.EXPIRED, _S.DISPUTED}),
    _S.ABANDONED: frozenset({_S.SENT, _S.SETTLED, _S.EXPIRED}),
    _S.SETTLED: frozenset({_S.DISPUTED}),
    _S.RECEIPTED: frozenset({_S.DISPUTED, _S.RELEASED}),
}


class ReceiptState(Enum):
    """A receipt is owed to its operator until the operator has it, and paid when the chain says so."""

    OPEN = "open"
    PUSHED = "pushed"
    REDEEMED = "redeemed"
    DEAD = "dead"  # it can never be collected; kept for the record
