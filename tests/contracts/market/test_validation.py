"""Staked verdicts, function by function."""

from __future__ import annotations

import pytest

from tests.contracts.calls import reverts
from tests.contracts.economy import ETHER, ZERO, bare
from tests.contracts.market.court import (
    CHALLENGE_WINDOW,
    CHALLENGED,
    CHALLENGER_WON,
    DRAWN,
    MAX_STAKED,
    OPEN,
    OTHER_WORK,
    RECLAIMED,
    RESOLUTION_WINDOW,
    VALIDATOR_WON,
    Court,
)
from tests.contracts.signing import nonce


def test_staking(court: Court) -> None:
    economy, now = court.economy, court.economy.now
    before = economy.balance(court.validator)
    args = (court.work, court.subject, False, 3 * ETHER)
    receipt = court.send("stakeValidation", *args, sender=court.validator)
    assert receipt.value == 1 == court.facet.call("validationCount")
    assert receipt.only("ValidationStaked") == {
        "id": 1,
        "validator": court.validator,
        "subjectTokenId": court.subject,
        "workRef": court.work,
        "valid": False,
        "stakeWei": 3 * ETHER,
        "challengeDeadline": now + CHALLENGE_WINDOW,
    }
    assert before - economy.balance(court.validator) == 3 * ETHER == court.escrow()
    deadline = now + CHALLENGE_WINDOW
    state = (court.validator, ZERO, court.subject, court.work, 3 * ETHER, deadline, 0, OPEN, False)
    assert court.state(1) == state
    assert (court.staked(court.validator), court.live(court.validator)) == (3 * ETHER, 1)
    assert court.facet.call("hasValidated", court.validator, court.subject, court.work)
    assert not court.facet.call("hasValidated", court.validator, court.subject, OTHER_WORK)
    assert not court.facet.call("hasValidated", court.validator, court.subject + 1, court.work)
    assert not court.facet.call("hasValidated", court.stranger, court.subject, court.work)
    assert court.facet.call("validationsOfWork", court.work) == (1,)
    assert court.facet.call("validationsOf", court.validator) == (1,)
    assert court.facet.call("validationResolverOf", 1) == court.poster
    assert court.state(court.stake(sender=court.stranger)).valid is True  # the other verdict


def test_staking_refusals_in_order(court: Court) -> None:
    def stake(amount: int, subject: int | None = None, sender: bytes | None = None) -> None:
        args = (court.work, court.subject if subject is None else subject, True, amount)
        court.send("stakeValidation", *args, sender=sender or court.validator)

    with reverts("ZeroStake"):
        stake(0, 99)
    for amount in (MAX_STAKED + 1, 2**128, 2**256 - 1):
        with reverts("StakeCapExceeded"):
            stake(amount, 99)
    for subject in (0, 99, 2**32 + court.subject, 2**256 - 1):
        with reverts("UnknownSubject"):
            stake(1, subject)
    with reverts("SelfValidation"):
        stake(1, sender=court.worker)
    with reverts("SelfValidation"):
        stake(1, sender=court.economy.account_of(court.subject))
    stake(1)
    with reverts("AlreadyValidated"):
        stake(1)
    others = [court.economy.register("alice", f"subject-{n}") for n in range(63)]
    for subject in others:
        stake(1, subject)
    with reverts("AlreadyValidated"):
        stake(1)
    last = court.economy.register("alice", "last")
    with reverts("TooManyActiveValidations"):
        stake(1, last)
    court.economy.later(CHALLENGE_WINDOW + 1)
    court.send("reclaimStake", 1, sender=court.stranger)
    stake(1, last)


def test_staking_and_challenging_need_a_token() -> None:
    economy = bare()
    bob = economy.address("bob")
    economy.registry.send("register", "alice", sender=economy.address("alice"))
    with reverts("NotConfigured"):
        economy.validation.send("stakeValidation", OTHER_WORK, 1, True, 1, sender=bob)


def test_the_cap_is_per_account_and_over_both_sides(court: Court) -> None:
    court.stake(MAX_STAKED - 5)
    with reverts("StakeCapExceeded"):
        court.stake(6, work=OTHER_WORK)
    six = court.stake(6, work=OTHER_WORK, sender=court.stranger)
    with reverts("StakeCapExceeded"):
        court.challenge(six, court.validator)
    five = court.stake(5, work=nonce(77), sender=court.stranger)
    court.challenge(five, court.validator)
    assert court.staked(court.validator) == MAX_STAKED
    with reverts("StakeCapExceeded"):
        court.stake(1, work=nonce(78))
    court.economy.later(RESOLUTION_WINDOW + 1)
    court.send("reclaimUnresolved", five, sender=court.stranger)
    court.stake(5, work=nonce(78))


