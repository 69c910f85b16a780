"""Votes over a treasury, function by function."""

from __future__ import annotations

import pytest

from tests.contracts.calls import reverts
from tests.contracts.economy import ETHER, ZERO
from tests.contracts.guild.hall import (
    ACTIVE,
    ADMIN,
    DAY,
    EXECUTED,
    EXECUTION_WINDOW,
    EXPIRED,
    FAILED,
    HOUR,
    LOOSEN_DELAY,
    NONE,
    OFFICER,
    PASSED,
    RANK_WINDOW,
    Hall,
    Tally,
    memo_of,
)

UNKNOWN = 999
LONG = b"x" * 4_097


@pytest.fixture
def funded(hall: Hall) -> Hall:
    hall.fund(10 * ETHER)
    return hall


# -- proposing -----------------------------------------------------------------------------------


def test_proposing(funded: Hall) -> None:
    hall, now = funded, funded.economy.now
    args = (hall.id, hall.stranger, ETHER, b"rent for May", DAY)
    receipt = hall.voting.send("propose", *args, sender=hall.member)
    assert receipt.value == 1 == hall.voting.call("proposalCount")
    assert receipt.only("ProposalCreated") == {
        "id": 1,
        "guildId": hall.id,
        "proposer": hall.member,
        "to": hall.stranger,
        "amount": ETHER,
        "deadline": now + DAY,
    }
    expected = (hall.id, hall.member, hall.stranger, ETHER, now + DAY, ACTIVE, 0, 0)
    assert hall.proposal(1) == expected
    assert hall.tally(1) == Tally(0, 0, 2, 0, False)
    details = hall.voting.call("getProposalEx", 1)
    ends = now + DAY
    assert details == (3, 3, 0, True, 0, ends, ends + RANK_WINDOW, ends + EXECUTION_WINDOW)
    assert hall.voting.call("proposalMemoOf", 1) == b"rent for May"
    assert hall.voting.call("proposalsOf", hall.id, 0, 9) == ((1,), 1)
    assert hall.active() == {1}


def test_proposing_refusals_in_order(funded: Hall) -> None:
    hall = funded

    def propose(guild: int, to: bytes, amount: int, memo: bytes, period: int, who: bytes) -> None:
        hall.voting.send("propose", guild, to, amount, memo, period, sender=who)

    with reverts("UnknownGuild"):
        propose(UNKNOWN, ZERO, 0, LONG, 0, hall.member)
    with reverts("NotGuildMember"):
        propose(hall.id, ZERO, 0, LONG, 0, hall.stranger)
    with reverts("ZeroProposalAmount"):
        propose(hall.id, ZERO, 0, LONG, 0, hall.member)
    too_much = 10 * ETHER + 1
    with reverts("ZeroProposalRecipient"):
        propose(hall.id, ZERO, too_much, LONG, 0, hall.member)
    for period in (0, HOUR - 1, 30 * DAY + 1, 2**64 - 1):
        with reverts("BadVotingPeriod"):
            propose(hall.id, hall.member, too_much, LONG, period, hall.member)
    with reverts("MemoTooLarge"):
        propose(hall.id, hall.member, too_much, LONG, HOUR, hall.member)
    for amount in (too_much, 2**128 + 1, 2**256 - 1):
        with reverts("AmountExceedsTreasury"):
            propose(hall.id, hall.member, amount, LONG[1:], HOUR, hall.member)
    for period in (HOUR, 30 * DAY, HOUR, HOUR):
        propose(hall.id, hall.member, 10 * ETHER, LONG[1:], period, hall.member)
    with reverts("TooManyProposals"):
        propose(hall.id, hall.member, 1, b"", HOUR, hall.member)
    propose(hall.id, hall.member, 1, b"", HOUR, hall.officer)


