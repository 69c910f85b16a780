"""Sessions: what they cost, how long they run, and the attacks on both."""

from __future__ import annotations

import pytest

from tests.contracts.calls import Receipt, reverts
from tests.contracts.economy import ETHER, TREASURY, Economy, bare

HOUR, DAY = 3_600, 86_400
MONTH = 30 * DAY
PRICE = 10 * ETHER
BUYS = ("openSession", "openSessionMax", "extendSession", "extendSessionMax")


class Door:
    """Alice buys; the owner sets the terms."""

    def __init__(self, economy: Economy) -> None:
        self.economy, self.facet = economy, economy.session
        self.alice, self.owner = economy.address("alice"), economy.owner.address

    def buy(self, name: str, *, most: int = PRICE, sender: bytes | None = None) -> Receipt:
        args = (most,) if name.endswith("Max") else ()
        return self.facet.send(name, *args, sender=sender or self.alice)

    def terms(self, price: int | None = None, duration: int | None = None) -> None:
        if price is not None:
            self.facet.send("setSessionPrice", price, sender=self.owner)
        if duration is not None:
            self.facet.send("setSessionDuration", duration, sender=self.owner)

    def expiry(self, user: bytes | None = None) -> int:
        return int(self.facet.call("sessionExpiryOf", user or self.alice))


@pytest.fixture
def door(economy: Economy) -> Door:
    return Door(economy)


@pytest.mark.parametrize("name", BUYS)
def test_buying_time(door: Door, name: str) -> None:
    economy = door.economy
    before, expiry = economy.balance(door.alice), economy.now + HOUR
    assert door.expiry() == 0
    receipt = door.buy(name)
    assert receipt.value == expiry == door.expiry()
    event = "SessionOpened" if name.startswith("open") else "SessionExtended"
    assert receipt.names() == [event]
    assert receipt.only(event) == {"user": door.alice, "expiry": expiry, "priceWei": PRICE}
    assert before - economy.balance(door.alice) == PRICE == economy.held(TREASURY)
    assert door.expiry(economy.address("bob")) == 0


def test_the_terms(door: Door) -> None:
    assert (door.facet.call("sessionPrice"), door.facet.call("sessionDuration")) == (PRICE, HOUR)
    receipt = door.facet.send("setSessionPrice", 2**128 - 1, sender=door.owner)
    assert receipt.only("SessionPriceSet") == {"priceWei": 2**128 - 1}
    receipt = door.facet.send("setSessionDuration", MONTH, sender=door.owner)
    assert receipt.only("SessionDurationSet") == {"duration": MONTH}
    assert door.facet.call("sessionPrice") == 2**128 - 1
    assert door.facet.call("sessionDuration") == MONTH
    with reverts("CastOverflow"):
        door.terms(price=2**128)
    for duration in (MONTH + 1, 2**32, 2**256 - 1):
        with reverts("DurationTooLong"):
            door.terms(duration=duration)
    door.terms(price=0, duration=0)  # zeros are values and not the defaults
    assert (door.facet.call("sessionPrice"), door.facet.call("sessionDuration")) == (0, 0)
    for name in ("setSessionPrice", "setSessionDuration"):
        with reverts("NotOwner"):
            door.facet.send(name, 2**256 - 1, sender=door.alice)


def test_refusals_in_order(door: Door) -> None:
    door.buy("extendSession")
    running = door.expiry()
    door.terms(duration=0)
    for name in BUYS:
        with reverts("SessionsDisabled"):
            door.buy(name, most=0)
    door.terms(duration=HOUR)
    for name in ("openSession", "openSessionMax"):
        with reverts("SessionRunning", running):
            door.buy(name, most=0)
    door.terms(duration=MONTH)
    for name in ("extendSession", "extendSessionMax"):
        with reverts("TooFar"):
            door.buy(name, most=0)
    with reverts("PriceTooHigh", PRICE):
        door.buy("openSessionMax", most=PRICE - 1)
    door.terms(duration=HOUR)
    with reverts("PriceTooHigh", PRICE):
        door.buy("extendSessionMax", most=PRICE - 1)
    token = door.economy.credits.address
    door.economy.credits.send("approve", door.economy.diamond, PRICE - 1, sender=door.alice)
    with reverts("TokenCallFailed", token):
        door.buy("extendSession")
    assert door.expiry() == running  # a failed pull leaves no session behind


def test_without_a_token_only_free_sessions() -> None:
    door = Door(bare())
    for name in BUYS:
        with reverts("NotConfigured"):
            door.buy(name)


@pytest.mark.parametrize("name", BUYS)
def test_free_sessions_need_no_token_ss_a2(name: str) -> None:
    door = Door(bare())
    door.terms(price=0)
    receipt = door.buy(name, most=0)
    assert receipt.value == door.economy.now + HOUR == door.expiry()


@pytest.mark.parametrize("wait", [-1, 0, 1])
def test_a_session_is_bought_once_a_duration(door: Door, wait: int) -> None:
    """Nobody pays twice for the same hour: opening again must end later than what runs."""
    start = door.economy.now
    door.buy("openSession")
    door.economy.evm.timestamp = start + HOUR + wait
    assert door.buy("openSession").value == start + 2 * HOUR + wait
    door.economy.evm.timestamp = start + HOUR + wait  # the same moment
    with reverts("SessionRunning", start + 2 * HOUR + wait):
        door.buy("openSession")


@pytest.mark.parametrize(("wait", "expected"), [(-1, 2 * HOUR), (0, 2 * HOUR), (1, 2 * HOUR + 1)])
def test_extending_adds_to_the_end_or_to_now(door: Door, wait: int, expected: int) -> None:
    start = door.economy.now
    door.buy("openSession")
    door.economy.evm.timestamp = start + HOUR + wait
    assert door.buy("extendSession").value == start + expected


@pytest.mark.parametrize(("shift", "allowed"), [(-1, False), (0, True), (1, True)])
def test_no_session_ends_more_than_thirty_days_ahead(door: Door, shift: int, allowed: bool) -> None:
    door.terms(duration=MONTH)
    start = door.economy.now
    door.buy("openSession")
    door.terms(duration=DAY)
    door.economy.evm.timestamp = start + DAY + shift
    if allowed:
        assert door.buy("extendSession").value == start + MONTH + DAY
    else:
        with reverts("TooFar"):
            door.buy("extendSession")


def test_a_shorter_duration_never_shortens_a_session_ss_i1(door: Door) -> None:
    door.terms(duration=DAY)
    door.buy("openSession")
    running = door.expiry()
    door.terms(duration=HOUR)
    with reverts("SessionRunning", running):
        door.buy("openSession")
    door.economy.evm.timestamp = running - HOUR
    with reverts("SessionRunning", running):
        door.buy("openSession")
    door.economy.later(1)
    assert door.buy("openSession").value == running + 1
    door.terms(duration=0)
    assert door.expiry() == running + 1


def test_a_price_raised_between_quote_and_call_ss_a1(door: Door) -> None:
    quoted = int(door.facet.call("sessionPrice"))
    door.terms(price=1_000 * ETHER)
    before = door.economy.balance(door.alice)
    for name in ("openSessionMax", "extendSessionMax"):
        with reverts("PriceTooHigh", 1_000 * ETHER):
            door.buy(name, most=quoted)
    assert door.economy.balance(door.alice) == before
    door.terms(price=quoted - 1)  # a price that fell is simply paid
    door.buy("openSessionMax", most=quoted)
    assert before - door.economy.balance(door.alice) == quoted - 1
