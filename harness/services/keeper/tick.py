"""One tick: finish what an earlier tick left, then fire what is due, within caps.

    lease -> recover -> read due -> in turn, per job: caps -> claim -> run -> record

Money is safe at every step: a slot is claimed before its runner starts and never run again, its debit
is a compare-and-set on chain, and a runner's word about its cost is cut to what the caps allow.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

from harness import faults
from harness.chain.errors import ContractError, Refusal, TransactionRejected
from harness.chain.fees import offer
from harness.chain.outbox import Outbox
from harness.diamond.client import explain
from harness.diamond.schedule import Schedule
from harness.errors import ConfigError
from harness.protocol.addresses import Address
from harness.protocol.runs import Lease, Leases, RunLedger, RunState
from harness.services.keeper.queue import DueJob, in_turn, read_due
from harness.services.keeper.recording import Recorded, Recorder
from harness.services.keeper.runner import Result, Runner, Work
from harness.services.keeper.settings import KeeperSettings

RECORD_GAS = 250_000  # more than recording one run ever takes

_log = logging.getLogger(__name__)


class Outcome(Enum):
    """How a tick ended; the exit code of a keeper that runs once."""

    FIRED = 0
    NOTHING_DUE = 10
    PARTLY_FAILED = 11
    NO_FUNDS = 12
    BUSY = 75


@dataclass
class Report:
    """What a tick did, by number of jobs."""

    outcome: Outcome = Outcome.NOTHING_DUE
    due: int = 0
    fired: int = 0
    failed: int = 0
    recovered: int = 0
    lost: int = 0
    closed: int = 0
    waiting: int = 0
    spent_wei: int = 0
    spilled: Counter[str] = field(default_factory=Counter)

    def as_json(self) -> dict[str, object]:
        return {
            "status": self.outcome.name.lower(),
            "due": self.due,
            "fired": self.fired,
            "failed": self.failed,
            "recovered": self.recovered,
            "lost": self.lost,
            "closed": self.closed,
            "waiting": self.waiting,
            "spentWei": str(self.spent_wei),
            "spilled": dict(self.spilled),
        }


class OutOfFunds(Exception):
    """The keeper's key cannot pay for recording a run."""


