"""What a keeper did with each slot of each job, in SQL: the rules of `harness.protocol.runs`."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import Row, insert, select, update
from sqlalchemy.exc import IntegrityError

from harness.protocol.addresses import Address
from harness.protocol.runs import Run, RunState
from harness.store.database import Database
from harness.store.schema import runs


class SqlRunLedger:
    """Runs of one Diamond in a Database."""

    def __init__(
        self,
        database: Database,
        chain_id: int,
        diamond: Address,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._database = database
        self._chain_id = chain_id
        self._diamond = diamond
        self._clock = clock

    def claim(self, job: int, slot: int, owner: Address) -> bool:
        now = self._clock()
        values = {
            "chain_id": self._chain_id,
            "diamond": self._diamond,
            "job": str(job),
            "slot": slot,
            "owner": owner,
            "state": RunState.CLAIMED.value,
            "spent": "0",
            "claimed_at": now,
            "updated_at": now,
        }
        try:
            with self._database.write() as connection:
                connection.execute(insert(runs).values(**values))
        except IntegrityError:
            return False
        return True

    def ran(
        self, job: int, slot: int, *, spent: int, succeeded: bool, detail: str, output: bytes = b""
    ) -> None:
        self._change(
            job,
            slot,
            state=RunState.RAN.value,
            spent=str(spent),
            succeeded=int(succeeded),
            detail=detail[:500],
            output=output,
        )

    def recorded(self, job: int, slot: int, spent: int, transaction: bytes) -> None:
        self._change(
            job,
            slot,
            state=RunState.RECORDED.value,
            spent=str(spent),
            transaction="0x" + transaction.hex(),
        )

    def lost(self, job: int, slot: int, detail: str) -> None:
        self._change(job, slot, state=RunState.LOST.value, detail=detail[:500])

    def open(self) -> list[Run]:
        return self._list(runs.c.state.in_((RunState.CLAIMED.value, RunState.RAN.value)))

    def find(self, job: int, slot: int) -> Run | None:
        found = self._list((runs.c.job == str(job)) & (runs.c.slot == slot))
        return found[0] if found else None

    def of_job(self, job: int) -> list[Run]:
        return self._list(runs.c.job == str(job))

    def _change(self, job: int, slot: int, **values: Any) -> None:
        with self._database.write() as connection:
            connection.execute(
                update(runs)
                .where(self._here(), runs.c.job == str(job), runs.c.slot == slot)
                .values(**values, updated_at=self._clock())
            )

    def _list(self, condition: Any) -> list[Run]:
        query = select(runs).where(self._here(), condition).order_by(runs.c.claimed_at)
        with self._database.read() as connection:
            return [_run(row) for row in connection.execute(query)]

    def _here(self) -> Any:
        return (runs.c.chain_id == self._chain_id) & (runs.c.diamond == self._diamond)


def _run(row: Row[Any]) -> Run:
    return Run(
        job=int(row.job),
        slot=row.slot,
        owner=row.owner,
        state=RunState(row.state),
        spent=int(row.spent),
        succeeded=bool(row.succeeded),
        detail=row.detail or "",
        output=bytes(row.output or b""),
        transaction=bytes.fromhex(row.transaction[2:]) if row.transaction else None,
    )
