"""Budget and journal against a model: any order of requests, ceilings, crashes and clean stops."""

from __future__ import annotations

import itertools
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from harness.chain.keys import LocalSigner
from harness.protocol.spending import FOLLOWERS, Rail, ReceiptState, RequestState
from harness.protocol.vault import Receipt
from harness.services.consumer.budget import Budget, Hold, OverBudget
from harness.store.consumer import BadTransition, ConsumerJournal, NewRequest
from harness.store.consumer_tables import CONSUMER
from harness.store.database import Database

KEY = LocalSigner.from_phrase("budget machine")
VAULT = LocalSigner.from_phrase("vault").address
OPERATOR = LocalSigner.from_phrase("operator").address
CONFIGURED = 1_000


class Spending(RuleBasedStateMachine):
    """The model is a list of what was charged in this run and what is still held."""

    requests = Bundle("requests")

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.numbers = itertools.count()
        self.charged = 0
        self.held: dict[str, int] = {}
        self.rails: dict[str, Rail] = {}
        self.cumulative = 0
        self.ceiling = CONFIGURED
        self._open()

    def _open(self) -> None:
        path = Path(self.folder.name).resolve() / "private" / "consume.db"
        self.database = Database.open(path, CONSUMER)
        self.journal = ConsumerJournal(self.database)
        self.run = self.journal.open_run(CONFIGURED)
        self.budget = Budget(self.run.ceiling)
        self.budget.restore(self.run.spent).charge(self.run.spent)
        self.holds: dict[str, Hold] = {}
        for row in self.journal.unfinished():
            here = row.run == self.run.id
            self.holds[row.id] = self.budget.restore(row.hold - row.charged if here else 0)

    @rule(
        target=requests, amount=st.integers(1, 400), rail=st.sampled_from([Rail.EXACT, Rail.VAULT])
    )
    def begin(self, amount: int, rail: Rail) -> str:
        fits = not self.ceiling or self.charged + sum(self.held.values()) + amount <= self.ceiling
        try:
            hold = self.budget.hold(amount)
        except OverBudget:
            assert not fits
            return ""
        assert fits
        request = f"req_{next(self.numbers)}"
        new = NewRequest(request, self.run.id, rail, RequestState.SENT, "m", OPERATOR, amount)
        self.journal.begin(new)
        self.holds[request], self.held[request], self.rails[request] = hold, amount, rail
        return request

    @rule(request=consumes(requests), part=st.floats(0, 1))
    def finish(self, request: str, part: float) -> None:
        if request not in self.held:
            return
        held = self.held.pop(request)
        cost = min(int(held * part), self.holds[request].amount)
        if self.rails[request] is Rail.VAULT and cost:
            self._receipt(request, cost, RequestState.RECEIPTED)
        else:
            state = RequestState.SETTLED if cost else RequestState.RELEASED
            self.journal.advance(request, state, charged=cost)
        self.holds.pop(request).charge(cost)
        self.charged += cost

    def _receipt(self, request: str, cost: int, state: RequestState) -> None:
        self.cumulative += cost
        signed = Receipt(KEY.address, OPERATOR, self.cumulative, 0, 1).sign(KEY, b"\1" * 32)
        self.journal.receipt(VAULT, signed, request, state, charged=cost)

    @rule(request=requests)
    def a_second_end_changes_nothing(self, request: str) -> None:
        if request and request not in self.held:
            with pytest.raises(BadTransition):
                self.journal.advance(request, RequestState.SETTLED, charged=10**6)

    @rule(ceiling=st.integers(0, 2_000))
    def move(self, ceiling: int) -> None:
        self.journal.move_ceiling(self.run.id, ceiling)
        self.budget.move(ceiling)
        self.ceiling = ceiling

    @rule()
    def crash(self) -> None:
        self.database.close()
        self._open()

    @rule()
    def stop(self) -> None:
        """A new run: what is held from the old one counts no more, and its rows stay."""
        self.journal.end_run(self.run.id)
        self.database.close()
        self._open()
        self.charged, self.held, self.ceiling = 0, {}, CONFIGURED
        for request in list(self.holds):
            self.journal.advance(request, RequestState.RELEASED)
            self.holds.pop(request).release()

    @rule()
    def an_older_receipt_takes_no_place(self) -> None:
        if self.cumulative > 1:
            old = Receipt(KEY.address, OPERATOR, self.cumulative - 1, 0, 1).sign(KEY, b"\1" * 32)
            self.journal.receipt(VAULT, old, None)

    @invariant()
    def the_books_agree(self) -> None:
        view = self.budget.view()
        assert (view.spent, view.reserved) == (self.charged, sum(self.held.values()))
        assert view.limit == self.ceiling
        rows = [row for row in self.journal.history(limit=10_000) if row.run == self.run.id]
        assert sum(row.charged for row in rows) == self.charged
        kept: list[Any] = self.journal.receipts(VAULT, KEY.address, ReceiptState.OPEN)
        assert [k.signed.receipt.cumulative for k in kept] == [self.cumulative][: len(kept)]
        assert bool(kept) == bool(self.cumulative)

    def teardown(self) -> None:
        assert self.journal.audit_holds()
        self.database.close()
        self.folder.cleanup()


Spending.TestCase.settings = settings(max_examples=8, stateful_step_count=20, deadline=None)
TestSpending = Spending.TestCase


def test_every_state_that_is_not_open_is_an_end_or_a_dispute() -> None:
    for state, followers in FOLLOWERS.items():
        if not state.open:
            assert RequestState.DISPUTED in followers
            # A charge may move to the request that has the whole answer.
            moved = {RequestState.RELEASED} if state is RequestState.RECEIPTED else set()
            assert followers == {RequestState.DISPUTED} | moved
    ends = {state for state in RequestState if state not in FOLLOWERS}
    assert not any(state.open for state in ends)


def test_a_hold_ends_once() -> None:
    budget = Budget(100)
    hold = budget.hold(60)
    with pytest.raises(OverBudget):
        budget.hold(41)
    with pytest.raises(OverBudget):
        hold.resize(101)
    assert hold.amount == 60
    hold.resize(80)
    hold.charge_part(30)
    assert (budget.view().spent, budget.view().reserved) == (30, 50)
    with pytest.raises(ValueError, match="more than is held"):
        hold.charge(51)
    hold.charge(20)
    hold.charge(20)
    hold.release()
    assert (budget.view().spent, budget.view().reserved) == (50, 0)


def test_as_much_as_is_left() -> None:
    budget = Budget(100)
    assert budget.hold_up_to(70).amount == 70
    assert budget.hold_up_to(70).amount == 30
    with pytest.raises(OverBudget):
        budget.hold_up_to(1)
    budget.move(0)
    assert budget.hold_up_to(70).amount == 70
