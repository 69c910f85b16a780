"""One test per attack on a vote: P-A1 to P-A15."""

from __future__ import annotations

import pytest

from tests.contracts.calls import Reverted, reverts
from tests.contracts.economy import ETHER
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
    MEMBER,
    NONE,
    PASSED,
    RANK_WINDOW,
    Hall,
    Tally,
)
from tests.contracts.guild.test_guild_attacks import Trap
from tests.contracts.signing import Key


@pytest.fixture
def trap(hall: Hall) -> Trap:
    return Trap(hall.economy.fresh())


@pytest.fixture
def funded(hall: Hall) -> Hall:
    hall.fund(10 * ETHER)
    return hall


def test_p_a1_departures_do_not_shrink_the_quorum(funded: Hall) -> None:
    hall = funded
    people = hall.crowd(5)  # 8 members: quorum 4
    id_ = hall.propose()
    for who in people[:4]:
        hall.send("setRole", hall.id, who, NONE, sender=hall.admin)
    hall.send("leaveGuild", hall.id, sender=people[4])
    hall.vote(id_, hall.admin, hall.officer, hall.member)
    assert hall.tally(id_) == Tally(3, 0, 4, 3, False)


def test_p_a2_joins_do_not_inflate_the_quorum(funded: Hall) -> None:
    hall = funded
    id_ = hall.propose()
    hall.crowd(20)
    hall.vote(id_, hall.admin, hall.member)
    assert hall.tally(id_) == Tally(2, 0, 2, 2, True)


def test_p_a3_who_joins_afterwards_has_no_ballot(funded: Hall) -> None:
    hall = funded
    id_ = hall.propose()
    for who in hall.crowd(3):
        with reverts("JoinedAfterSnapshot"):
            hall.vote(id_, who)
    assert hall.tally(id_).cast == 0


def test_p_a4_an_officers_sybils_meet_cap_gate_and_tenure(funded: Hall) -> None:
    hall = funded
    sybils = [Key.named(f"sybil {n}").address for n in range(32)]
    for who in sybils:
        hall.send("inviteToGuild", hall.id, who, sender=hall.officer)
        hall.send("acceptGuildInvite", hall.id, sender=who)
    with reverts("InviteCapExceeded"):
        hall.send("inviteToGuild", hall.id, hall.stranger, sender=hall.officer)
    id_ = hall.propose(10 * ETHER, sender=sybils[0])
    hall.vote(id_, hall.officer, *sybils)
    assert hall.tally(id_) == Tally(33, 0, 18, 33, False)  # the gate
    hall.policy(gate=False, tenure=DAY)
    hall.economy.later(LOOSEN_DELAY)
    fresh = Key.named("fresh sybil").address
    hall.join(fresh)
    id_ = hall.propose(10 * ETHER, sender=fresh)
    with reverts("JoinedAfterSnapshot"):
        hall.vote(id_, fresh)


def test_p_a5_no_second_ballot_by_leaving_and_coming_back(funded: Hall) -> None:
    hall = funded
    id_ = hall.propose()
    hall.vote(id_, hall.member)
    hall.send("leaveGuild", hall.id, sender=hall.member)
    with reverts("NotGuildMember"):
        hall.vote(id_, hall.member)
    hall.join(hall.member)
    with reverts("JoinedAfterSnapshot"):
        hall.vote(id_, hall.member)
    # Nor by another seat: somebody else took the old one.
    hall.send("leaveGuild", hall.id, sender=hall.member)
    hall.join(hall.stranger)
    hall.join(hall.member)
    for who in (hall.member, hall.stranger):
        with reverts("JoinedAfterSnapshot"):
            hall.vote(id_, who)
    assert hall.tally(id_).cast == 1


def test_p_a6_a_reentrant_token_executes_nothing_twice(trap: Trap) -> None:
    trap.fund(4 * ETHER)
    first, second = trap.passed(ETHER), trap.passed(ETHER)
    trap.economy.later(DAY + 1)
    for payload in (trap.voting.data("execute", first), trap.voting.data("execute", second)):
        trap.arm(payload)
        before = trap.treasury()
        pending = min(trap.active())
        trap.execute(pending)
        _, ok, answer = trap.token.call("reentry")
        assert (ok, trap.facet.interface.error(answer)[0]) == (False, "Reentrancy")
        assert before - trap.treasury() == ETHER
        assert trap.kept() == trap.treasury()
    assert trap.active() == set()


