"""Tithes, function by function; TI-I1, TI-I2 and what a stranger can make of them."""

from __future__ import annotations

import pytest

from harness.chain.evm import Evm
from tests.contracts.calls import Receipt, reverts
from tests.contracts.economy import ETHER, PURSE, Economy
from tests.contracts.guild.hall import DAY, Hall
from tests.contracts.guild.test_guild_attacks import Trap

UNKNOWN = 999
TENTH = 1_000


class Giver:
    """Erin gives the hall a tenth; frank pays her and anybody collects."""

    def __init__(self, hall: Hall) -> None:
        self.hall, self.economy = hall, hall.economy
        self.facet = hall.economy.tithe
        self.erin, self.frank = hall.economy.address("erin"), hall.economy.address("frank")
        self.set()

    def set(self, bps: int = TENTH) -> Receipt:
        return self.facet.send("setTithe", self.hall.id, bps, sender=self.erin)

    def earn(self, amount: int) -> None:
        self.economy.credits.send("transfer", self.erin, amount, sender=self.frank)

    def spend(self, amount: int) -> None:
        self.economy.credits.send("transfer", self.frank, amount, sender=self.erin)

    def collect(self) -> Receipt:
        return self.facet.send("collectTithe", self.erin, sender=self.hall.stranger)

    def details(self) -> tuple[int, int, int]:
        return tuple(self.facet.call("titheDetailsOf", self.erin))  # type: ignore[return-value]


@pytest.fixture
def giver(hall: Hall) -> Giver:
    return Giver(hall)


def test_setting(giver: Giver) -> None:
    receipt = giver.set(250)
    assert receipt.only("TitheSet") == {
        "account": giver.erin,
        "guildId": giver.hall.id,
        "bps": 250,
        "checkpoint": PURSE,
    }
    assert giver.facet.call("titheOf", giver.erin) == (giver.hall.id, 250)
    assert giver.details() == (PURSE, 0, 0)


def test_setting_refusals_in_order(giver: Giver) -> None:
    for bps in (0, 10_001, 2**256 - 1):
        with reverts("InvalidBps"):
            giver.facet.send("setTithe", UNKNOWN, bps, sender=giver.erin)
    with reverts("UnknownGuild"):
        giver.facet.send("setTithe", UNKNOWN, 1, sender=giver.erin)
    giver.set(1)
    giver.set(10_000)


def test_setting_needs_a_token() -> None:
    economy = Economy(Evm(), configured=False)
    owner, alice = economy.owner.address, economy.address("alice")
    args = (economy.registry6551.address, economy.account_impl)
    economy.tba.send("setTbaConfig", *args, sender=owner)
    id_ = economy.guild.send("createGuild", "makers", sender=alice).value
    with reverts("NotConfigured"):
        economy.tithe.send("setTithe", id_, 1, sender=alice)


def test_collecting(giver: Giver) -> None:
    hall = giver.hall
    giver.earn(50 * ETHER)
    receipt = giver.collect()
    assert receipt.value == 5 * ETHER
    assert receipt.only("TitheCollected") == {
        "account": giver.erin,
        "guildId": hall.id,
        "amount": 5 * ETHER,
        "checkpoint": PURSE + 45 * ETHER,
    }
    funded = {"guildId": hall.id, "funder": giver.erin, "amount": 5 * ETHER}
    assert receipt.only("GuildFunded") == funded
    assert giver.economy.balance(giver.erin) == PURSE + 45 * ETHER
    assert hall.treasury() == 5 * ETHER == hall.held()
    assert giver.details() == (PURSE + 45 * ETHER, 0, giver.economy.now)


def test_collecting_refusals_in_order(giver: Giver) -> None:
    with reverts("NoTithe"):
        giver.facet.send("collectTithe", giver.frank, sender=giver.hall.stranger)
    with reverts("NothingToCollect"):
        giver.collect()
    giver.earn(9)  # less than a wei of tithe
    with reverts("NothingToCollect"):
        giver.collect()
    giver.earn(1)  # which is not forgotten
    assert giver.collect().value == 1
    with reverts("TooSoon"):
        giver.collect()
    giver.economy.later(DAY)
    giver.earn(ETHER)
    giver.economy.credits.send("approve", giver.economy.diamond, 0, sender=giver.erin)
    with reverts("TokenCallFailed"):
        giver.collect()
    assert giver.details()[0] == PURSE + 9


