"""Ticks against the real schedule: what is fired, what it costs, what happens when things go wrong."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from harness.chain.anvil import Anvil, anvil_available
from harness.chain.journal import MemoryJournal
from harness.chain.keys import LocalSigner
from harness.chain.outbox import Outbox
from harness.diamond.book import AddressBook
from harness.diamond.economy import Economy, Options, deploy
from harness.diamond.schedule import ACTIVE, EXHAUSTED, Job
from harness.diamond.tokens import FwCredits, FwUsd
from harness.errors import ConfigError, StateLocked
from harness.protocol.addresses import checksum
from harness.protocol.runs import RunState
from harness.services.keeper.queue import DueJob, in_turn
from harness.services.keeper.runner import Result, Work
from harness.services.keeper.tick import Outcome
from tests.harness.contracts import everything

from .keeper_world import (
    FIRE,
    INTERVAL,
    LH,
    OTHER_SCHEDULER,
    SCHEDULER,
    Notebook,
    World,
)


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Anvil, Economy]]:
    if not anvil_available():
        pytest.skip("anvil is not installed")
    with Anvil() as anvil:
        owner = Outbox(anvil.chain, LocalSigner.from_phrase("keeper tests: owner"), MemoryJournal())
        anvil.chain.set_balance(owner.address, 1000 * LH)
        book = AddressBook.of(anvil.chain, tmp_path_factory.mktemp("deployments"))
        options = Options(scheduler=SCHEDULER.address, issuers=(owner.address,))
        yield anvil, deploy(anvil.chain, owner, everything(), book, options)


@pytest.fixture
def world(deployed: tuple[Anvil, Economy], tmp_path: Path) -> Iterator[World]:
    anvil, economy = deployed
    mark = anvil.chain.snapshot()
    anvil.chain.set_balance(SCHEDULER.address, LH)
    anvil.chain.set_balance(OTHER_SCHEDULER.address, LH)
    owner = Outbox(anvil.chain, LocalSigner.from_phrase("keeper tests: owner"), MemoryJournal())
    yield World(
        anvil,
        replace(
            economy,
            diamond=economy.diamond.by(owner),
            credits=FwCredits(anvil.chain, economy.credits.address, owner),
            dollar=FwUsd(anvil.chain, economy.dollar.address, owner),
        ),
        tmp_path / "state",
    )
    anvil.chain.revert(mark)


def test_a_minute_without_work_costs_nothing(world: World) -> None:
    world.job(world.someone("alice"))
    with world.keeper() as (keeper, notebook):
        assert keeper.tick().outcome is Outcome.NOTHING_DUE
    assert notebook.seen == []
    assert world.chain.nonce(SCHEDULER.address) == 0


def test_a_due_job_is_run_and_debited_once(world: World) -> None:
    alice = world.someone("alice")
    job = world.job(alice, task=b"count \xff stars")
    slot = alice.schedule.get_job(job).next_run
    world.later()
    with world.keeper() as (keeper, notebook):
        report = keeper.tick()
        assert (report.outcome, report.fired, report.spent_wei) == (Outcome.FIRED, 1, FIRE)
        assert keeper.tick().outcome is Outcome.NOTHING_DUE
        (work,) = notebook.seen
        run = keeper.ledger.find(job, slot)
    assert (work.job, work.slot, work.task) == (job, slot, b"count \xff stars")
    assert work.owner == alice.sender.address  # type: ignore[union-attr]
    assert run is not None and run.state is RunState.RECORDED and run.spent == FIRE
    after = alice.schedule.get_job(job)
    assert (after.budget_wei, after.runs_left, after.next_run) == (4 * FIRE, 99, slot + INTERVAL)
    assert world.held() == 4 * FIRE


def test_a_job_is_fired_until_its_budget_is_spent(world: World) -> None:
    alice = world.someone("alice")
    job = world.job(alice, budget=3 * FIRE + 5)
    before = world.balance(alice.sender.address)  # type: ignore[union-attr]
    with world.keeper() as (keeper, notebook):
        for _ in range(5):
            world.later()
            keeper.tick()
    assert len(notebook.seen) == 3
    assert alice.schedule.get_job(job).status == EXHAUSTED
    assert world.balance(alice.sender.address) == before + 5  # type: ignore[union-attr]
    assert world.held() == 0


def test_late_jobs_fire_once_and_stay_on_their_grid(world: World) -> None:
    alice = world.someone("alice")
    job = world.job(alice)
    slot = alice.schedule.get_job(job).next_run
    world.later(INTERVAL * 10 + 7)
    with world.keeper() as (keeper, notebook):
        keeper.tick()
        assert keeper.tick().outcome is Outcome.NOTHING_DUE
    assert len(notebook.seen) == 1
    following = alice.schedule.get_job(job).next_run
    assert following > world.chain.block().timestamp and (following - slot) % INTERVAL == 0


def test_a_failed_run_is_over_and_not_paid(world: World) -> None:
    alice = world.someone("alice")
    job = world.job(alice)
    world.later()
    with world.keeper(Notebook(lambda work: Result(False, "no model"))) as (keeper, notebook):
        report = keeper.tick()
        assert (report.outcome, report.failed, report.fired) == (Outcome.PARTLY_FAILED, 1, 1)
        assert keeper.tick().outcome is Outcome.NOTHING_DUE
    assert len(notebook.seen) == 1
    after = alice.schedule.get_job(job)
    assert (after.budget_wei, after.runs_left) == (5 * FIRE, 99)


def test_a_broken_runner_is_a_failed_run(world: World, caplog: pytest.LogCaptureFixture) -> None:
    world.job(world.someone("alice"))
    world.later()

    def explode(work: Work) -> Result:
        raise RuntimeError("bug")

    with world.keeper(Notebook(explode)) as (keeper, _), caplog.at_level(logging.ERROR):
        assert keeper.tick().outcome is Outcome.PARTLY_FAILED
    assert "runner broke" in caplog.text


@pytest.mark.parametrize(
    ("told", "budget", "cap", "debited"),
    [
        (7, 5 * FIRE, 0, 7),
        (0, 5 * FIRE, 0, 0),
        (10 * LH, 2 * FIRE, 0, 2 * FIRE),
        (10 * LH, LH, 0, LH // 2),  # the owner's cap per tick
        (10 * LH, LH, 3 * FIRE, 3 * FIRE),
    ],
)
def test_a_runners_word_is_cut_to_what_is_allowed(
    world: World, told: int, budget: int, cap: int, debited: int
) -> None:
    alice = world.someone("alice")
    job = world.job(alice, budget=budget)
    if cap:
        alice.schedule.set_run_cap(job, cap)
    world.later()
    with world.keeper(Notebook(lambda work: Result(True, "done", told))) as (keeper, _):
        assert keeper.tick().spent_wei == debited
    after = alice.schedule.get_job(job)
    assert after.budget_wei == (budget - debited if after.status == ACTIVE else 0)


def test_caps_leave_jobs_for_later_and_owners_take_turns(world: World) -> None:
    alice, bob = world.someone("alice"), world.someone("bob")
    hers = [world.job(alice, budget=LH) for _ in range(4)]
    his = world.job(bob, budget=LH)
    world.later(INTERVAL * 2)
    with world.keeper(max_jobs_per_tick=3) as (keeper, notebook):
        report = keeper.tick()
        assert [w.job for w in notebook.seen] == [hers[0], his, hers[1]]
        assert (report.fired, dict(report.spilled)) == (3, {"jobs per tick": 2})
        keeper.tick()
        assert sorted(w.job for w in notebook.seen) == sorted([*hers, his])


@pytest.mark.parametrize(
    ("caps", "reason", "fired"),
    [
        ({"per_owner_tick_cap_wei": 2 * FIRE}, "owner cap", 2),
        ({"global_tick_cap_wei": 3 * FIRE - 1}, "global cap", 2),
        ({"global_tick_cap_wei": FIRE - 1}, "global cap", 0),
    ],
)
def test_caps_on_spending(world: World, caps: dict[str, int], reason: str, fired: int) -> None:
    alice = world.someone("alice")
    for _ in range(4):
        world.job(alice)
    world.later()
    with world.keeper(**caps) as (keeper, notebook):
        report = keeper.tick()
    assert len(notebook.seen) == report.fired == fired
    assert report.spilled[reason] == 4 - fired
    assert report.outcome is (Outcome.FIRED if fired else Outcome.PARTLY_FAILED)


def test_when_time_is_up_the_rest_waits(world: World) -> None:
    alice = world.someone("alice")
    for _ in range(3):
        world.job(alice)
    world.later()
    with world.keeper(tick_soft_budget_s=0.0) as (keeper, notebook):
        report = keeper.tick()
    assert len(notebook.seen) == 1  # the first one is always allowed
    assert report.spilled["tick time"] == 2


def test_a_job_that_cannot_pay_for_a_fire_is_ended_and_refunded(world: World) -> None:
    alice = world.someone("alice")
    job = world.job(alice, budget=FIRE - 1)
    before = world.balance(alice.sender.address)  # type: ignore[union-attr]
    world.later()
    with world.keeper() as (keeper, notebook):
        report = keeper.tick()
        assert (report.outcome, report.closed) == (Outcome.FIRED, 1)
        assert keeper.tick().outcome is Outcome.NOTHING_DUE
    assert notebook.seen == []
    assert alice.schedule.get_job(job).status == EXHAUSTED
    assert world.balance(alice.sender.address) == before + FIRE - 1  # type: ignore[union-attr]


def test_without_gas_money_nothing_is_started(world: World) -> None:
    job = world.job(world.someone("alice"))
    world.later()
    world.chain.set_balance(SCHEDULER.address, 1000)
    with world.keeper() as (keeper, notebook):
        assert keeper.tick().outcome is Outcome.NO_FUNDS
        assert notebook.seen == [] and keeper.ledger.of_job(job) == []
        world.chain.set_balance(SCHEDULER.address, LH)
        assert keeper.tick().outcome is Outcome.FIRED


def test_a_key_without_the_role_is_told_so(world: World) -> None:
    world.job(world.someone("alice"))
    world.later()
    with (
        world.keeper(signer=OTHER_SCHEDULER) as (keeper, notebook),
        pytest.raises(ConfigError, match="is no scheduler"),
    ):
        keeper.tick()
    assert notebook.seen == []


def test_two_keepers_that_know_nothing_of_each_other_debit_once(world: World) -> None:
    """The compare-and-set on chain is what holds when no state is shared."""
    world.economy.diamond.schedule.add_scheduler(OTHER_SCHEDULER.address, True)
    alice = world.someone("alice")
    job = world.job(alice)
    world.later()
    other = World(world.anvil, world.economy, world.state.with_name("elsewhere"))

    def race(work: Work) -> Result:
        with other.keeper(signer=OTHER_SCHEDULER) as (rival, _):
            assert rival.tick().outcome is Outcome.FIRED
        return Result(True, "done")

    with world.keeper(Notebook(race)) as (keeper, _):
        report = keeper.tick()
        assert (report.outcome, report.lost, report.fired) == (Outcome.PARTLY_FAILED, 1, 0)
        assert keeper.ledger.of_job(job)[0].state is RunState.LOST
    assert alice.schedule.get_job(job).budget_wei == 4 * FIRE


def test_a_lease_on_chain_keeps_strangers_from_recording(world: World) -> None:
    world.economy.diamond.schedule.add_scheduler(OTHER_SCHEDULER.address, True)
    alice = world.someone("alice")
    job = world.job(alice)
    world.later()
    other = World(world.anvil, world.economy, world.state.with_name("elsewhere"))

    def race(work: Work) -> Result:
        with other.keeper(signer=OTHER_SCHEDULER) as (rival, _):
            report = rival.tick()
            assert (report.outcome, report.waiting) == (Outcome.PARTLY_FAILED, 1)
        return Result(True, "done")

    with world.keeper(Notebook(race), lease_on_chain=True) as (keeper, _):
        assert keeper.tick().outcome is Outcome.FIRED
    assert alice.schedule.get_job(job).budget_wei == 4 * FIRE


def test_a_job_that_ends_while_it_runs_is_lost_not_charged(world: World) -> None:
    alice = world.someone("alice")
    job = world.job(alice)
    world.later()

    def cancel(work: Work) -> Result:
        alice.schedule.cancel_job(work.job)
        return Result(True, "done")

    before = world.balance(alice.sender.address)  # type: ignore[union-attr]
    with world.keeper(Notebook(cancel)) as (keeper, _):
        assert keeper.tick().lost == 1
        assert keeper.tick().outcome is Outcome.NOTHING_DUE
    assert world.balance(alice.sender.address) == before + 5 * FIRE  # type: ignore[union-attr]
    assert alice.schedule.get_job(job).budget_wei == 0


def test_a_budget_that_shrinks_while_it_runs_bounds_the_debit(world: World) -> None:
    """A child job made mid-run draws from its parent; the debit is cut to what is left."""
    alice = world.someone("alice")
    scheduler = Outbox(world.chain, OTHER_SCHEDULER, MemoryJournal())
    world.economy.diamond.schedule.add_scheduler(OTHER_SCHEDULER.address, True)
    job = world.job(alice, budget=4 * FIRE)
    world.later()

    def spawn(work: Work) -> Result:
        child = world.economy.diamond.by(scheduler).schedule
        child.schedule_child_job(work.job, work.target, b"help", INTERVAL, 3 * FIRE, 5)
        return Result(True, "done", 3 * FIRE)

    with world.keeper(Notebook(spawn)) as (keeper, _):
        assert keeper.tick().spent_wei == FIRE
    assert alice.schedule.get_job(job).budget_wei == 0
    assert world.held() == 3 * FIRE


def test_one_keeper_per_state_and_one_lease_per_schedule(world: World) -> None:
    with world.keeper() as (keeper, _):
        with pytest.raises(StateLocked), world.keeper():
            raise AssertionError("two keepers share a state")
        rival = keeper._leases.acquire(
            f"tick:31337:{world.economy.diamond.address}", "another machine", 60
        )
        assert rival is not None
        assert keeper.tick().outcome is Outcome.BUSY
        keeper._leases.release(rival)
        assert keeper.tick().outcome is Outcome.NOTHING_DUE


def test_owners_take_turns_by_lateness() -> None:
    def due(identity: int, owner: int, slot: int) -> DueJob:
        return DueJob(identity, Job(checksum(bytes([owner]) * 20), 60, ACTIVE, slot, FIRE, 1, 1))

    jobs = [due(1, 1, 10), due(2, 1, 20), due(3, 1, 30), due(4, 2, 25), due(5, 3, 5)]
    assert [d.id for d in in_turn(reversed(jobs))] == [5, 1, 4, 2, 3]
    assert in_turn([]) == []
