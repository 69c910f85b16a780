"""The job schedule, function by function."""

from __future__ import annotations

import pytest

from tests.contracts.calls import reverts
from tests.contracts.counterparts.dollars import each_currency
from tests.contracts.economy import ETHER, TREASURY, ZERO, Economy, bare
from tests.contracts.market.calendar import (
    ACTIVE,
    CANCELLED,
    DAY,
    EXHAUSTED,
    MINUTE,
    PAUSED,
    Calendar,
)

currency = each_currency

YEAR = 365 * DAY


def test_scheduling_escrows_the_budget(calendar: Calendar) -> None:
    economy, now = calendar.economy, calendar.economy.now
    before = economy.balance(calendar.owner)
    args = (calendar.target, b"tick", 300, 2 * ETHER, 7)
    receipt = calendar.send("scheduleJob", *args)
    assert receipt.value == 1 == calendar.facet.call("jobCount")
    assert receipt.only("JobScheduled") == {
        "id": 1,
        "owner": calendar.owner,
        "targetId": calendar.target,
        "interval": 300,
        "budgetWei": 2 * ETHER,
        "nextRun": now + 300,
    }
    assert before - economy.balance(calendar.owner) == 2 * ETHER == calendar.escrow()
    expected = (calendar.owner, 300, ACTIVE, now + 300, 2 * ETHER, 7, calendar.target)
    assert calendar.job(1) == expected
    assert calendar.facet.call("taskOf", 1) == b"tick"
    assert calendar.facet.call("jobsOf", calendar.owner) == (1,)
    assert calendar.facet.call("childMetaOf", 1) == (0, 0, 1)
    assert calendar.facet.call("lastRunOf", 1) == (0, 0)
    assert calendar.live() == 1 == calendar.facet.call("activeJobCountOf", calendar.owner)


def test_scheduling_refusals_in_order(calendar: Calendar) -> None:
    def make(target: int, size: int, interval: int, budget: int, runs: int) -> None:
        calendar.send("scheduleJob", target, b"x" * size, interval, budget, runs)

    known, big = calendar.target, 8_193
    with reverts("ZeroBudget"):
        make(99, big, 0, 0, 0)
    for interval in (0, 59):
        with reverts("ZeroInterval"):
            make(99, big, interval, 1, 0)
    for interval in (YEAR + 1, 2**64 - 1):  # S-A9
        with reverts("BadInterval"):
            make(99, big, interval, 1, 0)
    with reverts("ZeroRuns"):
        make(99, big, 60, 1, 0)
    with reverts("CastOverflow"):
        make(known, 1, 60, 2**96, 1)
    with reverts("TaskTooLarge"):
        make(99, big, 60, 1, 1)
    with reverts("UnregisteredTarget"):
        make(99, 8_192, 60, 1, 1)
    make(known, 8_192, 60, 1, 1)
    make(known, 0, YEAR, 1, 1)


def test_scheduling_needs_a_token() -> None:
    economy = bare()
    bob = economy.address("bob")
    economy.registry.send("register", "target", sender=bob)
    with reverts("NotConfigured"):
        economy.schedule.send("scheduleJob", 1, b"", 60, 1, 1, sender=bob)


def test_runs_are_clamped(calendar: Calendar) -> None:
    assert calendar.job(calendar.make(runs=2**32 - 1)).runs_left == 1_000_000
    assert calendar.job(calendar.make(runs=1_000_000)).runs_left == 1_000_000


def test_at_most_32_live_jobs(calendar: Calendar) -> None:
    ids = [calendar.make(1) for _ in range(32)]
    with reverts("TooManyActiveJobs"):
        calendar.make(1)
    calendar.make(1, owner=calendar.stranger)
    calendar.send("pauseJob", ids[0])  # paused is live
    with reverts("TooManyActiveJobs"):
        calendar.make(1)
    calendar.send("cancelJob", ids[0])
    calendar.make(1)