@pytest.mark.parametrize("late", [-1, 0, 1])
def test_once_in_a_day(giver: Giver, late: int) -> None:
    giver.earn(ETHER)
    giver.collect()
    giver.earn(ETHER)
    giver.economy.later(DAY + late)
    if late < 0:
        with reverts("TooSoon"):
            giver.collect()
        giver.set()  # does not start the day anew, either way
        with reverts("TooSoon"):
            giver.collect()
    else:
        assert giver.collect().value == ETHER // 10


def test_ti_i1_a_second_collection_without_income_takes_nothing(giver: Giver) -> None:
    giver.earn(ETHER)
    giver.collect()
    before = giver.economy.balance(giver.erin)
    for _ in range(5):
        giver.economy.later(DAY)
        with reverts("NothingToCollect"):
            giver.collect()
    assert giver.economy.balance(giver.erin) == before


def test_ti_i2_no_more_than_the_share_of_income(giver: Giver) -> None:
    income = 0
    for n in range(12):
        giver.earn(n * 700 + 30)
        income += n * 700 + 30
        if n % 3 == 1:
            giver.spend(n * 500)
        giver.economy.later(DAY)
        if n % 4 != 3:
            giver.collect()
        assert giver.hall.treasury() * 10 <= income


def test_a_balance_that_fell_is_the_new_measure(giver: Giver) -> None:
    giver.spend(100 * ETHER)
    receipt = giver.collect()
    assert receipt.value == 0
    assert receipt.names() == ["TitheCollected"]
    assert receipt.only("TitheCollected")["checkpoint"] == PURSE - 100 * ETHER
    giver.earn(10 * ETHER)
    giver.economy.later(DAY)
    assert giver.collect().value == ETHER


def test_a_cap_bounds_each_collection(giver: Giver) -> None:
    with reverts("NoTithe"):
        giver.facet.send("setTitheCap", 1, sender=giver.frank)
    with reverts("CastOverflow"):
        giver.facet.send("setTitheCap", 2**128, sender=giver.erin)
    receipt = giver.facet.send("setTitheCap", 3, sender=giver.erin)
    assert receipt.only("TitheCapSet") == {"account": giver.erin, "perPeriodMax": 3}
    assert giver.details()[1] == 3
    giver.earn(ETHER)
    assert giver.collect().value == 3
    giver.economy.later(DAY)
    with reverts("NothingToCollect"):  # what was over is not asked for later
        giver.collect()


def test_revoking(giver: Giver) -> None:
    with reverts("NoTithe"):
        giver.facet.send("revokeTithe", sender=giver.frank)
    giver.facet.send("setTitheCap", 3, sender=giver.erin)
    giver.earn(ETHER)
    receipt = giver.facet.send("revokeTithe", sender=giver.erin)
    assert receipt.only("TitheRevoked") == {"account": giver.erin, "guildId": giver.hall.id}
    assert giver.facet.call("titheOf", giver.erin) == (0, 0)
    assert giver.details() == (0, 0, 0)
    with reverts("NoTithe"):
        giver.collect()
    giver.set()
    assert giver.details() == (PURSE + ETHER, 0, 0)  # the cap went with it


def test_a_stranger_collecting_all_the_time_drains_nobody(giver: Giver) -> None:
    before = giver.economy.balance(giver.erin)
    for _ in range(30):
        giver.economy.later(DAY)
        with reverts("NothingToCollect"):
            giver.collect()
    assert giver.economy.balance(giver.erin) == before


def test_a_token_calling_back_collects_nothing_twice(hall: Hall) -> None:
    trap = Trap(hall.economy.fresh())
    giver = Giver(trap)
    trap.token.send("mint", giver.erin, 100 * ETHER, sender=giver.frank)
    trap.arm(giver.facet.data("collectTithe", giver.erin))
    assert giver.collect().value == 10 * ETHER
    _, ok, answer = trap.token.call("reentry")
    assert (ok, giver.facet.interface.error(answer)[0]) == (False, "Reentrancy")
    assert trap.treasury() == 10 * ETHER == trap.kept()
