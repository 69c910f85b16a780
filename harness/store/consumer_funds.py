"""Reservations and deposits of a sidecar: what it signed and sent, so that a restart sends the same again."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from sqlalchemy import insert, select, update

from harness.protocol.addresses import Address
from harness.protocol.vault import Reservation
from harness.store.consumer_tables import deposits, reservations
from harness.store.database import Database


class FundState(Enum):
    INTENDED = "intended"
    DONE = "done"
    FAILED = "failed"  # it can never happen any more


@dataclass(frozen=True)
class KeptReservation:
    """A signed reservation on its way to the chain."""

    vault: Address
    reservation: Reservation
    signature: bytes


@dataclass(frozen=True)
class KeptDeposit:
    """A deposit whose transaction the outbox knows by `key`. Base units."""

    id: int
    amount: int

    @property
    def key(self) -> str:
        return f"deposit:{self.id}"


class FundsJournal:
    """The sidecar's reservations and deposits in a Database."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._clock = clock

    # -- reservations --------------------------------------------------------------------------

    def intend_reservation(self, kept: KeptReservation) -> None:
        """Before it is sent. One nonce is one reservation: the newest signature for it stands."""
        r = kept.reservation
        values = {
            "operator": r.operator,
            "amount": str(r.amount),
            "expiry": r.expiry,
            "signature": "0x" + kept.signature.hex(),
            "state": FundState.INTENDED.value,
            "created_at": self._clock(),
        }
        key = {"vault": kept.vault, "epoch": r.key_epoch, "nonce": r.nonce}
        with self._database.write() as connection:
            changed = connection.execute(update(reservations).where(*_where(key)).values(**values))
            if changed.rowcount == 0:
                connection.execute(insert(reservations).values(**key, **values))

    def reservation_became(self, kept: KeptReservation, state: FundState) -> None:
        r = kept.reservation
        key = {"vault": kept.vault, "epoch": r.key_epoch, "nonce": r.nonce}
        with self._database.write() as connection:
            connection.execute(update(reservations).where(*_where(key)).values(state=state.value))

    def open_reservations(self, vault: Address, consumer: Address) -> list[KeptReservation]:
        """Those of which it is not known whether the chain has them."""
        query = (
            select(reservations)
            .where(
                reservations.c.vault == vault,
                reservations.c.state == FundState.INTENDED.value,
            )
            .order_by(reservations.c.nonce)
        )
        with self._database.read() as connection:
            return [
                KeptReservation(
                    row.vault,
                    Reservation(
                        consumer, row.operator, int(row.amount), row.expiry, row.nonce, row.epoch
                    ),
                    bytes.fromhex(row.signature[2:]),
                )
                for row in connection.execute(query)
            ]

    def operators(self, vault: Address) -> list[Address]:
        """Whoever anything was ever reserved for."""
        query = select(reservations.c.operator).where(reservations.c.vault == vault).distinct()
        with self._database.read() as connection:
            return list(connection.scalars(query))

    # -- deposits ------------------------------------------------------------------------------

    def intend_deposit(self, vault: Address, amount: int) -> KeptDeposit:
        with self._database.write() as connection:
            added = connection.execute(
                insert(deposits).values(
                    vault=vault,
                    amount=str(amount),
                    state=FundState.INTENDED.value,
                    created_at=self._clock(),
                )
            )
        assert added.inserted_primary_key is not None
        return KeptDeposit(int(added.inserted_primary_key[0]), amount)

    def deposit_became(
        self, kept: KeptDeposit, state: FundState, transaction: bytes | None = None
    ) -> None:
        changes: dict[str, Any] = {"state": state.value}
        if transaction is not None:
            changes["transaction"] = "0x" + transaction.hex()
        with self._database.write() as connection:
            connection.execute(update(deposits).where(deposits.c.id == kept.id).values(**changes))

    def open_deposits(self, vault: Address) -> list[KeptDeposit]:
        query = (
            select(deposits)
            .where(deposits.c.vault == vault, deposits.c.state == FundState.INTENDED.value)
            .order_by(deposits.c.id)
        )
        with self._database.read() as connection:
            return [KeptDeposit(row.id, int(row.amount)) for row in connection.execute(query)]


def _where(key: dict[str, Any]) -> list[Any]:
    return [reservations.c[name] == value for name, value in key.items()]
