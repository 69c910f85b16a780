"""ScheduleFacet: recurring jobs with escrowed budgets, and what is due."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harness.chain.abi import Interface
from harness.chain.records import Receipt
from harness.diamond.client import ContractClient
from harness.protocol.addresses import Address

INTERFACE = Interface.of(
    """
function activeJobCountOf(address owner) view returns (uint256)
function activeJobsOf(address owner) view returns (uint256)
function addScheduler(address scheduler, bool allowed)
function cancelJob(uint256 id)
function childMetaOf(uint256 id) view returns (uint256 parentId, uint8 depth, uint256 rootId)
function completeJob(uint256 id)
function completedGoal(uint256 id) view returns (bool)
function dueCount(uint64 asOf, uint256 cap) view returns (uint256 count)
function getJob(uint256 id) view returns ((address owner, uint64 interval, uint8 status, uint64 nextRun, uint128 budgetWei, uint32 runsLeft, uint256 targetId) view_)
function isScheduler(address account) view returns (bool)
function jobCount() view returns (uint256)
function jobsDue(uint256 startAfter, uint256 limit) view returns (uint256[] ids, uint256 nextCursor)
function jobsOf(address owner) view returns (uint256[] ids)
function jobsOfPage(address owner, uint256 startAfter, uint256 limit) view returns (uint256[] ids, uint256 nextCursor)
function lastRunOf(uint256 id) view returns (uint64 time, uint8 status)
function leaseJobs(uint256[] ids, uint32 ttl) returns (bool[] taken)
function leaseOf(uint256 id) view returns (address holder, uint64 until)
function pauseJob(uint256 id)
function reapJob(uint256 id)
function recordRun(uint256 id, uint64 expectedNextRun, uint128 spentWei) returns (uint64 newNextRun)
function recordRuns(uint256[] ids, uint64[] expected, uint128[] spent) returns (uint64[] newNextRuns)
function resumeJob(uint256 id)
function runCapOf(uint256 id) view returns (uint128 maxSpendPerRun)
function scheduleChildJob(uint256 parentJobId, uint256 targetId, bytes task, uint64 interval, uint128 budgetWei, uint32 maxRuns) returns (uint256 id)
function scheduleJob(uint256 targetId, bytes task, uint64 interval, uint128 budgetWei, uint32 maxRuns) returns (uint256 id)
function schedulerAddress() view returns (address)
function setRunCap(uint256 id, uint128 maxSpendPerRun)
function setScheduler(address scheduler)
function taskOf(uint256 id) view returns (bytes task)
function topUpJob(uint256 id, uint128 addWei)
event ChildJobScheduled(uint256 indexed id, uint256 indexed parentId, uint256 indexed rootId, uint8 depth, uint128 budgetWei)
event JobCancelled(uint256 indexed id, uint256 refund)
event JobCompleted(uint256 indexed id, uint256 refund)
event JobExhausted(uint256 indexed id, uint256 refund)
event JobLeased(uint256 indexed id, address indexed holder, uint64 until)
event JobPaused(uint256 indexed id)
event JobRan(uint256 indexed id, uint32 runsLeft, uint128 spentWei, uint64 nextRun, uint8 status)
event JobReaped(uint256 indexed id, uint256 refund)
event JobResumed(uint256 indexed id, uint64 nextRun)
event JobScheduled(uint256 indexed id, address indexed owner, uint256 indexed targetId, uint64 interval, uint128 budgetWei, uint64 nextRun)
event JobToppedUp(uint256 indexed id, uint128 addWei, uint128 newBudget)
event Owed(address indexed token, address indexed to, uint256 amount)
event RunCapSet(uint256 indexed id, uint128 maxSpendPerRun)
event SchedulerSet(address indexed scheduler, bool allowed)
event SchedulerUpdated(address indexed scheduler)
error BadInterval()
error BadLease()
error InsufficientParentBudget()
error JobNotActive()
error JobNotPaused()
error Leased()
error MaxDepthExceeded()
error NotDue()
error NotJobOwner()
error NotScheduler()
error NotStale()
error ParentNotActive()
error RunCapExceeded()
error SpendExceedsBudget()
error StaleNextRun()
error TaskTooLarge()
error TooManyActiveJobs()
error UnknownJob()
error UnregisteredTarget()
error ZeroBudget()
error ZeroInterval()
error ZeroRuns()
"""
)


END_OF_JOBS = 2**256 - 1  # the cursor behind the last due job
ACTIVE, PAUSED, CANCELLED, EXHAUSTED = range(4)


@dataclass(frozen=True)
class Job:
    """`status`: 0 active, 1 paused, 2 cancelled, 3 exhausted. `next_run` names the slot."""

    owner: Address
    interval: int
    status: int
    next_run: int
    budget_wei: int
    runs_left: int
    target: int


class Schedule(ContractClient):
    """Amounts in wei of $LH, times and intervals in seconds."""

    INTERFACE = INTERFACE

    def active_job_count_of(self, owner: Address) -> int:
        return int(self.read("activeJobCountOf", owner))

    def active_jobs_of(self, owner: Address) -> int:
        return int(self.read("activeJobsOf", owner))

    def add_scheduler(
        self, scheduler: Address, allowed: bool, *, key: str | None = None
    ) -> Receipt:
        return self.write("addScheduler", scheduler, allowed, key=key)

    def cancel_job(self, job: int, *, key: str | None = None) -> Receipt:
        return self.write("cancelJob", job, key=key)

    def child_meta_of(self, job: int) -> tuple[int, int, int]:
        """Parent, depth and root of a job."""
        parent_id, depth, root_id = self.read("childMetaOf", job)
        return parent_id, depth, root_id

    def complete_job(self, job: int, *, key: str | None = None) -> Receipt:
        return self.write("completeJob", job, key=key)

    def completed_goal(self, job: int) -> bool:
        return bool(self.read("completedGoal", job))

    def due_count(self, as_of: int, cap: int) -> int:
        """How many jobs are due at a time; counts up to `cap`."""
        return int(self.read("dueCount", as_of, cap))

    def get_job(self, job: int) -> Job:
        return Job(*self.read("getJob", job))

    def is_scheduler(self, account: Address) -> bool:
        return bool(self.read("isScheduler", account))

    def job_count(self) -> int:
        return int(self.read("jobCount"))

    def jobs_due(self, start_after: int, limit: int) -> tuple[tuple[int, ...], int]:
        """A page of due jobs, oldest first, and the cursor of the next one."""
        jobs, next_cursor = self.read("jobsDue", start_after, limit)
        return jobs, next_cursor

    def jobs_of(self, owner: Address) -> tuple[int, ...]:
        return tuple(self.read("jobsOf", owner))

    def jobs_of_page(
        self, owner: Address, start_after: int, limit: int
    ) -> tuple[tuple[int, ...], int]:
        jobs, next_cursor = self.read("jobsOfPage", owner, start_after, limit)
        return jobs, next_cursor

    def last_run_of(self, job: int) -> tuple[int, int]:
        """When it ran last and the status after it."""
        time, status = self.read("lastRunOf", job)
        return time, status

    def lease_jobs(self, jobs: Sequence[int], ttl: int, *, key: str | None = None) -> Receipt:
        """Scheduler only: keep other schedulers from recording these jobs for `ttl` seconds."""
        return self.write("leaseJobs", jobs, ttl, key=key)

    def lease_of(self, job: int) -> tuple[Address, int]:
        holder, until = self.read("leaseOf", job)
        return holder, until

    def pause_job(self, job: int, *, key: str | None = None) -> Receipt:
        return self.write("pauseJob", job, key=key)

    def reap_job(self, job: int, *, key: str | None = None) -> Receipt:
        return self.write("reapJob", job, key=key)

    def record_run(
        self, job: int, expected_next_run: int, spent_wei: int, *, key: str | None = None
    ) -> Receipt:
        """Scheduler only. Compare-and-set on the slot: a second record of one slot reverts."""
        return self.write("recordRun", job, expected_next_run, spent_wei, key=key)

    def record_runs(
        self,
        jobs: Sequence[int],
        expected: Sequence[int],
        spent: Sequence[int],
        *,
        key: str | None = None,
    ) -> Receipt:
        return self.write("recordRuns", jobs, expected, spent, key=key)

    def resume_job(self, job: int, *, key: str | None = None) -> Receipt:
        return self.write("resumeJob", job, key=key)

    def run_cap_of(self, job: int) -> int:
        return int(self.read("runCapOf", job))

    def schedule_child_job(
        self,
        parent: int,
        target: int,
        task: bytes,
        interval: int,
        budget_wei: int,
        max_runs: int,
        *,
        key: str | None = None,
    ) -> int:
        receipt = self.write(
            "scheduleChildJob", parent, target, task, interval, budget_wei, max_runs, key=key
        )
        return int(self.event(receipt, "ChildJobScheduled")["id"])

    def schedule_job(
        self,
        target: int,
        task: bytes,
        interval: int,
        budget_wei: int,
        max_runs: int,
        *,
        key: str | None = None,
    ) -> int:
        """Escrow a budget and run `task` at the target every `interval`; the job."""
        receipt = self.write("scheduleJob", target, task, interval, budget_wei, max_runs, key=key)
        return int(self.event(receipt, "JobScheduled")["id"])

    def scheduler_address(self) -> Address:
        return str(self.read("schedulerAddress"))

    def set_run_cap(self, job: int, max_spend_per_run: int, *, key: str | None = None) -> Receipt:
        return self.write("setRunCap", job, max_spend_per_run, key=key)

    def set_scheduler(self, scheduler: Address, *, key: str | None = None) -> Receipt:
        return self.write("setScheduler", scheduler, key=key)

    def task_of(self, job: int) -> bytes:
        return bytes(self.read("taskOf", job))

    def top_up_job(self, job: int, add_wei: int, *, key: str | None = None) -> Receipt:
        return self.write("topUpJob", job, add_wei, key=key)