def test_at_most_32_active_proposals_of_a_guild(funded: Hall) -> None:
    hall = funded
    people = [hall.admin, hall.officer, hall.member, *hall.crowd(6)]
    ids = [hall.propose(1, sender=people[n // 4]) for n in range(32)]
    assert hall.active() == set(ids)
    with reverts("TooManyProposals"):
        hall.propose(1, sender=people[8])
    for id_ in (ids[0], ids[13], ids[31], ids[30], ids[1]):
        hall.voting.send("cancelProposal", id_, sender=hall.proposal(id_).proposer)
        ids.remove(id_)
        assert hall.active() == set(ids)
    ids += [hall.propose(1, sender=people[8]) for _ in range(4)]
    with reverts("TooManyProposals"):
        hall.propose(1, sender=people[8])
    assert hall.active() == set(ids)
    assert hall.voting.call("proposalsOf", hall.id, 30, 99) == (tuple(range(31, 37)), 36)


def test_a_slot_is_the_members_not_the_seats(funded: Hall) -> None:
    hall = funded
    for _ in range(4):
        hall.propose(1)
    hall.send("leaveGuild", hall.id, sender=hall.member)
    hall.join(hall.stranger)  # on the seat of the member who left
    for _ in range(4):
        hall.propose(1, sender=hall.stranger)
    with reverts("TooManyProposals"):
        hall.propose(1, sender=hall.stranger)


# -- voting --------------------------------------------------------------------------------------


def test_voting(funded: Hall) -> None:
    hall = funded
    id_ = hall.propose()
    for number, (who, support) in enumerate(
        ((hall.member, True), (hall.officer, False), (hall.admin, True)), start=1
    ):
        assert hall.voting.call("hasVoted", id_, who) is False
        receipt = hall.voting.send("vote", id_, support, sender=who)
        expected = {"id": id_, "voter": who, "support": support, "weight": 1}
        assert receipt.only("VoteCast") == expected
        assert hall.voting.call("hasVoted", id_, who) is True
        assert hall.tally(id_).cast == number
    assert hall.tally(id_) == Tally(2, 1, 2, 3, True)
    assert hall.proposal(id_)[5:] == (ACTIVE, 2, 1)
    assert hall.voting.call("getProposalEx", id_)[2] == 1


def test_voting_refusals_in_order(funded: Hall) -> None:
    hall = funded
    first, second = hall.propose(), hall.propose()
    late = hall.crowd(1)[0]
    with reverts("UnknownProposal"):
        hall.vote(UNKNOWN, hall.stranger)
    hall.vote(second, hall.member)
    with reverts("NotGuildMember"):
        hall.vote(second, hall.stranger)
    with reverts("JoinedAfterSnapshot"):
        hall.vote(second, late)
    with reverts("AlreadyVoted"):
        hall.vote(second, hall.member, support=False)
    hall.economy.later(DAY + 1)
    for who in (hall.stranger, late, hall.member):
        with reverts("VotingClosed"):
            hall.vote(second, who)
    hall.execute(first)
    with reverts("ProposalNotActive"):
        hall.vote(first, hall.stranger)


@pytest.mark.parametrize("late", [-1, 0, 1])
def test_voting_ends_after_the_deadline(funded: Hall, late: int) -> None:
    id_ = funded.propose()
    funded.economy.later(DAY + late)
    if late > 0:
        with reverts("VotingClosed"):
            funded.vote(id_, funded.admin)
    else:
        funded.vote(id_, funded.admin)


@pytest.mark.parametrize("late", [-1, 0, 1])
def test_tenure_is_counted_to_the_proposal(funded: Hall, late: int) -> None:
    hall = funded
    newcomer = hall.crowd(1)[0]
    hall.policy(tenure=DAY)
    hall.economy.later(DAY + late)
    id_ = hall.propose(sender=hall.admin)
    assert hall.voting.call("getProposalEx", id_)[4] == hall.economy.now - DAY
    hall.economy.later(60)
    hall.policy(tenure=300 * DAY)  # too late for this proposal
    if late < 0:
        with reverts("JoinedAfterSnapshot"):
            hall.vote(id_, newcomer)
    else:
        hall.vote(id_, newcomer)
    assert hall.tally(id_).quorum == 2


def test_who_voted_is_known_after_they_left(funded: Hall) -> None:
    hall = funded
    id_ = hall.propose()
    hall.vote(id_, hall.officer)
    for who in (hall.officer, hall.member):
        hall.send("leaveGuild", hall.id, sender=who)
    hall.join(hall.stranger)  # the member's seat
    hall.join(hall.economy.address("erin"))  # the officer's
    voted = [hall.officer, hall.member, hall.stranger, hall.economy.address("erin")]
    assert [hall.voting.call("hasVoted", id_, who) for who in voted] == [True, False, False, False]
    again = hall.propose(sender=hall.stranger)
    hall.vote(again, hall.stranger, hall.economy.address("erin"))
    answers = [hall.voting.call("hasVoted", again, who) for who in voted]
    assert answers == [False, False, True, True]
    assert hall.voting.call("hasVoted", UNKNOWN, hall.admin) is False


# -- executing -----------------------------------------------------------------------------------


def test_executing_pays(funded: Hall) -> None:
    hall = funded
    id_ = hall.passed(4 * ETHER)
    hall.economy.later(DAY + 1)
    assert hall.status(id_) == PASSED
    before = hall.economy.balance(hall.stranger)
    receipt = hall.execute(id_)
    assert receipt.names() == ["TreasurySpent", "ProposalExecuted"]
    expected = {"id": id_, "to": hall.stranger, "amount": 4 * ETHER}
    assert receipt.only("ProposalExecuted") == expected
    assert receipt.only("TreasurySpent") == {
        "guildId": hall.id,
        "to": hall.stranger,
        "amount": 4 * ETHER,
        "memo": memo_of(id_),
    }
    assert hall.economy.balance(hall.stranger) - before == 4 * ETHER
    assert hall.treasury() == 6 * ETHER == hall.held()
    assert (hall.status(id_), hall.active()) == (EXECUTED, set())
    with reverts("ProposalNotActive"):
        hall.execute(id_)


@pytest.mark.parametrize("delay", [0, 3 * DAY])
@pytest.mark.parametrize("late", [-1, 0, 1])
def test_execution_waits_for_deadline_and_delay(funded: Hall, delay: int, late: int) -> None:
    hall = funded
    hall.policy(delay=delay)
    id_ = hall.passed()
    hall.policy(delay=14 * DAY)  # too late for this proposal
    hall.economy.later(DAY + delay + late)
    if late <= 0:
        with reverts("VotingNotEnded"):
            hall.execute(id_)
    else:
        hall.execute(id_)


def test_execution_refusals_in_order(funded: Hall) -> None:
    hall = funded
    with reverts("UnknownProposal"):
        hall.execute(UNKNOWN)
    first, second = hall.passed(6 * ETHER), hall.passed(7 * ETHER)
    with reverts("VotingNotEnded"):
        hall.execute(second)
    hall.economy.later(DAY + 1)
    spend = (hall.id, hall.stranger, 4 * ETHER, b"")
    hall.send("spendTreasury", *spend, sender=hall.admin)
    with reverts("AmountExceedsTreasury"):
        hall.execute(second)
    hall.fund(ETHER)
    with reverts("HigherRankPending"):
        hall.execute(second)
    hall.execute(first)
    with reverts("ProposalNotActive"):
        hall.execute(first)


@pytest.mark.parametrize(
    ("ballots", "passing"),
    [
        ({}, False),
        ({"admin": True}, False),  # no quorum: 1 of 3
        ({"admin": True, "officer": True}, True),
        ({"admin": True, "officer": False}, False),  # a tie
        ({"member": True, "officer": True}, False),  # the gate
        ({"member": True, "officer": True, "admin": False}, False),  # no admin in favour
        ({"member": False, "officer": False, "admin": True}, False),
        ({"member": True, "officer": False, "admin": True}, True),
    ],
)
def test_what_passes(funded: Hall, ballots: dict[str, bool], passing: bool) -> None:
    hall = funded
    id_ = hall.propose()
    for who, support in ballots.items():
        hall.vote(id_, getattr(hall, who), support=support)
    assert hall.tally(id_).passing is passing
    hall.economy.later(DAY + 1)
    assert hall.status(id_) == (PASSED if passing else ACTIVE)
    receipt = hall.execute(id_)
    assert hall.status(id_) == (EXECUTED if passing else FAILED)
    if not passing:
        assert receipt.names() == ["ProposalFailed"]
        assert receipt.only("ProposalFailed") == {"id": id_}
        assert hall.treasury() == 10 * ETHER
    assert hall.active() == set()


@pytest.mark.parametrize(("members", "quorum"), [(1, 1), (2, 1), (3, 2), (4, 2), (5, 3), (128, 64)])
def test_quorum_is_half_rounded_up(hall: Hall, members: int, quorum: int) -> None:
    id_ = hall.found("quorum")
    hall.fund(ETHER, guild=id_)
    voters = [hall.admin, *hall.crowd(members - 1, guild=id_)]
    proposal = hall.propose(1, guild=id_, sender=hall.admin)
    hall.vote(proposal, *voters[: quorum - 1])
    assert hall.tally(proposal) == Tally(quorum - 1, 0, quorum, quorum - 1, False)
    hall.vote(proposal, voters[-1] if quorum == 1 else voters[quorum - 1])
    # With a quorum of one the only ballot may be a member's, whom the gate does not let through.
    gated = quorum == 1 and members > 1
    assert hall.tally(proposal) == Tally(quorum, 0, quorum, quorum, not gated)


def test_everybody_of_128_votes(hall: Hall) -> None:
    voters = [hall.admin, hall.officer, hall.member, *hall.crowd(125)]
    hall.fund()
    id_ = hall.propose(ETHER)
    for n, who in enumerate(voters):
        hall.vote(id_, who, support=n % 3 != 0)
    assert hall.tally(id_) == Tally(85, 43, 64, 128, False)  # the admin was against
    assert hall.voting.call("hasVoted", id_, voters[-1]) is True
    with reverts("AlreadyVoted"):
        hall.vote(id_, voters[-1])


def test_without_a_gate_no_admin_is_needed(funded: Hall) -> None:
    hall = funded
    gated = hall.propose(period=10 * DAY)
    hall.vote(gated, hall.member, hall.officer)
    hall.policy(gate=False)
    on_its_way = hall.propose(period=10 * DAY)  # the gate opens in two days
    hall.vote(on_its_way, hall.member, hall.officer)
    hall.economy.later(LOOSEN_DELAY)
    open_ = hall.propose()
    hall.vote(open_, hall.member, hall.officer)
    # The gate a proposal began with stays.
    assert (hall.tally(gated).passing, hall.tally(open_).passing) == (False, True)
    assert hall.tally(on_its_way).passing is False
    assert hall.voting.call("getProposalEx", open_)[3] is False
    # One switched on later counts at once.
    hall.policy(gate=True)
    assert hall.tally(open_).passing is False
    assert hall.voting.call("getProposalEx", open_)[3] is True
    hall.vote(open_, hall.admin)
    hall.economy.later(DAY + 1)
    hall.execute(open_)
    assert hall.status(open_) == EXECUTED


@pytest.mark.parametrize("late", [0, 1])
def test_execution_is_possible_for_thirty_days(funded: Hall, late: int) -> None:
    hall = funded
    id_ = hall.passed()
    hall.economy.later(DAY + EXECUTION_WINDOW + late)
    assert hall.status(id_) == (EXPIRED if late else PASSED)
    receipt = hall.execute(id_)
    assert hall.status(id_) == (EXPIRED if late else EXECUTED)
    if late:
        assert receipt.names() == ["ProposalExpired"]
        assert receipt.only("ProposalExpired") == {"id": id_}
        assert (hall.treasury(), hall.active()) == (10 * ETHER, set())


def test_an_empty_treasury_does_not_keep_a_proposal_from_expiring(funded: Hall) -> None:
    hall = funded
    id_ = hall.passed(10 * ETHER)
    spend = (hall.id, hall.stranger, 10 * ETHER, b"")
    hall.send("spendTreasury", *spend, sender=hall.admin)
    hall.economy.later(DAY + EXECUTION_WINDOW + 1)
    assert hall.execute(id_).names() == ["ProposalExpired"]


# -- rank ----------------------------------------------------------------------------------------


def test_the_earlier_deadline_goes_first(funded: Hall) -> None:
    hall = funded
    second, first = hall.passed(6 * ETHER, 2 * HOUR), hall.passed(6 * ETHER, HOUR)
    hall.economy.later(2 * HOUR + 1)
    with reverts("HigherRankPending"):
        hall.execute(second)
    hall.execute(first)
    with reverts("AmountExceedsTreasury"):
        hall.execute(second)


def test_of_one_deadline_the_lower_id_goes_first(funded: Hall) -> None:
    hall = funded
    first, second, third = hall.passed(4 * ETHER), hall.passed(4 * ETHER), hall.passed(3 * ETHER)
    hall.economy.later(DAY + 1)
    with reverts("HigherRankPending"):
        hall.execute(third)
    hall.execute(second)  # enough for the first is left
    with reverts("HigherRankPending"):
        hall.execute(third)
    hall.execute(first)
    with reverts("AmountExceedsTreasury"):
        hall.execute(third)


def test_only_what_passed_has_a_claim(funded: Hall) -> None:
    hall = funded
    failing = hall.propose(10 * ETHER)
    running = hall.propose(10 * ETHER, 9 * DAY)
    hall.vote(running, hall.admin, hall.officer)
    cancelled = hall.propose(10 * ETHER, sender=hall.officer)
    hall.voting.send("cancelProposal", cancelled, sender=hall.officer)
    id_ = hall.passed(10 * ETHER)
    hall.economy.later(DAY + 1)
    assert hall.tally(failing).passing is False
    hall.execute(id_)


@pytest.mark.parametrize("delay", [0, DAY])
@pytest.mark.parametrize("late", [-1, 0, 1])
def test_priority_ends_two_days_after_it_could_have_been_used(
    funded: Hall, delay: int, late: int
) -> None:
    hall = funded
    hall.policy(delay=delay)
    hall.passed(6 * ETHER)
    hall.policy()
    second = hall.passed(6 * ETHER)
    hall.economy.later(DAY + delay + RANK_WINDOW + late)
    if late <= 0:
        with reverts("HigherRankPending"):
            hall.execute(second)
    else:
        hall.execute(second)


# -- cancelling ----------------------------------------------------------------------------------


def test_cancelling(funded: Hall) -> None:
    hall = funded
    id_ = hall.propose()
    receipt = hall.voting.send("cancelProposal", id_, sender=hall.member)
    assert receipt.only("ProposalCancelled") == {"id": id_}
    assert (hall.status(id_), hall.active()) == (FAILED, set())


def test_cancelling_refusals_in_order(funded: Hall) -> None:
    hall = funded
    first, second = hall.propose(), hall.propose()
    with reverts("UnknownProposal"):
        hall.voting.send("cancelProposal", UNKNOWN, sender=hall.admin)
    with reverts("NotProposer"):
        hall.voting.send("cancelProposal", first, sender=hall.admin)
    hall.vote(first, hall.admin, support=False)
    with reverts("VotesCast"):
        hall.voting.send("cancelProposal", first, sender=hall.member)
    hall.send("leaveGuild", hall.id, sender=hall.member)
    hall.voting.send("cancelProposal", second, sender=hall.member)  # still the proposer
    with reverts("ProposalNotActive"):
        hall.voting.send("cancelProposal", second, sender=hall.member)
    hall.economy.later(DAY + 1)
    hall.execute(first)
    with reverts("ProposalNotActive"):
        hall.voting.send("cancelProposal", first, sender=hall.member)


# -- reading -------------------------------------------------------------------------------------


def test_unknown_proposals(hall: Hall) -> None:
    for name in ("getProposal", "getProposalEx", "proposalMemoOf", "tallyOf"):
        with reverts("UnknownProposal"):
            hall.voting.call(name, UNKNOWN)
    assert hall.voting.call("proposalsOf", hall.id, 0, 9) == ((), 0)
    assert hall.voting.call("activeProposalsOf", UNKNOWN) == ()


def test_the_proposals_of_a_guild_in_pages(funded: Hall) -> None:
    hall = funded
    other = hall.found("other")
    hall.fund(guild=other)
    mine: list[int] = []
    for n in range(10):
        hall.propose(1, guild=other, sender=hall.admin)
        mine.append(hall.propose(1))
        for id_ in hall.active() if n % 3 == 2 else ():
            hall.voting.send("cancelProposal", id_, sender=hall.member)
        for id_ in hall.voting.call("activeProposalsOf", other) if n % 3 == 2 else ():
            hall.voting.send("cancelProposal", id_, sender=hall.admin)
    assert hall.voting.call("proposalsOf", hall.id, 0, 4) == (tuple(mine[:4]), 4)
    assert hall.voting.call("proposalsOf", hall.id, 8, 4) == (tuple(mine[8:]), 10)
    assert hall.voting.call("proposalsOf", hall.id, 10, 4) == ((), 10)
    assert hall.voting.call("proposalsOf", hall.id, 0, 2**256 - 1) == (tuple(mine), 10)


def test_a_role_given_and_taken_before_the_ballot(funded: Hall) -> None:
    hall = funded
    id_ = hall.propose()
    hall.send("setRole", hall.id, hall.officer, ADMIN, sender=hall.admin)
    hall.vote(id_, hall.officer)
    assert hall.voting.call("getProposalEx", id_)[2] == 1
    hall.send("setRole", hall.id, hall.admin, OFFICER, sender=hall.officer)
    hall.vote(id_, hall.admin)
    assert hall.voting.call("getProposalEx", id_)[2] == 1
    hall.send("setRole", hall.id, hall.member, NONE, sender=hall.officer)
    with reverts("NotGuildMember"):
        hall.vote(id_, hall.member)


def test_every_seat_counts(funded: Hall) -> None:
    """128 members, the most there are: what is cast is counted whichever seats it came from."""
    hall = funded
    everybody = [hall.admin, hall.officer, hall.member, *hall.crowd(125)]
    hall.voting.send("propose", hall.id, hall.stranger, ETHER, b"", DAY, sender=hall.member)
    in_favour = 0
    # one seat of the first group, two of the second, and so on; then the rest, backwards
    early = [everybody[8 * group + n] for group in range(16) for n in range(group % 8 + 1)]
    late = [who for who in reversed(everybody) if who not in early]
    for cast, who in enumerate([*early, *late], start=1):
        support = cast % 3 != 0
        in_favour += support
        hall.voting.send("vote", 1, support, sender=who)
        tally = hall.tally(1)
        assert (tally.cast, tally.in_favour, tally.against) == (cast, in_favour, cast - in_favour)
    assert tally.cast == 128 and tally.quorum == 64
