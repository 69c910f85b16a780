"""One test per attack on the schedule."""

from __future__ import annotations

from tests.contracts.calls import reverts
from tests.contracts.economy import ETHER, OWED, SCHEDULE, TREASURY
from tests.contracts.market.calendar import (
    ACTIVE,
    CANCELLED,
    DAY,
    EXHAUSTED,
    HOUR,
    MINUTE,
    Calendar,
)


def test_two_workers_fire_once_s_a1_s_i6(calendar: Calendar) -> None:
    economy = calendar.economy
    other = economy.address("dave")
    calendar.send("addScheduler", other, True, sender=economy.owner.address)
    id_ = calendar.make(100)
    economy.later(MINUTE)
    slot = calendar.job(id_).next_run
    calendar.fire(id_, 10, expected=slot)
    with reverts("NotDue"):
        calendar.fire(id_, 10, expected=slot, sender=other)
    economy.later(MINUTE)  # due again, but the second worker still believes in the old slot
    with reverts("StaleNextRun"):
        calendar.fire(id_, 10, expected=slot, sender=other)
    assert economy.held(TREASURY) == 10


def test_over_debits_s_a2(calendar: Calendar) -> None:
    id_ = calendar.make(100)
    for _ in range(2):
        calendar.economy.later(MINUTE)
        calendar.fire(id_, 40)
    job = calendar.job(id_)
    assert (job.status, job.budget) == (EXHAUSTED, 0)
    calendar.economy.later(MINUTE)
    with reverts("JobNotActive"):
        calendar.fire(id_, 1, expected=0)
    cancelled = calendar.make(100)
    calendar.send("cancelJob", cancelled)
    with reverts("JobNotActive"):
        calendar.fire(cancelled, 1, expected=0)
    assert (calendar.escrow(), calendar.economy.held(TREASURY)) == (0, 80)


def test_reentrant_refund_then_a_child_of_the_dead_s_a3(calendar: Calendar) -> None:
    economy = calendar.economy
    token = economy.bound("HostileToken", economy.create("HostileToken"))
    owner = economy.owner.address
    economy.credits_facet.send("setCreditsToken", token.address, sender=owner)
    token.send("mint", calendar.owner, 1_000, sender=owner)
    token.send("approve", economy.diamond, 1_000, sender=calendar.owner)
    calendar.send("addScheduler", token.address, True, sender=owner)
    id_ = calendar.make(100)
    calendar.make(100)
    spawn = calendar.facet.data("scheduleChildJob", id_, calendar.target, b"", 60, 50, 1)
    token.send("setReentry", economy.diamond, spawn, sender=owner)
    token.send("setMode", 6, sender=owner)
    calendar.send("cancelJob", id_)
    _, ok, answer = token.call("reentry")
    assert (ok, calendar.facet.interface.error(answer)[0]) == (False, "Reentrancy")
    with reverts("ParentNotActive"):  # and afterwards the parent has nothing to give
        calendar.child(id_, 1)
    assert economy.held(SCHEDULE, token.address) == 100


def test_children_count_against_the_owners_cap_s_a4(calendar: Calendar) -> None:
    parent = calendar.make(100)
    for _ in range(31):
        calendar.child(parent, 1)
    assert calendar.live() == 32
    with reverts("TooManyActiveJobs"):
        calendar.child(parent, 1)
    with reverts("TooManyActiveJobs"):
        calendar.make(1)
    assert calendar.job(parent).budget == 69


def test_a_child_cannot_take_more_than_there_is_s_a5(calendar: Calendar) -> None:
    parent = calendar.make(100)
    with reverts("InsufficientParentBudget"):
        calendar.child(parent, 101)
    child = calendar.child(parent, 100).value
    assert (calendar.job(parent).budget, calendar.job(parent).status) == (0, ACTIVE)
    with reverts("InsufficientParentBudget"):
        calendar.child(parent, 1)
    calendar.economy.later(MINUTE)
    with reverts("SpendExceedsBudget"):
        calendar.fire(parent, 1)
    calendar.fire(parent, 0)  # an empty job may still run for free
    refund = calendar.send("cancelJob", parent).only("JobCancelled")["refund"]
    assert (refund, calendar.escrow(), calendar.job(child).budget) == (0, 100, 100)


def test_intervals_that_would_overflow_s_a9(calendar: Calendar) -> None:
    for interval in (2**64 - 1, 2**63, 365 * DAY + 1):
        with reverts("BadInterval"):
            calendar.make(interval=interval)


def test_no_ghost_job_when_the_pull_fails_s_a10(calendar: Calendar) -> None:
    economy = calendar.economy
    economy.credits.send("approve", economy.diamond, 99, sender=calendar.owner)
    before = economy.evm.storage(economy.diamond)
    with reverts("TokenCallFailed", economy.credits.address):
        calendar.make(100)
    assert economy.evm.storage(economy.diamond) == before
    economy.later(HOUR)
    assert (calendar.facet.call("jobCount"), calendar.live(), calendar.due()) == (0, 0, [])
    id_ = calendar.make(99)
    economy.credits.send("approve", economy.diamond, 0, sender=calendar.owner)
    with reverts("TokenCallFailed", economy.credits.address):
        calendar.send("topUpJob", id_, 1)
    assert (calendar.job(id_).budget, calendar.escrow()) == (99, 99)


