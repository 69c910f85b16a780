"""The sequencer gate, with feeds that tell the truth and feeds that do not."""

from __future__ import annotations

import pytest

from tests.contracts.calls import Bound, reverts
from tests.contracts.economy import DAY
from tests.contracts.payments.tab import GRACE, TIMELOCK, Tab, elsewhere

FEED = b"\xfe" * 20
UP, DOWN = 0, 1
NORMAL, REVERTING, BURN_GAS, SHORT, NOTHING, BOMB, REVERT_BOMB = range(7)
DOWN_MAX_AGE = 3 * DAY


class Gate:
    """An expired reservation behind a feed."""

    def __init__(self) -> None:
        self.tab: Tab = elsewhere(sequencer_uptime_feed=FEED)
        economy = self.tab.economy
        economy.evm.set_code(FEED, economy.artifacts["HostileFeed"].runtime)
        self.feed: Bound = economy.bound("HostileFeed", FEED)
        self.tab.open(10, funds=100, ttl=DAY)
        economy.later(DAY + GRACE + 1 + 10 * DAY)

    def says(self, answer: int, age: int, mode: int = NORMAL) -> None:
        started = self.tab.now - age
        self.feed.send("set", mode, answer, started % 2**256, sender=self.tab.frank)

    def release(self) -> None:
        self.tab.send("releaseExpired", self.tab.alice, self.tab.bob, sender=self.tab.frank)

    def release_many(self) -> None:
        pair = ([self.tab.alice], [self.tab.bob])
        self.tab.send("releaseExpiredBatch", *pair, sender=self.tab.frank)


@pytest.fixture
def gate() -> Gate:
    return Gate()


@pytest.mark.parametrize("many", (False, True))
def test_up_for_longer_than_the_grace(gate: Gate, many: bool) -> None:
    release = gate.release_many if many else gate.release
    for age in (0, GRACE - 1, GRACE):
        gate.says(UP, age)
        with reverts("GracePeriodNotOver"):
            release()
    gate.says(UP, GRACE + 1)
    release()
    assert gate.tab.free() == 100


@pytest.mark.parametrize("many", (False, True))
def test_down_until_the_outage_is_too_old_to_believe(gate: Gate, many: bool) -> None:
    release = gate.release_many if many else gate.release
    for age in (0, GRACE + 1, DOWN_MAX_AGE - 1, DOWN_MAX_AGE):
        gate.says(DOWN, age)
        with reverts("SequencerDown"):
            release()
    gate.says(DOWN, DOWN_MAX_AGE + 1)
    release()
    assert gate.tab.free() == 100


@pytest.mark.parametrize("mode", (REVERTING, BURN_GAS, SHORT, NOTHING, REVERT_BOMB))
def test_a_broken_feed_opens_the_gate_v_a19(gate: Gate, mode: int) -> None:
    gate.says(DOWN, 0, mode)
    gate.release()
    assert gate.tab.free() == 100


def test_a_feed_that_answers_too_much_is_read_and_not_copied_v_a19(gate: Gate) -> None:
    gate.says(DOWN, 0, BOMB)
    with reverts("SequencerDown"):
        gate.release()
    gate.says(UP, GRACE + 1, BOMB)
    before = gate.tab.send(
        "releaseExpired", gate.tab.alice, gate.tab.bob, sender=gate.tab.frank
    ).outcome.gas_used
    assert before < 250_000 + 60_000  # the bomb's own memory is paid from its 200,000


@pytest.mark.parametrize(
    ("answer", "age"),
    ((2, 0), (2**255, 0), (2**256 - 1, 0), (DOWN, -1), (UP, -1), (DOWN, -(2**40))),
)
def test_unknown_and_future_answers_open_the_gate(gate: Gate, answer: int, age: int) -> None:
    gate.says(answer, age)
    gate.release()


def test_a_round_that_never_started_opens_the_gate(gate: Gate) -> None:
    for answer in (UP, DOWN):
        mark = gate.tab.economy.evm.snapshot()
        gate.says(answer, gate.tab.now)
        gate.release()
        gate.tab.economy.evm.revert(mark)


def test_a_feed_without_code_opens_the_gate(gate: Gate) -> None:
    gate.says(DOWN, 0)
    gate.tab.economy.evm.set_code(gate.feed.address, b"")
    gate.release()


def test_the_gate_stands_before_releases_only(gate: Gate) -> None:
    tab = gate.tab
    gate.says(DOWN, 0)
    assert tab.send("releaseExpired", tab.carol, tab.bob).events == []  # nothing locked
    tab.redeem(3)
    tab.send("requestWithdraw")
    tab.economy.later(TIMELOCK)
    gate.says(DOWN, 0)
    tab.send("withdraw(uint256)", 90)
    tab.deposit(5)
    tab.reserve(5, ttl=DAY)
    tab.send("releaseByOperator", tab.alice, 1, sender=tab.bob)
    tab.reserve(1, operator=tab.frank, ttl=DAY)
    with reverts("NotExpired"):  # asked before the gate
        tab.send("releaseExpired", tab.alice, tab.frank)


def test_too_little_gas_does_not_pass_for_a_broken_feed(gate: Gate) -> None:
    """Whatever gas a release is given, it reverts while the sequencer is down."""
    tab = gate.tab
    gate.says(DOWN, 0)
    data = tab.vault.data("releaseExpired", tab.alice, tab.bob)
    evm, diamond = tab.economy.evm, tab.economy.diamond
    for gas in [*range(3_000, 60_000, 500), *range(60_000, 300_000, 10_000)]:
        assert not evm.call(diamond, data, sender=tab.frank, gas=gas).success, gas
    assert tab.pair().locked == 10
