"""Votes by shares, function by function, and what they share with votes by heads."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from tests.contracts.calls import Receipt, reverts
from tests.contracts.economy import ETHER, ZERO
from tests.contracts.guild.hall import (
    ACTIVE,
    DAY,
    EXECUTED,
    EXECUTION_WINDOW,
    EXPIRED,
    FAILED,
    HOUR,
    NONE,
    PASSED,
    Hall,
    memo_of,
)

UNKNOWN = 999


class Weighted(NamedTuple):
    """What weightedProposal answers."""

    guild: int
    proposer: bytes
    to: bytes
    amount: int
    deadline: int
    status: int
    in_favour: int
    against: int
    total: int
    quorum: int
    passing: bool


class Table:
    """The hall, with 50, 30 and 20 shares for admin, officer and member."""

    def __init__(self, hall: Hall) -> None:
        self.hall = hall
        self.facet = hall.economy.weighted
        hall.fund(10 * ETHER)
        for who, shares in ((hall.admin, 50), (hall.officer, 30), (hall.member, 20)):
            self.set(who, shares)

    def set(self, who: bytes, shares: int, sender: bytes | None = None) -> Receipt:
        by = sender or self.hall.admin
        return self.facet.send("setShares", self.hall.id, who, shares, sender=by)

    def propose(self, amount: int = ETHER, period: int = DAY, sender: bytes | None = None) -> int:
        args = (self.hall.id, self.hall.stranger, amount, period, "rent")
        by = sender or self.hall.member
        return int(self.facet.send("proposeWeighted", *args, sender=by).value)

    def vote(self, id_: int, *voters: bytes, support: bool = True) -> None:
        for who in voters:
            self.facet.send("voteWeighted", id_, support, sender=who)

    def execute(self, id_: int) -> Receipt:
        return self.facet.send("executeWeighted", id_, sender=self.hall.stranger)

    def proposal(self, id_: int) -> Weighted:
        return Weighted(*self.facet.call("weightedProposal", id_))

    def shares(self, who: bytes) -> int:
        return int(self.facet.call("sharesOf", self.hall.id, who))

    def total(self) -> int:
        return int(self.facet.call("totalSharesOf", self.hall.id))


@pytest.fixture
def table(hall: Hall) -> Table:
    return Table(hall)


def test_giving_shares(table: Table) -> None:
    hall = table.hall
    receipt = table.set(hall.member, 25)
    assert receipt.only("SharesSet") == {
        "guildId": hall.id,
        "member": hall.member,
        "shares": 25,
        "totalShares": 105,
        "by": hall.admin,
    }
    assert (table.shares(hall.member), table.total()) == (25, 105)
    assert table.set(hall.member, 25).events == []
    table.set(hall.member, 0)
    assert (table.shares(hall.member), table.total()) == (0, 80)


def test_share_refusals_in_order(table: Table) -> None:
    hall = table.hall
    with reverts("UnknownGuild"):
        table.facet.send("setShares", UNKNOWN, hall.stranger, 1, sender=hall.stranger)
    for who in (hall.officer, hall.member, hall.stranger):
        with reverts("NotAdmin"):
            table.set(hall.stranger, 1, who)
    with reverts("NotMember"):
        table.set(hall.stranger, 1)
    for shares in (2**128, 2**256 - 1, 2**128 - 80):
        with reverts("CastOverflow"):
            table.set(hall.member, shares)
    table.set(hall.member, 2**128 - 81)
    assert table.total() == 2**128 - 1


@pytest.mark.parametrize("way", ["leave", "evicted"])
def test_shares_end_with_the_membership(table: Table, way: str) -> None:
    hall = table.hall
    if way == "leave":
        hall.send("leaveGuild", hall.id, sender=hall.member)
    else:
        hall.send("setRole", hall.id, hall.member, NONE, sender=hall.admin)
    assert (table.shares(hall.member), table.total()) == (0, 80)
    hall.join(hall.member)
    assert table.shares(hall.member) == 0


def test_proposing(table: Table) -> None:
    hall, now = table.hall, table.hall.economy.now
    args = (hall.id, hall.stranger, ETHER, DAY, "rent for May")
    receipt = table.facet.send("proposeWeighted", *args, sender=hall.member)
    assert receipt.only("WeightedProposalCreated") == {
        "id": receipt.value,
        "guildId": hall.id,
        "proposer": hall.member,
        "to": hall.stranger,
        "amount": ETHER,
        "deadline": now + DAY,
    }
    expected = Weighted(
        hall.id, hall.member, hall.stranger, ETHER, now + DAY, ACTIVE, 0, 0, 100, 50, False
    )
    assert table.proposal(receipt.value) == expected
    assert table.facet.call("weightedProposalMemoOf", receipt.value) == "rent for May"
    assert table.facet.call("weightedProposalsOf", hall.id, 0, 9) == ((receipt.value,), 1)
    assert hall.active() == {receipt.value}


def test_proposing_refusals_in_order(table: Table) -> None:
    hall = table.hall

    def propose(guild: int, to: bytes, amount: int, period: int, memo: str, who: bytes) -> None:
        table.facet.send("proposeWeighted", guild, to, amount, period, memo, sender=who)

    long, too_much = "x" * 4_097, 10 * ETHER + 1
    with reverts("UnknownGuild"):
        propose(UNKNOWN, ZERO, 0, 0, long, hall.member)
    with reverts("NotGuildMember"):
        propose(hall.id, ZERO, 0, 0, long, hall.stranger)
    with reverts("ZeroProposalAmount"):
        propose(hall.id, ZERO, 0, 0, long, hall.member)
    with reverts("ZeroProposalRecipient"):
        propose(hall.id, ZERO, too_much, 0, long, hall.member)
    for period in (0, HOUR - 1, 30 * DAY + 1, 2**256 - 1):
        with reverts("BadVotingPeriod"):
            propose(hall.id, hall.member, too_much, period, long, hall.member)
    with reverts("MemoTooLarge"):
        propose(hall.id, hall.member, too_much, HOUR, long, hall.member)
    with reverts("AmountExceedsTreasury"):
        propose(hall.id, hall.member, too_much, HOUR, "", hall.member)
    for n in range(4):  # both kinds count
        hall.propose(1) if n % 2 else table.propose(1)
    with reverts("TooManyProposals"):
        propose(hall.id, hall.member, 1, HOUR, "", hall.member)
    with reverts("TooManyProposals"):
        hall.propose(1)


def test_voting_refusals_in_order(table: Table) -> None:
    hall = table.hall
    id_, other = table.propose(), table.propose()
    late = hall.crowd(1)[0]
    with reverts("UnknownProposal"):
        table.vote(UNKNOWN, hall.stranger)
    with reverts("NotGuildMember"):
        table.vote(id_, hall.stranger)
    with reverts("JoinedAfterSnapshot"):
        table.vote(id_, late)
    receipt = table.facet.send("voteWeighted", id_, True, sender=hall.officer)
    assert receipt.only("VoteCast") == {
        "id": id_,
        "voter": hall.officer,
        "support": True,
        "weight": 30,
    }
    assert table.facet.call("hasVotedWeighted", id_, hall.officer) is True
    assert table.facet.call("hasVotedWeighted", id_, hall.member) is False
    with reverts("AlreadyVoted"):
        table.vote(id_, hall.officer)
    table.set(late, 5)
    third = table.propose()
    table.set(late, 0)
    table.vote(third, late)  # had shares then
    fourth = table.propose()
    table.set(late, 5)
    assert table.facet.call("votingPowerOf", fourth, late) == 0
    with reverts("NoVotingPower"):
        table.vote(fourth, late)
    assert table.facet.call("hasVotedWeighted", fourth, late) is False
    hall.economy.later(DAY + 1)
    with reverts("VotingClosed"):
        table.vote(id_, hall.stranger)
    table.execute(other)
    with reverts("ProposalNotActive"):
        table.vote(other, hall.member)


@pytest.mark.parametrize(
    ("ballots", "passing"),
    [
        ({}, False),
        ({"officer": True}, False),
        ({"officer": True, "member": True}, True),  # exactly half; no admin needed
        ({"officer": True, "member": False}, True),
        ({"officer": False, "member": True}, False),
        ({"admin": True}, True),
        ({"admin": True, "officer": False, "member": False}, False),  # a tie
    ],
)
def test_what_passes(table: Table, ballots: dict[str, bool], passing: bool) -> None:
    hall = table.hall
    id_ = table.propose()
    for who, support in ballots.items():
        table.vote(id_, getattr(hall, who), support=support)
    assert table.proposal(id_).passing is passing
    hall.economy.later(DAY + 1)
    assert table.proposal(id_).status == (PASSED if passing else ACTIVE)
    receipt = table.execute(id_)
    assert table.proposal(id_).status == (EXECUTED if passing else FAILED)
    if passing:
        assert receipt.only("TreasurySpent")["memo"] == memo_of(id_)
        assert hall.treasury() == 9 * ETHER == hall.held()
    else:
        assert receipt.names() == ["ProposalFailed"]


@pytest.mark.parametrize("late", [-1, 0, 1])
def test_times(table: Table, late: int) -> None:
    hall = table.hall
    id_ = table.propose()
    table.vote(id_, hall.admin)
    hall.economy.later(DAY + late)
    if late > 0:
        with reverts("VotingClosed"):
            table.vote(id_, hall.member)
        hall.economy.later(EXECUTION_WINDOW - 1)
        table.execute(id_)
        return
    table.vote(id_, hall.member)
    with reverts("VotingNotEnded"):
        table.execute(id_)
    hall.economy.later(EXECUTION_WINDOW - late + 1)
    assert table.execute(id_).names() == ["ProposalExpired"]
    assert table.proposal(id_).status == EXPIRED


def test_execution_refusals_in_order(table: Table) -> None:
    hall = table.hall
    with reverts("UnknownProposal"):
        table.execute(UNKNOWN)
    first, second = table.propose(6 * ETHER), table.propose(6 * ETHER)
    for id_ in (first, second):
        table.vote(id_, hall.admin)
    hall.economy.later(DAY + 1)
    with reverts("HigherRankPending"):
        table.execute(second)
    table.execute(first)
    with reverts("ProposalNotActive"):
        table.execute(first)
    with reverts("AmountExceedsTreasury"):
        table.execute(second)


def test_shares_moved_during_a_vote_change_nothing_about_it(table: Table) -> None:
    """Neither the quorum nor anybody's weight, whichever way shares go (WV-I1)."""
    hall = table.hall
    id_ = table.propose()
    table.set(hall.admin, 1_000)
    table.set(hall.officer, 0)
    table.set(hall.member, 7)
    hall.send("leaveGuild", hall.id, sender=hall.member)
    assert table.proposal(id_)[6:] == (0, 0, 100, 50, False)
    powers = [
        table.facet.call("votingPowerOf", id_, who)
        for who in (hall.admin, hall.officer, hall.member, hall.stranger)
    ]
    assert powers == [50, 30, 20, 0]
    table.vote(id_, hall.admin)
    with reverts("NotGuildMember"):
        table.vote(id_, hall.member)
    table.vote(id_, hall.officer, support=False)
    assert table.proposal(id_)[6:] == (50, 30, 100, 50, True)


