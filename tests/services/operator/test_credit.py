"""The tab's arithmetic: admission by the window, coverage by receipts, cycles, restarts."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from harness.diamond.vault import Pair
from harness.services.operator.credit import (
    Admission,
    ReservationTooSmall,
    StaleCycle,
    Tab,
    Tabs,
    WindowExceeded,
)
from harness.services.operator.receipts import tab_row
from harness.services.operator.recovery import unpaid
from harness.store.database import Database
from harness.store.operator import OPERATOR, OperatorJournal

WINDOW = 100
WHO = "0x00000000000000000000000000000000000000AA"


def tab(locked: int = 1_000, redeemed: int = 0, cycle: int = 1) -> Tab:
    found = Tab(cycle)
    found.observe(Pair(locked, redeemed, 2_000, 1_000, cycle))
    return found


def test_an_idle_tab_takes_one_request_larger_than_the_window() -> None:
    t = tab()
    t.admit(900, WINDOW)
    with pytest.raises(WindowExceeded) as caught:
        t.admit(1, WINDOW)
    assert (caught.value.outstanding, caught.value.required) == (900, 1)


def test_a_consumer_who_left_debts_gets_no_more_than_the_window() -> None:
    with pytest.raises(WindowExceeded):
        tab().admit(WINDOW + 1, WINDOW, trusted=False)
    tab().admit(WINDOW, WINDOW, trusted=False)


def test_small_requests_add_up_to_the_window() -> None:
    t = tab()
    places = [t.admit(40, WINDOW), t.admit(60, WINDOW)]
    with pytest.raises(WindowExceeded):
        t.admit(1, WINDOW)
    places[0].finish(10)
    t.admit(30, WINDOW)
    assert t.outstanding == WINDOW


def test_nothing_beyond_the_reservation_is_admitted() -> None:
    t = tab(locked=50)
    with pytest.raises(ReservationTooSmall) as caught:
        t.admit(51, WINDOW)
    assert (caught.value.required, caught.value.remaining) == (51, 50)
    t.admit(30, WINDOW)
    with pytest.raises(ReservationTooSmall):
        t.admit(21, WINDOW)


def test_what_was_paid_ahead_is_no_longer_in_the_reservation() -> None:
    t = tab(locked=1_000)
    t.receive(900)
    assert t.remaining == 100
    with pytest.raises(ReservationTooSmall):
        t.admit(101, WINDOW)


def test_streams_that_take_turns_claim_intervals_that_do_not_overlap() -> None:
    t = tab()
    one, other = t.admit(40, WINDOW), t.admit(60, WINDOW)
    for spent in (10, 20, 30):
        one.accrue(spent)
        other.accrue(spent)
    assert one.finish(35) == 35
    assert (t.owed, t.concluded) == (65, 35)
    assert other.finish(50) == 50
    assert t.owed == t.concluded == 85


def test_what_a_stream_lost_is_credit_used_until_it_is_paid() -> None:
    t = tab()
    place = t.admit(60, WINDOW)
    place.accrue(60)
    place.finish(20)
    t.lose(40, WINDOW)
    assert (t.owed, t.unreceipted, t.unpaid, t.outstanding) == (20, 20, 60, 20)
    t.receive(20)
    assert (t.unpaid, t.defaulted) == (40, False)
    first = t.admit(900, WINDOW)  # who owes nothing may ask for one request of any size
    first.release()
    running = t.admit(50, WINDOW)
    with pytest.raises(WindowExceeded) as caught:
        t.admit(11, WINDOW)
    assert caught.value.outstanding == 90
    t.admit(10, WINDOW).release()
    running.release()
    t.lose(11, WINDOW)
    assert (t.unpaid, t.defaulted) == (51, True)
    t.receive(71)
    assert (t.unpaid, t.defaulted) == (0, False)


def test_half_a_window_lost_in_streams_is_a_default() -> None:
    tabs = Tabs()
    for cycle, lost in ((1, 50), (2, 51), (3, 0)):
        found = tabs.at(WHO, Pair(500, 0, 2_000, 1_000, cycle))
        found.lose(lost, WINDOW)
    assert tabs.defaults(WHO) == 1
    tabs.at(WHO, Pair(500, 0, 2_000, 1_000, 4))
    assert tabs.defaults(WHO) == 1


def test_a_receipt_makes_room() -> None:
    t = tab()
    t.admit(100, WINDOW).finish(100)
    with pytest.raises(WindowExceeded):
        t.admit(1, WINDOW)
    t.receive(100)
    assert t.outstanding == 0
    t.admit(100, WINDOW)


def test_a_receipt_above_what_can_be_collected_covers_only_that() -> None:
    t = tab(locked=100)
    t.admit(100, WINDOW).finish(100)
    t.observe(Pair(0, 40, 2_000, 1_000, 1))  # the operator gave 60 of them up
    t.receive(100)
    assert (t.covered, t.outstanding) == (40, 60)


def test_M9_an_older_reading_or_cycle_changes_nothing() -> None:
    tabs = Tabs()
    first = tabs.at(WHO, Pair(500, 0, 2_000, 1_000, 1))
    place = first.admit(100, WINDOW)
    second = tabs.at(WHO, Pair(700, 0, 3_000, 2_000, 2))
    place.finish(100)
    assert (second.served, second.inflight, first.served) == (0, 0, 100)
    with pytest.raises(StaleCycle):
        tabs.at(WHO, Pair(500, 50, 2_000, 1_000, 1))
    second.observe(Pair(600, 100, 3_000, 2_000, 2))
    second.observe(Pair(700, 0, 3_000, 2_000, 2))
    assert (second.redeemed, second.collectable) == (100, 700)


def test_M8_a_cycle_left_unpaid_halves_the_credit() -> None:
    tabs = Tabs()
    tabs.at(WHO, Pair(500, 0, 2_000, 1_000, 1)).admit(80, WINDOW).finish(80)
    assert tabs.window(WHO, WINDOW) == WINDOW
    tabs.at(WHO, Pair(500, 0, 3_000, 2_000, 2))
    assert (tabs.defaults(WHO), tabs.window(WHO, WINDOW)) == (1, WINDOW // 2)


def test_a_stream_accrues_and_gives_back() -> None:
    t = tab()
    place = t.admit(100, WINDOW)
    assert place.accrue(30) == 30
    assert (t.served, t.inflight, t.unreceipted) == (30, 70, 30)
    t.receive(20)
    assert (place.receipted(), t.unreceipted) == (20, 10)
    assert place.finish(25) == 25
    assert (t.served, t.voided, t.owed, t.inflight) == (30, 5, 25, 0)
    assert place.finish(99) == 25  # closed is closed


class Credit(RuleBasedStateMachine):
    """Everything that can happen to one consumer's tabs, against a model that adds up."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        self.database = Database.open(Path(self._folder.name) / "state" / "operator.db", OPERATOR)
        self.journal = OperatorJournal(self.database)
        self.tabs = Tabs()
        self.open: list[Admission] = []
        self.chain = Pair(0, 0, 0, 0, 0)
        self.seen: dict[int, tuple[int, ...]] = {}
        self.alone: dict[int, int] = {}  # the largest request an idle tab let in, by cycle
        self.claimed: dict[int, int] = {}  # where the newest interval of a cycle ends

    def teardown(self) -> None:
        self.database.close()
        self._folder.cleanup()

    @initialize(locked=st.integers(1, 1_000))
    def reserve_first(self, locked: int) -> None:
        self.chain = Pair(locked, 0, 2_000, 1_000, 1)
        self.tabs.at(WHO, self.chain)

    @property
    def tab(self) -> Tab:
        found = self.tabs.newest(WHO)
        assert found is not None
        return found

    def keep(self, t: Tab) -> None:
        signature = b"\x01" * 65 if t.held else None
        self.journal.keep_tab(replace(tab_row(WHO, t), signature=signature))

    # -- the chain -----------------------------------------------------------------------------

    @rule(amount=st.integers(1, 500))
    def top_up(self, amount: int) -> None:
        if self.chain.locked:
            self.chain = _with(self.chain, locked=self.chain.locked + amount)

    @rule(amount=st.integers(1, 300))
    def redeem(self, amount: int) -> None:
        paid = min(amount, self.chain.locked, max(0, self.tab.held - self.chain.redeemed))
        self.chain = _with(
            self.chain, locked=self.chain.locked - paid, redeemed=self.chain.redeemed + paid
        )

    @precondition(lambda self: self.tab.cycle == self.chain.cycle)
    @rule(locked=st.integers(1, 1_000))
    def next_cycle(self, locked: int) -> None:
        """Everything was released or redeemed, and reserved anew."""
        cycle = self.chain.cycle + 1
        self.chain = Pair(locked, 0, 2_000 * cycle, 1_000 * cycle, cycle)

    @rule()
    def read(self) -> None:
        self.tabs.at(WHO, self.chain)

    @rule(back=st.integers(1, 3))
    def read_from_the_past(self, back: int) -> None:
        cycle = self.tab.cycle - back
        if cycle >= 1:
            with pytest.raises(StaleCycle):
                self.tabs.at(WHO, Pair(10**6, 0, 1, 1, cycle))

    # -- work ----------------------------------------------------------------------------------

    @rule(ceiling=st.integers(1, 250))
    def admit(self, ceiling: int) -> None:
        t = self.tabs.at(WHO, self.chain)
        window = self.tabs.window(WHO, WINDOW)
        idle = t.outstanding == 0
        trusted = self.tabs.defaults(WHO) == 0
        room = t.outstanding + ceiling <= window or (idle and trusted)
        covered = t.owed + t.inflight + ceiling <= t.redeemed + self.chain.locked
        try:
            place = t.admit(ceiling, window, trusted=trusted)
        except ReservationTooSmall:
            assert not covered or t.held + ceiling > t.redeemed + self.chain.locked
        except WindowExceeded:
            assert not room
        else:
            assert covered and room
            self.open.append(place)
            if idle:
                self.alone[t.cycle] = max(ceiling, self.alone.get(t.cycle, 0))

    @precondition(lambda self: self.open)
    @rule(data=st.data(), total=st.integers(0, 300))
    def accrue(self, data: st.DataObject, total: int) -> None:
        place = data.draw(st.sampled_from(self.open))
        assert place.accrue(total) <= place.ceiling
        self.keep(place.tab)

    @precondition(lambda self: self.open)
    @rule(data=st.data(), total=st.integers(0, 300))
    def finish(self, data: st.DataObject, total: int) -> None:
        place = data.draw(st.sampled_from(self.open))
        self.open.remove(place)
        charged = place.finish(total)
        assert charged == min(total, place.ceiling)
        self.keep(place.tab)
        last = self.claimed.get(place.tab.cycle, 0)
        assert (
            place.tab.concluded - charged >= last
        )  # an interval of its own, whoever streamed beside it
        self.claimed[place.tab.cycle] = place.tab.concluded

    @rule(share=st.floats(0, 1.2))
    def receipt(self, share: float) -> None:
        t = self.tab
        cumulative = min(int(t.owed * share), t.collectable)
        held = t.held
        t.receive(cumulative)
        assert t.held == max(held, cumulative)
        self.keep(t)

    @rule()
    def restart(self) -> None:
        """Work under way is lost with the process; what was written down is not."""
        for place in self.open:
            place.finish(place.accrued)
            self.keep(place.tab)
        self.open.clear()
        before = self.tab
        self.keep(before)
        rows = self.journal.tabs()
        self.tabs = Tabs()
        for row in rows:
            if row.cycle == before.cycle:
                restored = Tab(
                    row.cycle, row.served, row.voided, 0, row.held, row.redeemed, row.collectable,
                    row.created, row.expiry,
                )  # fmt: skip
                lost = sum(unpaid(r) for r in rows if r.cycle < before.cycle)
                self.tabs.restore(WHO, restored, lost)
        after = self.tab
        assert (after.served, after.voided, after.held) == (
            before.served, before.voided, before.held,
        )  # fmt: skip

    # -- always --------------------------------------------------------------------------------

    @invariant()
    def counters_never_go_back(self) -> None:
        t = self.tabs.newest(WHO)
        if t is None:
            return
        now = (t.served, t.voided, t.held, t.redeemed)
        before = self.seen.get(t.cycle, (0, 0, 0, 0))
        assert all(new >= old for new, old in zip(now, before, strict=True))
        self.seen[t.cycle] = now

    @invariant()
    def inflight_is_the_sum_of_what_is_open(self) -> None:
        t = self.tabs.newest(WHO)
        if t is not None:
            mine = [p for p in self.open if p.tab is t]
            assert t.inflight == sum(p.ceiling - p.accrued for p in mine)
            assert t.accruing == sum(p.accrued for p in mine)
            assert 0 <= t.owed <= t.served

    @invariant()
    def the_loss_is_bounded(self) -> None:
        """Never beyond the window, except by one request that was let in on an idle tab."""
        t = self.tabs.newest(WHO)
        if t is not None:
            assert t.outstanding <= max(WINDOW, self.alone.get(t.cycle, 0))


def _with(pair: Pair, **changes: int) -> Pair:
    return Pair(**(vars(pair) | changes))


Credit.TestCase.settings = settings(
    max_examples=15,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
TestCredit = Credit.TestCase