def test_p_a6_a_refused_payment_leaves_the_proposal_as_it_was(trap: Trap) -> None:
    trap.fund(4 * ETHER)
    id_ = trap.passed(ETHER)
    trap.economy.later(DAY + 1)
    owner = trap.economy.owner.address
    trap.token.send("setBlocked", trap.stranger, sender=owner)
    trap.token.send("setMode", 7, sender=owner)
    with reverts("TokenCallFailed"):
        trap.execute(id_)
    assert (trap.status(id_), trap.treasury(), trap.active()) == (PASSED, 4 * ETHER, {id_})
    trap.token.send("setMode", 0, sender=owner)
    trap.execute(id_)
    assert trap.status(id_) == EXECUTED


def test_p_a7_two_proposals_do_not_spend_the_same_money(funded: Hall) -> None:
    hall = funded
    first, second = hall.passed(10 * ETHER), hall.passed(10 * ETHER)
    hall.economy.later(DAY + 1)
    hall.execute(first)
    with reverts("AmountExceedsTreasury"):
        hall.execute(second)
    other = hall.found("other")
    hall.fund(10 * ETHER, guild=other)
    with reverts("AmountExceedsTreasury"):  # nobody else's money either
        hall.execute(second)
    assert hall.treasury(other) == 10 * ETHER == hall.held()


def test_p_a8_a_drained_treasury_is_retried_and_then_expires(funded: Hall) -> None:
    hall = funded
    first, second = hall.passed(6 * ETHER), hall.passed(5 * ETHER)
    hall.economy.later(DAY + 1)
    drain = (hall.id, hall.admin, 9 * ETHER, b"")
    hall.send("spendTreasury", *drain, sender=hall.admin)
    with reverts("AmountExceedsTreasury"):
        hall.execute(first)
    hall.fund(5 * ETHER)
    hall.execute(first)
    assert hall.treasury() == 0
    hall.economy.later(EXECUTION_WINDOW)
    hall.fund(5 * ETHER)
    assert hall.execute(second).names() == ["ProposalExpired"]
    assert (hall.status(second), hall.treasury()) == (EXPIRED, 5 * ETHER)


def test_p_a9_nothing_passes_without_a_ballot(hall: Hall) -> None:
    alone = hall.found("alone")
    hall.fund(ETHER, guild=alone)
    id_ = hall.propose(ETHER, guild=alone, sender=hall.admin)
    hall.economy.later(DAY + 1)
    assert hall.tally(id_) == Tally(0, 0, 1, 0, False)
    assert hall.execute(id_).names() == ["ProposalFailed"]
    assert hall.treasury(alone) == ETHER
    again = hall.propose(ETHER, guild=alone, sender=hall.admin)
    hall.vote(again, hall.admin)
    hall.economy.later(DAY + 1)
    hall.execute(again)
    assert hall.treasury(alone) == 0


def test_p_a10_a_tie_fails(funded: Hall) -> None:
    hall = funded
    hall.join(hall.stranger)
    id_ = hall.propose()
    hall.vote(id_, hall.admin, hall.member)
    hall.vote(id_, hall.officer, hall.stranger, support=False)
    hall.economy.later(DAY + 1)
    hall.execute(id_)
    assert (hall.status(id_), hall.treasury()) == (FAILED, 10 * ETHER)


def test_p_a11_the_first_caller_does_not_choose_the_winner(funded: Hall) -> None:
    hall = funded
    ranked = [hall.passed(4 * ETHER, period) for period in (HOUR, 2 * HOUR, 3 * HOUR)]
    hall.economy.later(3 * HOUR + 1)
    with reverts("HigherRankPending"):
        hall.execute(ranked[2])
    hall.execute(ranked[1])  # there is enough for the one before
    with reverts("HigherRankPending"):
        hall.execute(ranked[2])
    hall.execute(ranked[0])
    with reverts("AmountExceedsTreasury"):
        hall.execute(ranked[2])