def test_a_stolen_scheduler_key_is_bounded_by_the_caps_s_a11(calendar: Calendar) -> None:
    """The thief fires everything it can for an hour; it can neither exceed caps nor redirect."""
    economy = calendar.economy
    thief = calendar.scheduler
    capped, open_ended = calendar.make(10_000, interval=600), calendar.make(50, interval=600)
    calendar.send("setRunCap", capped, 100)
    before = economy.balance(calendar.owner), economy.balance(thief)
    child = calendar.child(capped, 5_000).value  # an attempt to leave the cap behind
    for _ in range(60):
        economy.later(MINUTE)
        for id_ in (capped, open_ended, child):
            job = calendar.job(id_)
            if job.status != ACTIVE or job.next_run > economy.now:
                continue
            cap = calendar.facet.call("runCapOf", id_)
            spend = min(cap, job.budget) if cap else job.budget
            if cap and job.budget > cap:
                with reverts("RunCapExceeded"):
                    calendar.fire(id_, cap + 1)
            calendar.fire(id_, spend)
    taken = economy.held(TREASURY)
    # Six slots of the capped job, the whole uncapped budget, fifty of the child's sixty slots.
    assert taken == 6 * 100 + 50 + 50 * 100
    assert economy.balance(thief) == before[1]
    assert economy.balance(calendar.owner) == before[0]
    refund = calendar.send("cancelJob", capped).only("JobCancelled")["refund"]
    assert (refund, calendar.escrow()) == (5_000 - 600, 0)


def test_a_lease_does_not_wear_off_a_cap_s_a11(calendar: Calendar) -> None:
    """A fire ends the lease of a job; what a single run may cost stays."""
    id_ = calendar.make(1_000)
    calendar.send("setRunCap", id_, 10)
    for _ in range(2):
        calendar.send("leaseJobs", [id_], 600, sender=calendar.scheduler)
        calendar.economy.later(MINUTE)
        with reverts("RunCapExceeded"):
            calendar.fire(id_, 11)
        calendar.fire(id_, 10)
    calendar.economy.later(MINUTE)
    with reverts("RunCapExceeded"):
        calendar.fire(id_, 11)


def test_the_target_disappears_s_a14(calendar: Calendar) -> None:
    economy = calendar.economy
    id_ = calendar.make(100)
    economy.add_facet("BurnFacet").send("burn", calendar.target, sender=calendar.stranger)
    economy.later(MINUTE)
    calendar.fire(id_, 10)
    with reverts("UnregisteredTarget"):
        calendar.make(100)
    calendar.send("cancelJob", id_)
    assert (calendar.job(id_).status, calendar.escrow()) == (CANCELLED, 0)


def test_a_blocked_owner_cannot_freeze_the_end_of_a_job(calendar: Calendar) -> None:
    economy = calendar.economy
    token = economy.bound("HostileToken", economy.create("HostileToken"))
    owner = economy.owner.address
    economy.credits_facet.send("setCreditsToken", token.address, sender=owner)
    token.send("mint", calendar.owner, 1_000, sender=owner)
    token.send("approve", economy.diamond, 1_000, sender=calendar.owner)
    ids = [calendar.make(100, runs=1) for _ in range(3)]
    token.send("setBlocked", calendar.owner, sender=owner)
    token.send("setMode", 7, sender=owner)
    with reverts("TokenCallFailed", token.address):  # its own withdrawal may wait
        calendar.send("cancelJob", ids[0])
    economy.later(MINUTE)
    assert calendar.fire(ids[0], 10).names() == ["JobRan", "Owed", "JobExhausted"]
    receipt = calendar.send("completeJob", ids[1], sender=calendar.scheduler)
    assert receipt.names() == ["Owed", "JobCompleted"]
    economy.later(31 * DAY)
    receipt = calendar.send("reapJob", ids[2], sender=calendar.stranger)
    assert receipt.names() == ["Owed", "JobReaped"]
    assert economy.treasury.call("owedOf", token.address, calendar.owner) == 90 + 100 + 100
    assert (economy.held(SCHEDULE, token.address), economy.held(OWED, token.address)) == (0, 290)


def test_a_tree_conserves_its_money_s_i2(calendar: Calendar) -> None:
    economy = calendar.economy
    before = economy.balance(calendar.owner)
    root = calendar.make(10 * ETHER, runs=3)
    calendar.send("topUpJob", root, ETHER)
    child = calendar.child(root, 4 * ETHER).value
    grandchild = calendar.child(child, ETHER).value
    economy.later(MINUTE)
    for id_, spent in ((root, ETHER), (child, ETHER // 2), (grandchild, ETHER // 4)):
        calendar.fire(id_, spent)
    calendar.send("completeJob", child, sender=calendar.scheduler)
    calendar.send("cancelJob", root)
    live = calendar.job(grandchild).budget
    spent_total = economy.held(TREASURY)
    assert live == calendar.escrow() == ETHER - ETHER // 4
    refunded = 11 * ETHER - spent_total - live
    assert economy.balance(calendar.owner) == before - 11 * ETHER + refunded