def test_nothing_is_known_about_unknown_jobs(calendar: Calendar) -> None:
    for name in ("getJob", "taskOf", "childMetaOf"):
        for id_ in (0, 1):
            with reverts("UnknownJob"):
                calendar.facet.call(name, id_)
    for name, args in {
        "cancelJob": (),
        "pauseJob": (),
        "resumeJob": (),
        "topUpJob": (1,),
        "setRunCap": (1,),
        "reapJob": (),
    }.items():
        with reverts("UnknownJob"):
            calendar.send(name, 1, *args)
    for name, args in {"recordRun": (0, 0), "completeJob": ()}.items():
        with reverts("UnknownJob"):
            calendar.send(name, 1, *args, sender=calendar.scheduler)


def test_only_schedulers_fire(calendar: Calendar) -> None:
    id_ = calendar.make()
    calendar.economy.later(MINUTE)
    slot = calendar.job(id_).next_run
    calls = {
        "recordRun": (id_, slot, 1),
        "recordRuns": ([id_], [slot], [1]),
        "completeJob": (id_,),
        "leaseJobs": ([id_], 60),
        "scheduleChildJob": (id_, calendar.target, b"", 60, 1, 1),
    }
    outsiders = (calendar.owner, calendar.stranger, calendar.economy.owner.address)
    for name, args in calls.items():
        for sender in outsiders:  # the diamond owner is no scheduler either
            with reverts("NotScheduler"):
                calendar.send(name, *args, sender=sender)


def test_a_fire_debits_into_the_treasury(calendar: Calendar) -> None:
    id_ = calendar.make(budget=100, interval=300, runs=5)
    start = calendar.economy.now
    calendar.economy.later(300)
    receipt = calendar.fire(id_, 30)
    assert receipt.value == start + 600
    assert receipt.only("JobRan") == {
        "id": id_,
        "runsLeft": 4,
        "spentWei": 30,
        "nextRun": start + 600,
        "status": ACTIVE,
    }
    job = calendar.job(id_)
    assert (job.budget, job.runs_left, job.next_run) == (70, 4, start + 600)
    assert (calendar.escrow(), calendar.economy.held(TREASURY)) == (70, 30)
    assert calendar.facet.call("lastRunOf", id_) == (start + 300, ACTIVE)


def test_a_fire_that_costs_nothing_still_consumes_a_run_s_a13(calendar: Calendar) -> None:
    id_ = calendar.make(budget=100, runs=2)
    for left in (1, 0):
        calendar.economy.later(MINUTE)
        assert calendar.fire(id_, 0).only("JobRan")["runsLeft"] == left
    assert (calendar.job(id_).status, calendar.economy.held(TREASURY)) == (EXHAUSTED, 0)


@pytest.mark.parametrize(
    ("budget", "spent", "runs", "ends"),
    [
        (100, 50, 9, False),  # exactly one more of the same
        (100, 51, 9, True),  # not again
        (100, 100, 9, True),
        (100, 1, 1, True),  # the last run
        (100, 0, 9, False),
        (99, 49, 2, False),
    ],
)
def test_when_a_job_ends(
    calendar: Calendar, budget: int, spent: int, runs: int, ends: bool
) -> None:
    id_ = calendar.make(budget, runs=runs)
    economy = calendar.economy
    economy.later(MINUTE)
    before = economy.balance(calendar.owner)
    receipt = calendar.fire(id_, spent)
    if not ends:
        assert calendar.job(id_).status == ACTIVE
        return
    assert receipt.value == 0
    assert receipt.only("JobRan")["status"] == EXHAUSTED
    assert receipt.only("JobExhausted") == {"id": id_, "refund": budget - spent}
    assert economy.balance(calendar.owner) - before == budget - spent
    job = calendar.job(id_)
    assert (job.status, job.budget, job.next_run) == (EXHAUSTED, 0, 0)  # S-I9
    assert (calendar.escrow(), calendar.live(), calendar.due()) == (0, 0, [])
    assert calendar.facet.call("lastRunOf", id_)[1] == EXHAUSTED
    assert not calendar.facet.call("completedGoal", id_)


