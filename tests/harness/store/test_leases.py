"""One holder at a time, a fence that rises with each change of holder."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from harness.protocol.runs import Leases
from harness.services.keeper.memory import MemoryLeases
from harness.store.database import Database
from harness.store.leases import SqlLeases


@pytest.mark.parametrize("kind", ["memory", "sql"])
def test_a_lease_excludes_extends_expires_and_fences(database: Database, kind: str) -> None:
    now = [100.0]
    leases: Leases = (
        MemoryLeases(lambda: now[0]) if kind == "memory" else SqlLeases(database, lambda: now[0])
    )
    first = leases.acquire("tick:1", "a", 90)
    assert first is not None and first.fence == 1
    assert leases.acquire("tick:1", "b", 90) is None
    assert leases.acquire("tick:2", "b", 90) is not None
    now[0] = 150.0
    longer = leases.acquire("tick:1", "a", 90)
    assert longer is not None and (longer.fence, longer.expires_at) == (1, 240.0)
    assert leases.holds(longer)
    now[0] = 240.0
    assert not leases.holds(longer)
    second = leases.acquire("tick:1", "b", 90)
    assert second is not None and second.fence == 2
    assert leases.holds(second) and not leases.holds(longer)
    leases.release(longer)
    assert leases.holds(second)
    leases.release(second)
    assert not leases.holds(second)
    third = leases.acquire("tick:1", "c", 90)
    assert third is not None and third.fence == 3


def test_of_many_at_once_one_wins(database: Database) -> None:
    leases = SqlLeases(database)
    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(lambda n: leases.acquire("tick", f"holder {n}", 60), range(8)))
    assert sum(lease is not None for lease in won) == 1