def test_p_a11_priority_does_not_block_for_ever(funded: Hall) -> None:
    """A passed proposal nobody can pay gives way after two days."""
    hall = funded
    hall.propose(10 * ETHER, to=hall.economy.diamond)  # a payee the ledger refuses
    hall.vote(1, hall.admin, hall.member)
    second = hall.passed(ETHER)
    hall.economy.later(DAY + 1)
    with reverts("HigherRankPending"):
        hall.execute(second)
    with reverts("TokenCallFailed"):
        hall.execute(1)
    hall.economy.later(RANK_WINDOW)
    hall.execute(second)


def test_p_a12_one_member_does_not_fill_the_slots(funded: Hall) -> None:
    hall = funded
    for _ in range(4):
        hall.propose(1)
    with reverts("TooManyProposals"):
        hall.propose(1)
    hall.propose(1, sender=hall.officer)
    hall.economy.later(DAY + 1)
    for id_ in sorted(hall.active())[:4]:
        hall.execute(id_, sender=hall.economy.address("frank"))  # anybody makes room
    hall.propose(1)


def test_p_a13_no_zombie_is_executed_years_later(funded: Hall) -> None:
    hall = funded
    id_ = hall.passed()
    hall.economy.later(3 * 365 * DAY)
    assert hall.execute(id_).names() == ["ProposalExpired"]
    with reverts("ProposalNotActive"):
        hall.execute(id_)
    assert hall.treasury() == 10 * ETHER


def test_p_a14_a_guild_votes_once_whoever_holds_it(funded: Hall) -> None:
    hall = funded
    erin, frank = hall.economy.address("erin"), hall.economy.address("frank")
    union = hall.found("union", erin)
    account = hall.account(union)
    hall.send("inviteToGuild", hall.id, account, sender=hall.admin)
    hall.through(account, erin, hall.facet.data("acceptGuildInvite", hall.id))
    id_ = hall.propose()
    ballot = hall.voting.data("vote", id_, True)
    hall.through(account, erin, ballot)
    hall.economy.erc721.send("transferFrom", erin, frank, union, sender=erin)
    with pytest.raises(Reverted) as failure:
        hall.through(account, frank, ballot)
    assert hall.voting.interface.error(failure.value.raw)[0] == "AlreadyVoted"
    with reverts("NotAuthorised"):
        hall.through(account, erin, ballot)
    assert hall.tally(id_).cast == 1


def test_p_a15_an_admins_ballot_is_judged_when_cast(funded: Hall) -> None:
    hall = funded
    id_ = hall.propose()
    hall.vote(id_, hall.admin, hall.officer)
    hall.send("setRole", hall.id, hall.officer, ADMIN, sender=hall.admin)
    hall.send("setRole", hall.id, hall.admin, MEMBER, sender=hall.officer)
    assert hall.tally(id_).passing is True  # the demoted admin's consent stands
    other = hall.propose()
    late = hall.stranger
    hall.send("setRole", hall.id, late, ADMIN, sender=hall.officer)
    hall.send("acceptGuildInvite", hall.id, sender=late)
    with reverts("JoinedAfterSnapshot"):  # an admin, but not a member at the snapshot
        hall.vote(other, late)
    hall.send("setRole", hall.id, hall.member, ADMIN, sender=hall.officer)
    hall.vote(other, hall.member)
    assert hall.voting.call("getProposalEx", other)[2] == 1
    assert hall.status(other) == ACTIVE


def test_p_a5_a_ballot_counts_once_however_often_the_voter_comes_and_goes(funded: Hall) -> None:
    """`hasVoted` knows the last membership only; the ballot and the refusal do not depend on it."""
    hall = funded
    voter = hall.crowd(1)[0]
    id_ = hall.propose()
    hall.vote(id_, voter)
    counted = hall.tally(id_)
    seen = [hall.voting.call("hasVoted", id_, voter)]
    for _ in range(2):
        hall.send("leaveGuild", hall.id, sender=voter)
        seen.append(hall.voting.call("hasVoted", id_, voter))
        hall.join(voter)
        seen.append(hall.voting.call("hasVoted", id_, voter))
        with reverts("JoinedAfterSnapshot"):
            hall.vote(id_, voter)
    assert seen == [True, True, False, False, False]
    assert hall.tally(id_) == counted and counted.cast == 1