class Keeper:
    """Ticks of one Diamond's schedule."""

    def __init__(
        self,
        schedule: Schedule,
        outbox: Outbox,
        runner: Runner,
        ledger: RunLedger,
        leases: Leases,
        settings: KeeperSettings,
        holder: str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.ledger = ledger
        self._schedule = schedule
        self._outbox = outbox
        self._runner = runner
        self._leases = leases
        self._settings = settings
        self._holder = holder
        self._clock = clock
        self._recorder = Recorder(schedule, outbox, ledger)

    def tick(self) -> Report:
        """One tick. Raises NodeError and ConfigError (the key is no scheduler)."""
        lease = self._lease()
        if lease is None:
            return Report(Outcome.BUSY)
        report = Report()
        try:
            self._outbox.recover()
            self._recover(report)
            self._fire_due(report)
        except OutOfFunds:
            report.outcome = Outcome.NO_FUNDS
        else:
            report.outcome = self._judge(report)
        finally:
            self._leases.release(lease)
        idle = report.outcome is Outcome.NOTHING_DUE
        _log.log(logging.DEBUG if idle else logging.INFO, "tick", extra=report.as_json())
        return report

    def _lease(self) -> Lease | None:
        """Take the tick's lease, or hold it for longer."""
        name = f"tick:{self._outbox.chain.chain_id}:{self._schedule.address}"
        return self._leases.acquire(name, self._holder, self._settings.lease_ttl_s)

    @staticmethod
    def _judge(report: Report) -> Outcome:
        if report.failed or report.waiting or report.lost:
            return Outcome.PARTLY_FAILED
        if report.fired or report.recovered or report.closed:
            return Outcome.FIRED
        # Jobs were due and the caps let none of them pass: somebody should look at the caps.
        return Outcome.PARTLY_FAILED if report.spilled else Outcome.NOTHING_DUE

    # -- what an earlier tick left ---------------------------------------------------------------

    def _recover(self, report: Report) -> None:
        for run in self.ledger.open():
            if run.state is RunState.CLAIMED:
                # Its runner may have worked; running it again could do the work twice.
                self.ledger.ran(run.job, run.slot, spent=0, succeeded=False, detail="interrupted")
            if self._record(run.job, run.slot, report) is Recorded.DONE:
                report.recovered += 1

    # -- what is due -----------------------------------------------------------------------------

    def _fire_due(self, report: Report) -> None:
        due = [
            job
            for job in read_due(self._schedule, self._settings.max_scanned_jobs)
            if self.ledger.find(job.id, job.slot) is None
        ]
        report.due = len(due)
        if not due:
            return
        self._check_role()
        self._check_funds()
        ordered = in_turn(due)
        self._lease_on_chain(ordered)
        caps = _Caps(self._settings)
        started = self._clock()
        for job in ordered:
            late = self._clock() - started >= self._settings.tick_soft_budget_s
            if late and caps.used:
                self._spill(report, job, "tick time")
            else:
                self._fire(job, caps, report)

    def _fire(self, job: DueJob, caps: _Caps, report: Report) -> None:
        allowance = caps.allowance(job)
        if isinstance(allowance, str):
            self._spill(report, job, allowance)
            return
        if self._lease() is None:
            self._spill(report, job, "lease lost")
            return
        if job.job.budget_wei < self._settings.cost_per_fire_wei:
            caps.spend(job, 0)
            self._close(job, report)
            return
        if not self.ledger.claim(job.id, job.slot, job.owner):
            return
        faults.reach("keeper.claimed")
        result = self._run(job, allowance)
        faults.reach("keeper.finished")
        spent = min(self._cost(result), allowance)
        caps.spend(job, spent)
        self.ledger.ran(
            job.id,
            job.slot,
            spent=spent,
            succeeded=result.succeeded,
            detail=result.detail,
            output=result.output,
        )
        faults.reach("keeper.ran")
        done = self._record(job.id, job.slot, report)
        report.fired += done is Recorded.DONE
        report.failed += not result.succeeded
        _log.info(
            "job fired",
            extra={
                "job": job.id,
                "slot": job.slot,
                "owner": job.owner,
                "succeeded": result.succeeded,
                "detail": result.detail,
                "recorded": done.value,
            },
        )

    def _run(self, job: DueJob, allowance: int) -> Result:
        work = Work(
            chain_id=self._outbox.chain.chain_id,
            diamond=self._schedule.address,
            job=job.id,
            slot=job.slot,
            target=job.job.target,
            owner=job.owner,
            task=self._schedule.task_of(job.id),
            allowance_wei=allowance,
        )
        try:
            return self._runner.run(work, self._settings.run_timeout_s)
        except Exception as broken:
            _log.exception("runner broke", extra={"job": job.id, "slot": job.slot})
            return Result(False, f"runner broke: {type(broken).__name__}")

    def _cost(self, result: Result) -> int:
        """What a runner says; else the price of a fire, and nothing for one that failed."""
        if result.spent_wei is not None:
            return result.spent_wei
        return self._settings.cost_per_fire_wei if result.succeeded else 0

    def _record(self, job: int, slot: int, report: Report) -> Recorded:
        run = self.ledger.find(job, slot)
        assert run is not None
        try:
            done = self._recorder.record(run)
        except TransactionRejected as rejection:
            if rejection.refusal is Refusal.INSUFFICIENT_FUNDS:
                raise OutOfFunds from rejection
            _log.error("cannot record", extra={"job": job, "slot": slot, "reason": str(rejection)})
            done = Recorded.LATER
        except ContractError as error:
            _log.error("cannot record", extra={"job": job, "slot": slot, "reason": str(error)})
            done = Recorded.LATER
        report.waiting += done is Recorded.LATER
        report.lost += done is Recorded.LOST
        settled = self.ledger.find(job, slot)
        if done is Recorded.DONE and settled is not None:
            report.spent_wei += settled.spent
        return done

    def _close(self, job: DueJob, report: Report) -> None:
        """A job that can never pay for a fire is ended, and what is left goes back to its owner.

        Leaving it would put it first in every later page, and firing it would be free work.
        """
        try:
            self._schedule.complete_job(
                job.id, key=f"close:{self._schedule.address}:{job.id}:{job.slot}"
            )
        except (ContractError, TransactionRejected) as reason:
            _log.warning("cannot close", extra={"job": job.id, "reason": str(reason)})
            report.waiting += 1
        else:
            report.closed += 1
            _log.info("job closed", extra={"job": job.id, "owner": job.owner})

    def _spill(self, report: Report, job: DueJob, why: str) -> None:
        report.spilled[why] += 1
        _log.info("job left for later", extra={"job": job.id, "owner": job.owner, "cap": why})

    # -- before the first claim --------------------------------------------------------------------

    def _check_role(self) -> None:
        if not self._schedule.is_scheduler(self._outbox.address):
            raise ConfigError(
                f"{self._outbox.address} is no scheduler of {self._schedule.address}; "
                "the Diamond's owner can add it"
            )

    def _check_funds(self) -> None:
        max_fee, _ = offer(self._outbox.chain.fees())
        if self._outbox.chain.balance(self._outbox.address) < max_fee * RECORD_GAS:
            raise OutOfFunds

    def _lease_on_chain(self, ordered: list[DueJob]) -> None:
        """For keepers that share no database: others may not record these while we work."""
        if not self._settings.lease_on_chain:
            return
        ids = [job.id for job in ordered[:32]]
        try:
            self._schedule.lease_jobs(ids, min(600, int(self._settings.lease_ttl_s)))
        except ContractError as error:
            _log.warning("cannot lease", extra={"reason": str(explain(error))})


class _Caps:
    """What may still be spent in this tick, in all and per owner."""

    def __init__(self, settings: KeeperSettings) -> None:
        self._cost = settings.cost_per_fire_wei
        self._left = settings.global_tick_cap_wei
        self._per_owner = settings.per_owner_tick_cap_wei
        self._spent: Counter[Address] = Counter()
        self._jobs = settings.max_jobs_per_tick
        self.used = 0

    def allowance(self, job: DueJob) -> int | str:
        """Most that this fire may spend, or the cap that forbids it."""
        if self.used >= self._jobs:
            return "jobs per tick"
        owner_left = self._per_owner - self._spent[job.owner]
        if self._left < self._cost:
            return "global cap"
        if owner_left < self._cost:
            return "owner cap"
        return min(self._left, owner_left, job.job.budget_wei)

    def spend(self, job: DueJob, wei: int) -> None:
        self._left -= wei
        self._spent[job.owner] += wei
        self.used += 1