def test_fire_refusals_in_order(calendar: Calendar) -> None:
    id_ = calendar.make(budget=100)
    slot = calendar.job(id_).next_run
    calendar.send("setRunCap", id_, 10)
    other = calendar.economy.address("dave")
    calendar.send("addScheduler", other, True, sender=calendar.economy.owner.address)
    calendar.send("leaseJobs", [id_], 600, sender=other)
    with reverts("NotDue"):
        calendar.fire(id_, 101, expected=slot + 1)
    calendar.economy.later(MINUTE)
    with reverts("StaleNextRun"):
        calendar.fire(id_, 101, expected=slot + 1)
    with reverts("SpendExceedsBudget"):
        calendar.fire(id_, 101)
    with reverts("RunCapExceeded"):
        calendar.fire(id_, 11)
    with reverts("Leased"):
        calendar.fire(id_, 10)
    calendar.fire(id_, 10, sender=other)
    calendar.send("pauseJob", id_)
    with reverts("JobNotActive"):
        calendar.fire(id_, 101, expected=0)


@pytest.mark.parametrize(("early", "works"), [(1, False), (0, True), (-1, True)])
def test_due_from_the_second_itself_s_a12(calendar: Calendar, early: int, works: bool) -> None:
    id_ = calendar.make(interval=300)
    calendar.economy.later(300 - early)
    assert calendar.due() == ([id_] if works else [])
    if works:
        calendar.fire(id_)
    else:
        with reverts("NotDue"):
            calendar.fire(id_)


@pytest.mark.parametrize("late", [0, 1, 299, 300, 301, 599, 600, 12_345, 10 * DAY])
def test_the_grid_is_kept_after_an_outage_s_i5(calendar: Calendar, late: int) -> None:
    interval = 300
    id_ = calendar.make(interval=interval)
    first = calendar.job(id_).next_run
    calendar.economy.later(interval + late)
    following = calendar.fire(id_).value
    now = calendar.economy.now
    assert following > now
    assert following - now <= interval
    assert (following - first) % interval == 0
    with reverts("NotDue"):  # one fire, not a burst
        calendar.fire(id_)


def test_many_fires_at_once(calendar: Calendar) -> None:
    economy = calendar.economy
    ids = [calendar.make(budget=100, runs=1 if n == 1 else 9) for n in range(4)]
    slot = calendar.job(ids[0]).next_run
    economy.later(MINUTE)
    calendar.send("pauseJob", ids[2])
    args = ([*ids, 99, ids[0]], [slot] * 6, [10, 10, 10, 101, 1, 10])
    receipt = calendar.send("recordRuns", *args, sender=calendar.scheduler)
    assert receipt.value == (slot + MINUTE, 0, 0, 0, 0, 0)
    assert receipt.names() == ["JobRan", "JobRan", "JobExhausted"]
    assert [calendar.job(id_).budget for id_ in ids] == [90, 0, 100, 100]
    with reverts("BatchTooLarge", 32):
        calendar.send("recordRuns", [1] * 33, [0] * 33, [0] * 33, sender=calendar.scheduler)
    for lengths in ((2, 1, 2), (2, 2, 1)):
        with reverts("LengthMismatch"):
            batch = ([1] * lengths[0], [0] * lengths[1], [0] * lengths[2])
            calendar.send("recordRuns", *batch, sender=calendar.scheduler)


def test_a_goal_met_refunds_the_rest(calendar: Calendar) -> None:
    economy = calendar.economy
    id_ = calendar.make(budget=100)
    economy.later(MINUTE)
    calendar.fire(id_, 30)
    before = economy.balance(calendar.owner)
    receipt = calendar.send("completeJob", id_, sender=calendar.scheduler)
    assert receipt.only("JobCompleted") == {"id": id_, "refund": 70}
    assert economy.balance(calendar.owner) - before == 70
    assert (calendar.job(id_).status, calendar.escrow(), calendar.live()) == (EXHAUSTED, 0, 0)
    assert calendar.facet.call("completedGoal", id_)
    with reverts("JobNotActive"):
        calendar.send("completeJob", id_, sender=calendar.scheduler)
    paused = calendar.make()
    calendar.send("pauseJob", paused)
    calendar.send("completeJob", paused, sender=calendar.scheduler)


