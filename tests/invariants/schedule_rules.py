"""The job schedule beside a Python model of it."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from hypothesis.stateful import rule

from tests.contracts.economy import ETHER, SCHEDULE, TREASURY
from tests.invariants.machine import DICE
from tests.invariants.world import World

ACTIVE, PAUSED, CANCELLED, EXHAUSTED = range(4)
END = 2**256 - 1
STALE = 30 * 86_400
SCHEDULER_CALLS = ("recordRun", "recordRun", "recordRun", "completeJob", "scheduleChildJob")
OWNER_CALLS = ("cancelJob", "pauseJob", "resumeJob", "topUpJob", "setRunCap")


@dataclass
class JobModel:
    """One job as the model has it."""

    owner: bytes
    interval: int
    next_run: int
    budget: int
    runs: int
    parent: int = 0
    root: int = 0
    depth: int = 0
    status: int = ACTIVE
    cap: int = 0
    phase: int = 0
    lease_holder: bytes = b""
    lease_until: int = 0

    @property
    def live(self) -> bool:
        return self.status in (ACTIVE, PAUSED)


class ScheduleRules(World):
    """Owners make, pause, feed and end jobs; two schedulers fire them; anyone reaps."""

    def __init__(self) -> None:
        super().__init__()
        self.jobs: dict[int, JobModel] = {}
        self.trees: dict[int, dict[str, int]] = {}
        self.fired: set[tuple[int, int]] = set()
        second = self.actors[5]
        owner = self.economy.owner.address
        self.economy.schedule.send("addScheduler", second, True, sender=owner)
        self.schedulers = (self.economy.scheduler.address, second)

    # -- rules ---------------------------------------------------------------------------------

    @rule(dice=DICE)
    def schedule_step(self, dice: Random) -> None:
        self.time_passes(dice)
        if not self.jobs or dice.random() < 0.2:
            self.make(dice)
        elif dice.random() < 0.55:
            self.schedulers_turn(dice)
        else:
            self.owners_turn(dice)

    def make(self, dice: Random) -> None:
        who = dice.choice(self.actors[:3])
        budget = self.within_purse(who, dice.choice((1, 100, 1_000, ETHER)))
        if budget == 0:
            return
        interval = dice.choice((60, 61, 90, 300, 3_600))
        runs = dice.choice((1, 3, 100, 2_000_000))
        full = self.live_jobs_of(who) >= 32
        receipt = self.attempt(
            self.economy.schedule,
            "scheduleJob",
            1,
            b"tick",
            interval,
            budget,
            runs,
            sender=who,
            expect="TooManyActiveJobs" if full else None,
        )
        if receipt is None:
            return
        id_ = len(self.jobs) + 1
        assert receipt.value == id_
        job = JobModel(who, interval, self.now + interval, budget, min(runs, 1_000_000), root=id_)
        job.phase = job.next_run
        self.jobs[id_] = job
        self.trees[id_] = {"in": budget, "spent": 0, "out": 0}
        self.escrow(who, budget, SCHEDULE)

    def schedulers_turn(self, dice: Random) -> None:
        who = dice.choice(self.schedulers)
        if dice.random() < 0.05:
            who = dice.choice(self.actors[:4])
        name = dice.choice(SCHEDULER_CALLS)
        due = [i for i, j in self.jobs.items() if j.status == ACTIVE and j.next_run <= self.now]
        live = [i for i, j in self.jobs.items() if j.status == ACTIVE]
        good = due if name == "recordRun" else live
        if name == "recordRun" and not due and live:
            self.economy.later(max(1, min(self.jobs[i].next_run for i in live) - self.now))
            good = [i for i in live if self.jobs[i].next_run <= self.now]
        if name == "scheduleChildJob":
            good = [i for i in live if self.jobs[i].depth < 4 and self.jobs[i].budget]
        if not good and dice.random() < 0.8:
            return
        id_ = dice.choice(good) if good and dice.random() < 0.95 else self.any_id(dice)
        if name == "recordRun":
            if dice.random() < 0.2:
                self.lease(dice, who)
            self.fire(dice, id_, who)
        elif name == "completeJob":
            if dice.random() < 0.3:
                self.complete(id_, who)
        else:
            self.spawn(dice, id_, who)

    def owners_turn(self, dice: Random) -> None:
        name = dice.choice(OWNER_CALLS)
        paused = any(job.status == PAUSED for job in self.jobs.values())
        if name == "resumeJob" and not paused and dice.random() < 0.8:
            name = "pauseJob"
        if name == "cancelJob" and dice.random() < 0.5:
            name = "topUpJob"
        wanted = {"resumeJob": (PAUSED,), "pauseJob": (ACTIVE,)}.get(name, (ACTIVE, PAUSED))
        good = [i for i, j in self.jobs.items() if j.status in wanted]
        if not good and dice.random() < 0.7:
            return
        id_ = dice.choice(good) if good and dice.random() < 0.9 else self.any_id(dice)
        job = self.jobs.get(id_)
        who = job.owner if job and dice.random() < 0.95 else dice.choice(self.actors)
        amount = max(1, self.within_purse(who, dice.choice((1, 50, ETHER))))
        if name == "topUpJob" and self.balances[who] == 0:
            return
        if dice.random() < 0.15:
            self.reap(dice)
            return
        args = {"topUpJob": (amount,), "setRunCap": (dice.choice((0, 1, 40, 1_000)),)}.get(name, ())
        expect = self.owner_verdict(name, job, who)
        receipt = self.attempt(self.economy.schedule, name, id_, *args, sender=who, expect=expect)
        if receipt is None or job is None:
            return
        if name == "cancelJob":
            self.close(job, CANCELLED)
        elif name == "pauseJob":
            job.status = PAUSED
        elif name == "resumeJob":
            job.status, job.next_run = ACTIVE, self.now + job.interval
            job.phase = job.next_run
        elif name == "setRunCap":
            job.cap = args[0]
        else:
            job.budget += amount
            self.trees[job.root]["in"] += amount
            self.escrow(who, amount, SCHEDULE)

    def owner_verdict(self, name: str, job: JobModel | None, who: bytes) -> str | None:
        if job is None:
            return "UnknownJob"
        if who != job.owner:
            return "NotJobOwner"
        if name == "setRunCap":
            return None
        if name == "resumeJob":
            return None if job.status == PAUSED else "JobNotPaused"
        if name == "pauseJob":
            return None if job.status == ACTIVE else "JobNotActive"
        return None if job.live else "JobNotActive"

    # -- scheduler calls -----------------------------------------------------------------------

    def fire(self, dice: Random, id_: int, who: bytes) -> None:
        job = self.jobs.get(id_)
        expected = job.next_run if job else 0
        if dice.random() < 0.05:
            expected += 1
        budget = job.budget if job else 1
        cap = job.cap if job and job.cap else budget
        spent = dice.choice((0, min(cap, budget), min(cap, budget // 2), min(cap, budget // 10)))
        if dice.random() < 0.05:
            spent = budget + 1
        expect = self.fire_verdict(job, expected, spent, who)
        receipt = self.attempt(
            self.economy.schedule, "recordRun", id_, expected, spent, sender=who, expect=expect
        )
        if receipt is None or job is None:
            return
        assert (id_, job.next_run) not in self.fired  # S-I6
        self.fired.add((id_, job.next_run))
        job.budget -= spent
        job.runs -= 1
        job.lease_holder, job.lease_until = b"", 0
        self.held[SCHEDULE] -= spent
        self.held[TREASURY] += spent
        self.trees[job.root]["spent"] += spent
        if job.runs == 0 or job.budget < spent:
            assert receipt.value == 0
            self.close(job, EXHAUSTED)
            return
        slot = job.next_run
        job.next_run += job.interval
        if job.next_run <= self.now:
            job.next_run = slot + ((self.now - slot) // job.interval + 1) * job.interval
        assert receipt.value == job.next_run
        assert (job.next_run - job.phase) % job.interval == 0  # S-I5

    def fire_verdict(
        self, job: JobModel | None, expected: int, spent: int, who: bytes
    ) -> str | None:
        if who not in self.schedulers:
            return "NotScheduler"
        if job is None:
            return "UnknownJob"
        if job.status != ACTIVE:
            return "JobNotActive"
        if self.now < job.next_run:
            return "NotDue"
        if expected != job.next_run:
            return "StaleNextRun"
        if spent > job.budget:
            return "SpendExceedsBudget"
        if job.cap and spent > job.cap:
            return "RunCapExceeded"
        leased = job.lease_holder not in (b"", who) and self.now <= job.lease_until
        return "Leased" if leased else None

    def lease(self, dice: Random, who: bytes) -> None:
        ids = [self.any_id(dice) for _ in range(dice.randint(1, 3))]
        ttl = dice.choice((0, 60, 600))
        expect = None if who in self.schedulers else "NotScheduler"
        receipt = self.attempt(
            self.economy.schedule, "leaseJobs", ids, ttl, sender=who, expect=expect
        )
        if receipt is None:
            return
        for id_, taken in zip(ids, receipt.value, strict=True):
            job = self.jobs.get(id_)
            free = job is not None and (
                job.lease_holder in (b"", who) or self.now > job.lease_until
            )
            assert taken == (job is not None and job.status == ACTIVE and free)
            if taken and job is not None:
                job.lease_holder, job.lease_until = who, self.now + ttl

    def complete(self, id_: int, who: bytes) -> None:
        job = self.jobs.get(id_)
        expect = None
        if who not in self.schedulers:
            expect = "NotScheduler"
        elif job is None:
            expect = "UnknownJob"
        elif not job.live:
            expect = "JobNotActive"
        facet = self.economy.schedule
        if self.attempt(facet, "completeJob", id_, sender=who, expect=expect) and job:
            self.close(job, EXHAUSTED)

    def spawn(self, dice: Random, parent_id: int, who: bytes) -> None:
        parent = self.jobs.get(parent_id)
        available = parent.budget if parent else 1
        budget = max(1, dice.choice((1, available // 2, available)))
        if dice.random() < 0.05:
            budget = available + 1
        interval = dice.choice((60, 300))
        expect = self.spawn_verdict(parent, budget, who)
        receipt = self.attempt(
            self.economy.schedule,
            "scheduleChildJob",
            parent_id,
            1,
            b"child",
            interval,
            budget,
            5,
            sender=who,
            expect=expect,
        )
        if receipt is None or parent is None:
            return
        id_ = len(self.jobs) + 1
        assert receipt.value == id_
        parent.budget -= budget
        job = JobModel(parent.owner, interval, self.now + interval, budget, 5)
        job.parent, job.root, job.depth = parent_id, parent.root, parent.depth + 1
        job.cap, job.phase = parent.cap, job.next_run
        self.jobs[id_] = job

    def spawn_verdict(self, parent: JobModel | None, budget: int, who: bytes) -> str | None:
        if who not in self.schedulers:
            return "NotScheduler"
        if parent is None:
            return "UnknownJob"
        if parent.status != ACTIVE:
            return "ParentNotActive"
        if parent.depth >= 4:
            return "MaxDepthExceeded"
        if budget > parent.budget:
            return "InsufficientParentBudget"
        return "TooManyActiveJobs" if self.live_jobs_of(parent.owner) >= 32 else None

    def reap(self, dice: Random) -> None:
        active = [i for i, j in self.jobs.items() if j.status == ACTIVE]
        id_ = dice.choice(active) if active and dice.random() < 0.9 else self.any_id(dice)
        job = self.jobs.get(id_)
        if job and job.status == ACTIVE and dice.random() < 0.7:
            self.economy.later(STALE + 1)
        expect = None
        if job is None:
            expect = "UnknownJob"
        elif job.status != ACTIVE:
            expect = "JobNotActive"
        elif self.now <= job.next_run + STALE:
            expect = "NotStale"
        who = dice.choice(self.actors)
        receipt = self.attempt(self.economy.schedule, "reapJob", id_, sender=who, expect=expect)
        if receipt is not None and job is not None:
            self.close(job, CANCELLED)

    # -- model ---------------------------------------------------------------------------------

    def close(self, job: JobModel, status: int) -> None:
        self.trees[job.root]["out"] += job.budget
        self.release(job.owner, job.budget, SCHEDULE)
        job.status, job.budget, job.next_run = status, 0, 0  # S-I9

    def any_id(self, dice: Random) -> int:
        """Any job, ended ones included, or one that does not exist."""
        return dice.randint(1, len(self.jobs) + 1)

    def live_jobs_of(self, who: bytes) -> int:
        return sum(j.owner == who and j.live for j in self.jobs.values())

    def check(self) -> None:
        super().check()
        facet = self.economy.schedule
        live = sum(j.budget for j in self.jobs.values() if j.live)
        assert self.held[SCHEDULE] == live  # S-I1
        for root, money in self.trees.items():  # S-I2
            tree = sum(j.budget for j in self.jobs.values() if j.root == root and j.live)
            assert money["in"] == tree + money["spent"] + money["out"]
        for owner in self.actors[:3]:
            assert facet.call("activeJobsOf", owner) == self.live_jobs_of(owner) <= 32  # S-I4
        assert max((j.depth for j in self.jobs.values()), default=0) <= 4  # S-I7
        self.check_due()
        for id_, job in list(self.jobs.items())[-8:]:
            view = (job.owner, job.interval, job.status, job.next_run, job.budget, job.runs, 1)
            assert facet.call("getJob", id_) == view
            assert facet.call("childMetaOf", id_) == (job.parent, job.depth, job.root)
            assert facet.call("runCapOf", id_) == job.cap

    def check_due(self) -> None:
        """S-I3 and S-I8: now and far ahead, paged, each job once, oldest minute first."""
        facet = self.economy.schedule
        active = {i: j.next_run for i, j in self.jobs.items() if j.status == ACTIVE}
        assert facet.call("dueCount", 2**40, 10_000) == len(active)
        for limit in (3, 200):
            cursor, ids = 0, []
            while cursor != END:
                page, cursor = facet.call("jobsDue", cursor, limit)
                ids += page
            assert len(ids) == len(set(ids))
            assert set(ids) == {i for i, slot in active.items() if slot <= self.now}
            minutes = [active[i] // 60 for i in ids]
            assert minutes == sorted(minutes)