def test_weights_are_found_however_often_shares_changed(table: Table) -> None:
    hall = table.hall
    people = [hall.admin, hall.officer, hall.member, *hall.crowd(2)]
    expected: dict[int, list[int]] = {}
    held = {who: table.shares(who) for who in people}
    for n in range(24):
        who = people[(n * 7) % 5]
        held[who] = (n * 13) % 40
        table.set(who, held[who])
        if n % 2:
            expected[table.propose(1, sender=people[n // 2 % 5])] = [held[w] for w in people]
    for id_, weights in expected.items():
        answers = [table.facet.call("votingPowerOf", id_, who) for who in people]
        assert answers == weights, id_
        assert table.proposal(id_).total == sum(weights)  # WV-I1


def test_the_two_kinds_do_not_mix(table: Table) -> None:
    hall = table.hall
    heads, shares = hall.propose(), table.propose()
    assert (heads, shares) == (1, 2)
    assert hall.voting.call("proposalCount") == 2
    assert hall.active() == {1, 2}
    assert hall.voting.call("proposalsOf", hall.id, 0, 9) == ((1,), 1)
    assert table.facet.call("weightedProposalsOf", hall.id, 0, 9) == ((2,), 1)
    with reverts("UnknownProposal"):
        hall.vote(shares, hall.admin)
    with reverts("UnknownProposal"):
        table.vote(heads, hall.admin)
    for name in ("execute", "cancelProposal"):
        with reverts("UnknownProposal"):
            hall.voting.send(name, shares, sender=hall.member)
    with reverts("UnknownProposal"):
        table.execute(heads)
    for name in ("getProposal", "getProposalEx", "tallyOf", "proposalMemoOf"):
        with reverts("UnknownProposal"):
            hall.voting.call(name, shares)
    for name in ("weightedProposal", "weightedProposalMemoOf"):
        with reverts("UnknownProposal"):
            table.facet.call(name, heads)
    with reverts("UnknownProposal"):
        table.facet.call("votingPowerOf", heads, hall.admin)
    hall.vote(heads, hall.admin)
    table.vote(shares, hall.admin)
    assert hall.voting.call("hasVoted", heads, hall.admin) is True
    assert hall.voting.call("hasVoted", shares, hall.admin) is False
    assert table.facet.call("hasVotedWeighted", heads, hall.admin) is False


def test_both_kinds_are_ranked_together(table: Table) -> None:
    hall = table.hall
    first = table.propose(6 * ETHER)
    second = hall.passed(6 * ETHER)
    table.vote(first, hall.admin)
    hall.economy.later(DAY + 1)
    with reverts("HigherRankPending"):
        hall.execute(second)
    table.execute(first)
    with reverts("AmountExceedsTreasury"):
        hall.execute(second)


def test_one_ballot_though_one_left_and_came_back(table: Table) -> None:
    hall = table.hall
    id_ = table.propose()
    table.vote(id_, hall.member)
    hall.send("leaveGuild", hall.id, sender=hall.member)
    hall.join(hall.member)
    with reverts("JoinedAfterSnapshot"):
        table.vote(id_, hall.member)
    assert table.proposal(id_).in_favour == 20


def test_nothing_passes_where_nobody_has_shares(table: Table) -> None:
    hall = table.hall
    for who in (hall.admin, hall.officer, hall.member):
        table.set(who, 0)
    id_ = table.propose()
    with reverts("NoVotingPower"):
        table.vote(id_, hall.admin)
    assert table.proposal(id_)[6:] == (0, 0, 0, 1, False)
    hall.economy.later(DAY + 1)
    assert table.execute(id_).names() == ["ProposalFailed"]
