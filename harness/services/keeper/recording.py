"""Telling the chain about a run: compare-and-set on the slot, never more than is left, never twice."""

from __future__ import annotations

import logging
from enum import Enum

from harness import faults
from harness.chain.errors import ContractError, ReceiptTimeout, TransactionDisplaced
from harness.chain.journal import Entry
from harness.chain.outbox import Outbox
from harness.chain.records import Call
from harness.diamond.client import explain
from harness.diamond.schedule import ACTIVE, Schedule
from harness.protocol.runs import Run, RunLedger

_log = logging.getLogger(__name__)

# The slot is over: recorded by another keeper, or the job ended, paused or vanished.
_OVER = frozenset({"StaleNextRun", "NotDue", "JobNotActive", "UnknownJob"})
# Somebody changed budget, cap or lease between our look and our transaction.
_RACED = frozenset({"SpendExceedsBudget", "RunCapExceeded"})
_TRIES = 4


class Recorded(Enum):
    """What became of a run."""

    DONE = "recorded"
    LOST = "lost"
    LATER = "not yet"


class Recorder:
    """Writes runs to the chain through an outbox, and what came of it to the ledger.

    Each try has its own key in the outbox's journal, so a keeper that was killed anywhere finds the
    transaction it had signed and does not sign another.
    """

    def __init__(self, schedule: Schedule, outbox: Outbox, ledger: RunLedger) -> None:
        self._schedule = schedule
        self._outbox = outbox
        self._ledger = ledger

    def record(self, run: Run) -> Recorded:
        """Record one run that ended.

        Raises TransactionRejected, NodeError and unknown ContractErrors; the run stays open then.
        """
        for attempt in range(_TRIES):
            try:
                entry = self._sent(run, attempt) or self._send(run, attempt)
                if entry is None:
                    return self._lost(run, "the slot is over")
                receipt = self._outbox.wait(entry)
            except (ReceiptTimeout, TransactionDisplaced):
                return Recorded.LATER
            except ContractError as failure:
                error = explain(failure)
                if error.name in _OVER:
                    return self._lost(run, str(error))
                if error.name == "Leased":
                    return Recorded.LATER
                if error.name not in _RACED:
                    raise error from None
                continue
            if receipt.succeeded:
                (event,) = [
                    e
                    for e in self._schedule.INTERFACE.event("JobRan").find(
                        receipt.logs, self._schedule.address
                    )
                    if e["id"] == run.job
                ]
                self._ledger.recorded(
                    run.job, run.slot, int(event["spentWei"]), receipt.transaction
                )
                return Recorded.DONE
        return Recorded.LATER

    def _sent(self, run: Run, attempt: int) -> Entry | None:
        """The transaction of an earlier life."""
        return self._outbox.journal.find(
            self._outbox.chain.chain_id, self._outbox.address, self._key(run, attempt)
        )

    def _send(self, run: Run, attempt: int) -> Entry | None:
        """Sign and send, against the job as it is now; None when the slot is over."""
        job = self._schedule.get_job(run.job)
        if job.status != ACTIVE or job.next_run != run.slot:
            return None
        cap = self._schedule.run_cap_of(run.job) or job.budget_wei
        spent = min(run.spent, job.budget_wei, cap)
        faults.reach("keeper.recording")
        data = self._schedule.calldata("recordRun", run.job, run.slot, spent)
        call = Call(self._schedule.address, data)
        return self._outbox.send(call, key=self._key(run, attempt))

    def _lost(self, run: Run, why: str) -> Recorded:
        self._ledger.lost(run.job, run.slot, why)
        _log.warning("slot lost", extra={"job": run.job, "slot": run.slot, "reason": why})
        return Recorded.LOST

    def _key(self, run: Run, attempt: int) -> str:
        return f"run:{self._schedule.address}:{run.job}:{run.slot}:{attempt}"