def test_nothing_is_known_about_unknown_validations(court: Court) -> None:
    for id_ in (0, 1, 2**256 - 1):
        for name in ("getValidation", "validationResolverOf"):
            with reverts("UnknownValidation"):
                court.facet.call(name, id_)
        for name in ("challengeValidation", "reclaimStake", "reclaimUnresolved"):
            with reverts("UnknownValidation"):
                court.send(name, id_, sender=court.stranger)
        with reverts("UnknownValidation"):
            court.resolve(id_, True)
    assert court.facet.call("validationsOfWork", court.work) == ()
    assert court.facet.call("validationsOf", court.validator) == ()


def test_challenging(court: Court) -> None:
    id_ = court.stake(3 * ETHER)
    economy, now = court.economy, court.economy.now
    with reverts("SelfChallenge"):
        court.challenge(id_, court.validator)
    before = economy.balance(court.challenger)
    receipt = court.challenge(id_)
    assert receipt.only("ValidationChallenged") == {
        "id": id_,
        "challenger": court.challenger,
        "stakeWei": 3 * ETHER,
        "resolveDeadline": now + RESOLUTION_WINDOW,
    }
    assert before - economy.balance(court.challenger) == 3 * ETHER
    assert court.escrow() == 6 * ETHER
    state = court.state(id_)
    assert (state.challenger, state.status) == (court.challenger, CHALLENGED)
    assert state.resolve_deadline == now + RESOLUTION_WINDOW
    assert (court.staked(court.challenger), court.live(court.challenger)) == (3 * ETHER, 0)
    assert (court.staked(court.validator), court.live(court.validator)) == (3 * ETHER, 1)
    for who in (court.stranger, court.validator):
        with reverts("NotOpen"):
            court.challenge(id_, who)
    assert court.facet.call("validationsOf", court.challenger) == ()


def test_who_did_the_work_may_defend_it(court: Court) -> None:
    id_ = court.stake()
    court.challenge(id_, court.worker)
    court.resolve(id_, False)
    assert court.economy.balance(court.worker) == 1_000_001 * ETHER


@pytest.mark.parametrize(("late", "open_"), [(-1, True), (0, True), (1, False)])
def test_challenge_and_reclaim_never_overlap_va_i2(court: Court, late: int, open_: bool) -> None:
    first, second = court.stake(), court.stake(work=OTHER_WORK)
    court.economy.later(CHALLENGE_WINDOW + late)
    if open_:
        with reverts("ChallengeWindowStillOpen"):
            court.send("reclaimStake", second, sender=court.stranger)
        court.challenge(first)
        return
    for who in (court.challenger, court.validator):
        with reverts("ChallengeWindowClosed"):
            court.challenge(first, who)
    court.send("reclaimStake", second, sender=court.stranger)


@pytest.mark.parametrize(("late", "open_"), [(-1, True), (0, True), (1, False)])
def test_resolution_and_draw_never_overlap_va_i2(court: Court, late: int, open_: bool) -> None:
    first, second = court.disputed(), court.disputed(work=OTHER_WORK)
    court.economy.later(RESOLUTION_WINDOW + late)
    if open_:
        with reverts("ResolveWindowStillOpen"):
            court.send("reclaimUnresolved", second, sender=court.stranger)
        court.resolve(first, True)
        return
    for who in (court.poster, court.stranger):
        with reverts("ResolveWindowClosed"):
            court.resolve(first, True, who)
    court.send("reclaimUnresolved", second, sender=court.stranger)


