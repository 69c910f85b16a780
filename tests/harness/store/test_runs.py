"""The keeper's ledger of slots, in memory and in SQL alike."""

from __future__ import annotations

import pytest

from harness.protocol.runs import Run, RunLedger, RunState
from harness.services.keeper.memory import MemoryRunLedger
from harness.store.database import Database
from harness.store.runs import SqlRunLedger

DIAMOND, OWNER = "0x" + "11" * 20, "0x" + "22" * 20
BIG = 2**256 - 1


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def ledger(request: pytest.FixtureRequest) -> RunLedger:
    if request.param == "memory":
        return MemoryRunLedger()
    return SqlRunLedger(request.getfixturevalue(f"{request.param}_database"), 1, DIAMOND)


def test_a_slot_is_claimed_once_and_goes_its_way(ledger: RunLedger) -> None:
    assert ledger.claim(BIG, 60, OWNER)
    assert not ledger.claim(BIG, 60, "0x" + "33" * 20)
    assert ledger.claim(BIG, 120, OWNER)
    assert ledger.find(BIG, 60) == Run(BIG, 60, OWNER, RunState.CLAIMED)
    ledger.ran(BIG, 60, spent=BIG, succeeded=True, detail="fine", output=b"\xff")
    assert ledger.find(BIG, 60) == Run(BIG, 60, OWNER, RunState.RAN, BIG, True, "fine", b"\xff")
    assert [(r.slot, r.state) for r in ledger.open()] == [
        (60, RunState.RAN), (120, RunState.CLAIMED),
    ]  # fmt: skip
    ledger.recorded(BIG, 60, 5, b"\x09" * 32)
    done = ledger.find(BIG, 60)
    assert done is not None
    assert (done.state, done.spent, done.transaction) == (RunState.RECORDED, 5, b"\x09" * 32)
    ledger.lost(BIG, 120, "cancelled")
    assert ledger.open() == []
    assert [r.state for r in ledger.of_job(BIG)] == [RunState.RECORDED, RunState.LOST]
    assert ledger.find(7, 60) is None and ledger.of_job(7) == []


def test_diamonds_and_chains_are_kept_apart(database: Database) -> None:
    ledgers = [
        SqlRunLedger(database, chain, diamond) for chain in (1, 2) for diamond in (DIAMOND, OWNER)
    ]
    assert all(ledger.claim(1, 60, OWNER) for ledger in ledgers)
    assert [len(ledger.open()) for ledger in ledgers] == [1, 1, 1, 1]