def test_owner_functions_are_the_owners(calendar: Calendar) -> None:
    id_ = calendar.make()
    calls = {
        "cancelJob": (),
        "pauseJob": (),
        "resumeJob": (),
        "topUpJob": (1,),
        "setRunCap": (1,),
    }
    for name, args in calls.items():
        for sender in (calendar.stranger, calendar.scheduler, calendar.economy.owner.address):
            with reverts("NotJobOwner"):
                calendar.send(name, id_, *args, sender=sender)


def test_cancelling(calendar: Calendar) -> None:
    economy = calendar.economy
    active, paused = calendar.make(100), calendar.make(50)
    calendar.send("pauseJob", paused)
    before = economy.balance(calendar.owner)
    receipt = calendar.send("cancelJob", active)
    assert receipt.only("JobCancelled") == {"id": active, "refund": 100}
    calendar.send("cancelJob", paused)
    assert economy.balance(calendar.owner) - before == 150
    assert (calendar.escrow(), calendar.live()) == (0, 0)
    for job in (calendar.job(active), calendar.job(paused)):
        assert (job.status, job.budget, job.next_run) == (CANCELLED, 0, 0)
    with reverts("JobNotActive"):
        calendar.send("cancelJob", active)


def test_pause_and_resume(calendar: Calendar) -> None:
    economy = calendar.economy
    id_ = calendar.make(interval=300)
    with reverts("JobNotPaused"):
        calendar.send("resumeJob", id_)
    assert calendar.send("pauseJob", id_).only("JobPaused") == {"id": id_}
    assert calendar.job(id_).status == PAUSED
    with reverts("JobNotActive"):
        calendar.send("pauseJob", id_)
    economy.later(1_000)
    assert calendar.due() == []
    receipt = calendar.send("resumeJob", id_)
    assert receipt.only("JobResumed") == {"id": id_, "nextRun": economy.now + 300}
    assert calendar.job(id_).next_run == economy.now + 300
    assert calendar.job(id_).status == ACTIVE
    economy.later(300)
    assert calendar.due() == [id_]
    calendar.fire(id_)
    calendar.send("cancelJob", id_)
    for name, error in (("pauseJob", "JobNotActive"), ("resumeJob", "JobNotPaused")):
        with reverts(error):
            calendar.send(name, id_)


def test_topping_up(calendar: Calendar) -> None:
    id_ = calendar.make(100)
    with reverts("ZeroBudget"):
        calendar.send("topUpJob", 99, 0)
    with reverts("CastOverflow"):  # the sum no longer fits 96 bits
        calendar.send("topUpJob", id_, 2**96 - 100)
    receipt = calendar.send("topUpJob", id_, 11)
    assert receipt.only("JobToppedUp") == {"id": id_, "addWei": 11, "newBudget": 111}
    assert (calendar.escrow(), calendar.job(id_).budget) == (111, 111)
    calendar.send("pauseJob", id_)
    calendar.send("topUpJob", id_, 1)
    calendar.send("cancelJob", id_)
    with reverts("JobNotActive"):
        calendar.send("topUpJob", id_, 1)


def test_run_cap(calendar: Calendar) -> None:
    id_ = calendar.make(100)
    receipt = calendar.send("setRunCap", id_, 7)
    assert receipt.only("RunCapSet") == {"id": id_, "maxSpendPerRun": 7}
    assert calendar.facet.call("runCapOf", id_) == 7
    calendar.economy.later(MINUTE)
    with reverts("RunCapExceeded"):
        calendar.fire(id_, 8)
    calendar.fire(id_, 7)
    calendar.send("setRunCap", id_, 0)
    calendar.economy.later(MINUTE)
    calendar.fire(id_, 90)


