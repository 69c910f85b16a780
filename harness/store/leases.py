"""Leases: one holder of a name at a time, across processes and machines that share the database.

Each change of holder raises the fence, so work done under an older lease can be told apart. A holder
that died is replaced when its time is over; clocks of the machines must agree to within seconds.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from harness.protocol.runs import Lease
from harness.store.database import Database
from harness.store.schema import leases


class SqlLeases:
    """Leases in a Database. `clock` in seconds since the epoch."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._clock = clock

    def acquire(self, name: str, holder: str, seconds: float) -> Lease | None:
        """Take or extend a lease; None while somebody else holds it."""
        now = self._clock()
        try:
            with self._database.write() as connection:
                row = connection.execute(
                    select(leases).where(leases.c.name == name).with_for_update()
                ).one_or_none()
                if row is None:
                    lease = Lease(name, holder, 1, now + seconds)
                    connection.execute(insert(leases).values(**vars(lease)))
                    return lease
                if row.holder != holder and row.expires_at > now:
                    return None
                fence = row.fence if row.holder == holder else row.fence + 1
                lease = Lease(name, holder, fence, now + seconds)
                connection.execute(
                    update(leases).where(leases.c.name == name).values(**vars(lease))
                )
                return lease
        except IntegrityError:
            return None  # two first comers; the other one has it

    def holds(self, lease: Lease) -> bool:
        """Whether this very lease is still in force."""
        with self._database.read() as connection:
            row = connection.execute(
                select(leases).where(leases.c.name == lease.name)
            ).one_or_none()
        return (
            row is not None
            and (row.holder, row.fence) == (lease.holder, lease.fence)
            and row.expires_at > self._clock()
        )

    def release(self, lease: Lease) -> None:
        """Give it back early; the fence is kept by letting it expire instead of deleting it."""
        with self._database.write() as connection:
            connection.execute(
                update(leases)
                .where(leases.c.name == lease.name, leases.c.fence == lease.fence)
                .values(expires_at=0.0)
            )
