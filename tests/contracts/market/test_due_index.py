"""Which jobs are due, page by page, and what asking costs."""

from __future__ import annotations

import os

from tests.contracts.market.calendar import END, HOUR, MINUTE, Calendar
from tests.contracts.signing import Key

SPAM = int(os.environ.get("FACETWORKS_SPAM_JOBS", "600"))


def test_nothing_due(calendar: Calendar) -> None:
    assert calendar.facet.call("jobsDue", 0, 10) == ((), END)
    calendar.make()
    assert calendar.facet.call("jobsDue", 0, 10) == ((), END)
    assert calendar.facet.call("jobsDue", END, 10) == ((), END)
    assert calendar.facet.call("jobsDue", 0, 0) == ((), END)


def test_oldest_minute_first(calendar: Calendar) -> None:
    calendar.aligned()
    slow, quick, middle = (calendar.make(interval=i) for i in (600, 60, 300))
    calendar.economy.later(600)
    assert calendar.due() == [quick, middle, slow]


def test_only_what_is_due_in_the_current_minute(calendar: Calendar) -> None:
    calendar.aligned()
    early = calendar.make(interval=120)
    calendar.economy.later(30)
    late = calendar.make(interval=120)
    calendar.economy.later(90)  # the first second of the minute both are in
    assert calendar.due() == [early]
    assert calendar.facet.call("dueCount", calendar.economy.now, 10) == 1
    assert calendar.facet.call("dueCount", calendar.economy.now + 29, 10) == 1
    assert calendar.facet.call("dueCount", calendar.economy.now + 30, 10) == 2
    calendar.economy.later(30)
    assert sorted(calendar.due()) == [early, late]


def test_pages_cover_everything_once_inv_page(calendar: Calendar) -> None:
    calendar.aligned()
    ids = [calendar.make(1, interval=60 + 20 * n) for n in range(25)]
    calendar.economy.later(HOUR)
    for limit in (1, 2, 7, 25, 26):
        assert sorted(calendar.due(limit)) == ids
    page, cursor = calendar.facet.call("jobsDue", 0, 7)
    assert len(page) == 7 and cursor != END
    assert calendar.facet.call("dueCount", calendar.economy.now, 10) == 10
    assert calendar.facet.call("dueCount", calendar.economy.now, 100) == 25


def test_one_minute_for_everybody_s_a7(calendar: Calendar) -> None:
    economy = calendar.economy
    ids = []
    for name in ("alice", "bob", "carol", "dave"):
        ids += [calendar.make(1, owner=economy.address(name)) for _ in range(32)]
    economy.later(MINUTE)
    for limit in (1, 50, 128, 200):
        assert sorted(calendar.due(limit)) == ids


def test_a_cursor_survives_what_happens_between_pages(calendar: Calendar) -> None:
    """Jobs fired, cancelled or moved meanwhile: nothing that stays due is left out."""
    economy = calendar.economy
    ids = [calendar.make(10, owner=economy.address("dave")) for _ in range(12)]
    economy.later(MINUTE)
    page, cursor = calendar.facet.call("jobsDue", 0, 5)
    last = page[-1]
    calendar.fire(last)  # the very job the cursor points at moves away
    calendar.send("cancelJob", page[0], sender=economy.address("dave"))
    rest: list[int] = []
    while cursor != END:
        more, cursor = calendar.facet.call("jobsDue", cursor, 5)
        rest += more
    expected = set(ids) - {last, page[0]}
    assert expected <= set(page) | set(rest)
    assert last not in rest


def test_cursors_nobody_gave_out_are_harmless(calendar: Calendar) -> None:
    ids = [calendar.make(10) for _ in range(3)]
    calendar.economy.later(MINUTE)
    minute = calendar.job(ids[0]).next_run // MINUTE
    for cursor in (1, minute << 128 | 99, minute << 128, (minute - 1) << 128 | ids[0]):
        assert sorted(calendar.facet.call("jobsDue", cursor, 10)[0]) == ids
    for cursor in ((minute + 1) << 128, 2**200, END - 1):
        assert calendar.facet.call("jobsDue", cursor, 10)[0] == ()


def test_a_paused_job_that_ends_takes_nobody_along_s_a8(calendar: Calendar) -> None:
    """It has left the index already; its old minute belongs to others."""
    paused, ended, others = (
        calendar.make(10),
        calendar.make(10),
        [calendar.make(10), calendar.make(10)],
    )
    calendar.send("pauseJob", paused)
    calendar.send("pauseJob", ended)
    calendar.send("cancelJob", paused)
    calendar.send("completeJob", ended, sender=calendar.scheduler)
    calendar.economy.later(MINUTE)
    assert sorted(calendar.due()) == others


def test_links_survive_every_interleaving_s_a8(calendar: Calendar) -> None:
    """Take jobs out of one minute in every order, by every way out, and put some back."""
    economy = calendar.economy
    import itertools

    for order in itertools.permutations(range(4)):
        mark = economy.evm.snapshot()
        ids = [calendar.make(10) for _ in range(4)]
        economy.later(MINUTE)
        left = set(ids)
        for step, place in enumerate(order):
            id_ = ids[place]
            if step == 0:
                calendar.fire(id_)
            elif step == 1:
                calendar.send("pauseJob", id_)
            elif step == 2:
                calendar.send("cancelJob", id_)
            else:
                calendar.send("completeJob", id_, sender=calendar.scheduler)
            left.discard(id_)
            assert set(calendar.due()) == left
            assert len(calendar.due()) == len(left)
        calendar.send("resumeJob", ids[order[1]])
        economy.later(MINUTE)
        assert set(calendar.due()) == {ids[order[0]], ids[order[1]]}
        economy.evm.revert(mark)


def test_far_future_spam_does_not_make_asking_dearer_s_a6(calendar: Calendar) -> None:
    economy = calendar.economy
    calendar.aligned()
    ids = [calendar.make(10, interval=60 * (1 + n // 10)) for n in range(30)]
    economy.later(MINUTE * 3)

    def price(name: str, *args: object) -> int:
        data = calendar.facet.data(name, *args)
        return economy.evm.view(economy.diamond, data).gas_used

    def fire_price() -> int:
        mark = economy.evm.snapshot()
        gas = calendar.fire(ids[0]).outcome.transaction_gas
        economy.evm.revert(mark)
        return gas

    before = price("jobsDue", 0, 50), fire_price()
    owner = economy.owner.address
    for n in range(SPAM):
        spammer = Key.named(f"spammer {n // 32}").address
        if n % 32 == 0:
            economy.credits.send("mint", spammer, 32, sender=owner)
            economy.credits.send("approve", economy.diamond, 32, sender=spammer)
        calendar.make(1, interval=HOUR + n * 61 % 100_000, owner=spammer)
    after = price("jobsDue", 0, 50), fire_price()
    assert len(calendar.due(50)) == 30
    for was, now in zip(before, after, strict=True):
        assert abs(now - was) <= was * 5 // 100, (before, after)
    assert after[1] < 320_000


def test_the_past_does_not_make_asking_dearer(calendar: Calendar) -> None:
    """Minutes whose jobs are gone are forgotten, however many there were."""
    economy = calendar.economy
    calendar.aligned()
    id_ = calendar.make(1_000)
    data = calendar.facet.data("jobsDue", 0, 50)

    def price() -> int:
        return economy.evm.view(economy.diamond, data).gas_used

    economy.later(MINUTE)
    before = price()
    for _ in range(40):
        calendar.fire(id_)
        economy.later(MINUTE)
    assert calendar.due() == [id_]
    assert price() <= before * 105 // 100