def test_children_draw_on_the_parents_budget(calendar: Calendar) -> None:
    parent = calendar.make(100)
    calendar.send("setRunCap", parent, 7)
    before = calendar.economy.balance(calendar.owner)
    receipt = calendar.child(parent, 40, interval=120, runs=3)
    child = receipt.value
    assert receipt.names() == ["JobScheduled", "ChildJobScheduled"]
    assert receipt.only("ChildJobScheduled") == {
        "id": child,
        "parentId": parent,
        "rootId": parent,
        "depth": 1,
        "budgetWei": 40,
    }
    assert calendar.economy.balance(calendar.owner) == before
    assert (calendar.job(parent).budget, calendar.job(child).budget) == (60, 40)
    assert (calendar.escrow(), calendar.job(child).owner) == (100, calendar.owner)
    assert calendar.facet.call("childMetaOf", child) == (parent, 1, parent)
    assert calendar.facet.call("runCapOf", child) == 7  # as tightly capped as its parent
    assert (calendar.live(), calendar.facet.call("jobsOf", calendar.owner)) == (2, (1, 2))


def test_children_are_at_most_four_deep_s_i7(calendar: Calendar) -> None:
    current = root = calendar.make(100)
    for depth in range(1, 5):
        current = calendar.child(current, 50 - 10 * depth).value
        assert calendar.facet.call("childMetaOf", current)[1:] == (depth, root)
    with reverts("MaxDepthExceeded"):
        calendar.child(current, 1)


def test_child_refusals_in_order(calendar: Calendar) -> None:
    parent = calendar.make(100)

    def child(parent: int, target: int, size: int, interval: int, budget: int, runs: int) -> None:
        args = (parent, target, b"x" * size, interval, budget, runs)
        calendar.send("scheduleChildJob", *args, sender=calendar.scheduler)

    known = calendar.target
    with reverts("ZeroBudget"):
        child(99, 99, 8_193, 0, 0, 0)
    with reverts("ZeroInterval"):
        child(99, 99, 8_193, 59, 1, 0)
    with reverts("BadInterval"):
        child(99, 99, 8_193, YEAR + 1, 1, 0)
    with reverts("ZeroRuns"):
        child(99, 99, 8_193, 60, 1, 0)
    with reverts("TaskTooLarge"):
        child(99, 99, 8_193, 60, 1, 1)
    with reverts("UnregisteredTarget"):
        child(99, 99, 0, 60, 1, 1)
    with reverts("UnknownJob"):
        child(99, known, 0, 60, 1, 1)
    with reverts("InsufficientParentBudget"):
        child(parent, known, 0, 60, 101, 1)
    calendar.send("pauseJob", parent)
    with reverts("ParentNotActive"):
        child(parent, known, 0, 60, 101, 1)


@pytest.mark.parametrize(("late", "works"), [(-1, False), (0, False), (1, True)])
def test_reaping_a_forgotten_job(calendar: Calendar, late: int, works: bool) -> None:
    id_ = calendar.make(100)
    calendar.economy.later(MINUTE + 30 * DAY + late)
    if not works:
        with reverts("NotStale"):
            calendar.send("reapJob", id_, sender=calendar.stranger)
        return
    before = calendar.economy.balance(calendar.owner)
    receipt = calendar.send("reapJob", id_, sender=calendar.stranger)
    assert receipt.only("JobReaped") == {"id": id_, "refund": 100}
    assert calendar.economy.balance(calendar.owner) - before == 100
    assert (calendar.job(id_).status, calendar.due(), calendar.live()) == (CANCELLED, [], 0)
    with reverts("JobNotActive"):
        calendar.send("reapJob", id_, sender=calendar.stranger)


def test_paused_jobs_are_not_forgotten(calendar: Calendar) -> None:
    id_ = calendar.make(100)
    calendar.send("pauseJob", id_)
    calendar.economy.later(400 * DAY)
    with reverts("JobNotActive"):
        calendar.send("reapJob", id_, sender=calendar.stranger)