@pytest.mark.parametrize("wins", [True, False])
def test_the_winner_gets_both_stakes(court: Court, wins: bool) -> None:
    economy = court.economy
    sides = (court.validator, court.challenger)
    before = [economy.balance(who) for who in sides]
    id_ = court.disputed(2 * ETHER)
    receipt = court.resolve(id_, wins)
    assert receipt.only("ValidationResolved") == {
        "id": id_,
        "winner": sides[0] if wins else sides[1],
        "validatorWon": wins,
        "payoutWei": 4 * ETHER,
    }
    gained = [economy.balance(who) - had for who, had in zip(sides, before, strict=True)]
    assert gained == ([2 * ETHER, -2 * ETHER] if wins else [-2 * ETHER, 2 * ETHER])
    assert court.status(id_) == (VALIDATOR_WON if wins else CHALLENGER_WON)
    assert court.escrow() == 0
    assert [court.staked(who) for who in sides] == [0, 0]
    assert court.live(court.validator) == 0


def test_who_resolves(court: Court) -> None:
    owner = court.economy.owner.address
    about_bounty, other = court.disputed(), court.disputed(work=OTHER_WORK)
    with reverts("NotChallenged"):
        court.resolve(court.stake(work=nonce(50)), True, court.stranger)
    assert court.facet.call("validationResolverOf", other) == owner
    for who in (court.stranger, court.validator, court.challenger, owner):
        with reverts("NotResolver"):
            court.resolve(about_bounty, True, who)
    for who in (court.stranger, court.poster):
        with reverts("NotResolver"):
            court.resolve(other, True, who)
    court.resolve(about_bounty, True)
    court.resolve(other, False, owner)


def test_the_arbiter_is_whoever_owns_the_diamond_then(court: Court) -> None:
    """Ownership handed on in the middle of a dispute takes the office along."""
    economy = court.economy
    id_ = court.disputed(work=OTHER_WORK)
    old, new = economy.owner.address, court.stranger
    economy.ownership.send("nominateOwner", new, sender=old)
    economy.ownership.send("acceptOwnership", sender=new)
    assert court.facet.call("validationResolverOf", id_) == new
    with reverts("NotResolver"):
        court.resolve(id_, True, old)
    court.resolve(id_, True, new)


def test_an_unchallenged_stake_goes_back(court: Court) -> None:
    economy = court.economy
    before = economy.balance(court.validator)
    id_ = court.stake()
    with reverts("NotChallenged"):
        court.send("reclaimUnresolved", id_, sender=court.stranger)
    court.economy.later(CHALLENGE_WINDOW + 1)
    receipt = court.send("reclaimStake", id_, sender=court.stranger)
    expected = {"id": id_, "validator": court.validator, "stakeWei": ETHER}
    assert receipt.only("StakeReclaimed") == expected
    assert economy.balance(court.validator) == before
    assert (court.status(id_), court.escrow()) == (RECLAIMED, 0)
    assert (court.staked(court.validator), court.live(court.validator)) == (0, 0)


def test_without_a_decision_each_side_gets_its_own(court: Court) -> None:
    economy = court.economy
    sides = (court.validator, court.challenger)
    before = [economy.balance(who) for who in sides]
    id_ = court.disputed()
    with reverts("NotOpen"):
        court.send("reclaimStake", id_, sender=court.stranger)
    court.economy.later(RESOLUTION_WINDOW + 1)
    receipt = court.send("reclaimUnresolved", id_, sender=court.stranger)
    assert receipt.only("ValidationDrawn") == {
        "id": id_,
        "validator": sides[0],
        "challenger": sides[1],
        "stakeWei": ETHER,
    }
    assert [economy.balance(who) for who in sides] == before
    assert (court.status(id_), court.escrow()) == (DRAWN, 0)
    assert [court.staked(who) for who in sides] == [0, 0]


def test_lists_are_paged(court: Court) -> None:
    facet = court.facet
    ids = tuple(court.stake(1, work=nonce(n)) for n in range(19))
    names = [f"subject-{n}" for n in range(19)]
    subjects = [court.economy.register("alice", name) for name in names]
    same = []
    for subject in subjects:
        args = (OTHER_WORK, subject, True, 1)
        same.append(court.send("stakeValidation", *args, sender=court.stranger).value)
    for name, key, expected in (
        ("validationsOf", court.validator, ids),
        ("validationsOfWork", OTHER_WORK, tuple(same)),
    ):
        assert facet.call(name, key) == expected
        assert facet.call(f"{name}Page", key, 0, 8) == (expected[:8], 8)
        assert facet.call(f"{name}Page", key, 8, 500) == (expected[8:], 19)
        for start, limit in ((19, 5), (99, 5), (3, 0)):
            assert facet.call(f"{name}Page", key, start, limit) == ((), 19)
