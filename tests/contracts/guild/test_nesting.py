"""Guilds inside guilds, through their own accounts."""

from __future__ import annotations

import pytest

from tests.contracts.calls import Reverted, reverts
from tests.contracts.economy import ETHER
from tests.contracts.guild.hall import DAY, MEMBER, NONE, Hall


class Family:
    """ "makers", "union" and "forum", with their accounts; alice holds and admins all three."""

    def __init__(self, hall: Hall) -> None:
        self.hall = hall
        self.ids = (hall.id, hall.found("union"), hall.found("forum"))
        self.accounts = tuple(hall.account(id_) for id_ in self.ids)

    def invite(self, parent: int, child: int) -> None:
        hall = self.hall
        args = (self.ids[parent], self.accounts[child])
        hall.send("inviteToGuild", *args, sender=hall.admin)

    def accept(self, parent: int, child: int) -> None:
        self.act(child, "acceptGuildInvite", self.ids[parent])

    def act(self, child: int, name: str, *args: object) -> None:
        hall = self.hall
        facet = hall.voting if name in ("vote", "propose") else hall.facet
        hall.through(self.accounts[child], hall.admin, facet.data(name, *args))

    def role(self, parent: int, child: int) -> int:
        return self.hall.role(self.accounts[child], self.ids[parent])


@pytest.fixture
def family(hall: Hall) -> Family:
    return Family(hall)


def inner(failure: pytest.ExceptionInfo[Reverted], hall: Hall) -> str:
    """The diamond's error, handed on by the account."""
    return hall.facet.interface.error(failure.value.raw)[0]


def refused(hall: Hall, call: object) -> str:
    with pytest.raises(Reverted) as failure:
        call()  # type: ignore[operator]
    return inner(failure, hall)


def test_a_guild_joins_another_through_its_account(family: Family) -> None:
    hall = family.hall
    family.invite(1, 0)
    family.accept(1, 0)
    assert family.role(1, 0) == MEMBER
    assert hall.facet.call("guildsOf", family.accounts[0]) == (family.ids[1],)
    family.act(0, "leaveGuild", family.ids[1])
    assert family.role(1, 0) == NONE


def test_a_pair_of_guilds_cannot_be_members_of_each_other(family: Family) -> None:
    hall = family.hall
    family.invite(1, 0)
    family.accept(1, 0)
    with reverts("MembershipCycle"):
        family.invite(0, 1)
    with reverts("MembershipCycle"):
        hall.send("setRole", family.ids[0], family.accounts[1], 2, sender=hall.admin)
    with reverts("MembershipCycle"):  # found before an officer's cap
        hall.policy(cap=0)
        args = (family.ids[0], family.accounts[1])
        hall.send("inviteToGuild", *args, sender=hall.officer)


def test_the_cycle_is_looked_for_again_on_acceptance(family: Family) -> None:
    family.invite(1, 0)
    family.invite(0, 1)
    family.accept(1, 0)
    assert refused(family.hall, lambda: family.accept(0, 1)) == "MembershipCycle"
    family.act(0, "leaveGuild", family.ids[1])
    family.accept(0, 1)
    assert refused(family.hall, lambda: family.accept(1, 0)) == "NotInvited"
    with reverts("MembershipCycle"):
        family.invite(1, 0)


@pytest.mark.parametrize("way", ["leave", "evicted"])
def test_a_departure_lifts_the_bar(family: Family, way: str) -> None:
    hall = family.hall
    family.invite(1, 0)
    family.accept(1, 0)
    if way == "leave":
        family.act(0, "leaveGuild", family.ids[1])
    else:
        hall.send("setRole", family.ids[1], family.accounts[0], NONE, sender=hall.admin)
    family.invite(0, 1)
    family.accept(0, 1)
    assert family.role(0, 1) == MEMBER
    with reverts("MembershipCycle"):
        family.invite(1, 0)


def test_longer_cycles_are_possible_and_harmless(family: Family) -> None:
    for parent, child in ((1, 0), (2, 1), (0, 2)):
        family.invite(parent, child)
        family.accept(parent, child)
    assert [family.role(p, c) for p, c in ((1, 0), (2, 1), (0, 2))] == [MEMBER] * 3


def test_an_invited_account_need_not_exist_yet(hall: Hall) -> None:
    union = hall.found("union")
    account = hall.facet.call("guildAddress", hall.id)
    hall.send("inviteToGuild", union, account, sender=hall.admin)
    hall.account(hall.id)
    hall.through(account, hall.admin, hall.facet.data("acceptGuildInvite", union))
    assert hall.role(account, union) == MEMBER


def test_the_account_of_an_ordinary_identity_is_an_ordinary_member(hall: Hall) -> None:
    dave = hall.stranger
    identity = hall.economy.register("dave", "worker")
    hall.economy.tba.send("createTokenBoundAccount", identity, sender=dave)
    account = hall.economy.account_of(identity)
    hall.send("inviteToGuild", hall.id, account, sender=hall.admin)
    hall.through(account, dave, hall.facet.data("acceptGuildInvite", hall.id))
    assert hall.role(account) == MEMBER
    hall.through(account, dave, hall.facet.data("leaveGuild", hall.id))
    assert hall.role(account) == NONE


def test_a_guild_votes_in_another(family: Family) -> None:
    hall = family.hall
    union = family.ids[1]
    family.invite(1, 0)
    family.accept(1, 0)
    hall.fund(guild=union)
    id_ = hall.propose(ETHER, guild=union, sender=hall.admin)
    family.act(0, "vote", id_, True)
    hall.vote(id_, hall.admin)
    hall.economy.later(DAY + 1)
    hall.execute(id_)
    assert hall.treasury(union) == 9 * ETHER


def test_a_guild_pays_its_own_account_like_anybody(family: Family) -> None:
    hall = family.hall
    hall.fund()
    args = (hall.id, family.accounts[0], ETHER, b"")
    hall.send("spendTreasury", *args, sender=hall.admin)
    assert hall.economy.balance(family.accounts[0]) == ETHER