def test_leases(calendar: Calendar) -> None:
    economy, owner = calendar.economy, calendar.economy.owner.address
    other = economy.address("dave")
    calendar.send("addScheduler", other, True, sender=owner)
    first, second, gone = calendar.make(), calendar.make(), calendar.make()
    calendar.send("cancelJob", gone)
    receipt = calendar.send("leaseJobs", [first, gone, 99], 600, sender=calendar.scheduler)
    assert receipt.value == (True, False, False)
    expected = {"id": first, "holder": calendar.scheduler, "until": economy.now + 600}
    assert receipt.only("JobLeased") == expected
    assert calendar.facet.call("leaseOf", first) == (calendar.scheduler, economy.now + 600)
    taken = calendar.send("leaseJobs", [first, second], 600, sender=other).value
    assert taken == (False, True)
    # The holder extends its own.
    assert calendar.send("leaseJobs", [first], 600, sender=calendar.scheduler).value == (True,)
    with reverts("BadLease"):
        calendar.send("leaseJobs", [first] * 33, 601, sender=other)
    with reverts("BatchTooLarge", 32):
        calendar.send("leaseJobs", [first] * 33, 600, sender=other)
    economy.later(MINUTE)
    with reverts("Leased"):
        calendar.fire(first, sender=other)
    calendar.fire(first)
    assert calendar.facet.call("leaseOf", first) == (ZERO, 0)  # cleared by the fire
    economy.later(MINUTE)
    calendar.fire(first, sender=other)


@pytest.mark.parametrize(("late", "works"), [(-1, False), (0, False), (1, True)])
def test_a_lease_holds_through_its_last_second(calendar: Calendar, late: int, works: bool) -> None:
    economy = calendar.economy
    other = economy.address("dave")
    calendar.send("addScheduler", other, True, sender=economy.owner.address)
    id_ = calendar.make()
    calendar.send("leaseJobs", [id_], 600, sender=calendar.scheduler)
    until = economy.now + 600
    calendar.send("setRunCap", id_, 5)
    calendar.send("setRunCap", id_, 0)  # an owner who lifts a cap lifts no lease
    economy.later(600 + late)
    left = (ZERO, 0) if works else (calendar.scheduler, until)
    assert calendar.facet.call("leaseOf", id_) == left
    assert calendar.send("leaseJobs", [id_], 0, sender=other).value == (works,)
    if works:
        calendar.fire(id_, sender=other)
    else:
        with reverts("Leased"):
            calendar.fire(id_, sender=other)


def test_scheduler_roles(calendar: Calendar, economy: Economy) -> None:
    owner, dave = economy.owner.address, economy.address("dave")
    for name, args in {"setScheduler": (dave,), "addScheduler": (dave, True)}.items():
        for sender in (calendar.owner, calendar.scheduler):
            with reverts("NotOwner"):
                calendar.send(name, *args, sender=sender)
    with reverts("ZeroAddress"):
        calendar.send("addScheduler", ZERO, True, sender=owner)
    receipt = calendar.send("addScheduler", dave, True, sender=owner)
    assert receipt.only("SchedulerSet") == {"scheduler": dave, "allowed": True}
    assert calendar.facet.call("isScheduler", dave)
    assert calendar.facet.call("schedulerAddress") == calendar.scheduler
    calendar.send("addScheduler", dave, False, sender=owner)
    assert not calendar.facet.call("isScheduler", dave)
    receipt = calendar.send("setScheduler", dave, sender=owner)
    assert receipt.only("SchedulerUpdated") == {"scheduler": dave}
    assert calendar.facet.call("isScheduler", dave)
    assert not calendar.facet.call("isScheduler", calendar.scheduler)
    assert not calendar.facet.call("isScheduler", owner)
    calendar.send("setScheduler", ZERO, sender=owner)
    with reverts("NotScheduler"):
        calendar.send("leaseJobs", [], 0, sender=dave)


def test_an_owners_list_is_paged(calendar: Calendar) -> None:
    ids = tuple(calendar.make(1) for _ in range(10))
    for id_ in ids[:3]:
        calendar.send("cancelJob", id_)
    assert calendar.facet.call("jobsOf", calendar.owner) == ids  # history, not only the living
    assert calendar.facet.call("jobsOfPage", calendar.owner, 0, 4) == (ids[:4], 4)
    assert calendar.facet.call("jobsOfPage", calendar.owner, 4, 200) == (ids[4:], 10)
    assert calendar.facet.call("jobsOfPage", calendar.owner, 10, 4) == ((), 10)
