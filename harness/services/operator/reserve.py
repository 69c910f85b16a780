"""A reservation that came along with a payment: submitted, and waited for, before the request is gated."""

from __future__ import annotations

from typing import Any, Protocol

from harness.clients.errors import Refused, Unreachable
from harness.protocol.vault import Reservation
from harness.services.operator.answers import refuse
from harness.services.operator.exact import unreachable
from harness.services.operator.inline import VaultPayment


class Notary(Protocol):
    """The facilitator, as far as reservations go."""

    async def reserve(self, reservation: Reservation, signature: bytes, *, wait: bool) -> Any: ...


class Reserver:
    """Submits reservations through the facilitator, which pays the gas."""

    def __init__(self, notary: Notary) -> None:
        self._notary = notary

    async def __call__(self, payment: VaultPayment) -> None:
        """Raises Refusal when the contract or the facilitator does not take it."""
        assert payment.reservation is not None
        try:
            await self._notary.reserve(payment.reservation, payment.signature, wait=True)
        except Unreachable:
            raise unreachable() from None
        except Refused as refusal:
            raise refuse(
                402,
                "vault_reservation_insufficient",
                f"the reservation was not taken ({refusal.code}); sign a new one",
                "vault_reservation_insufficient",
            ) from None
