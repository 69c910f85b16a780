"""One test per attack on staked verdicts."""

from __future__ import annotations

import pytest

from tests.contracts.calls import Bound, reverts
from tests.contracts.economy import ETHER, OWED, VALIDATION
from tests.contracts.market.court import (
    CHALLENGE_WINDOW,
    CHALLENGED,
    OPEN,
    OTHER_WORK,
    RESOLUTION_WINDOW,
    Court,
)
from tests.contracts.signing import nonce

FEE, REENTER, BLOCK = 5, 6, 7


def hostile(court: Court) -> Bound:
    """A hostile $LH; everybody has 100 and approved the diamond."""
    economy = court.economy
    economy.bounty.send("cancelBounty", court.bounty, sender=court.poster)
    token = economy.bound("HostileToken", economy.create("HostileToken"))
    economy.credits_facet.send("setCreditsToken", token.address, sender=economy.owner.address)
    for key in economy.keys.values():
        token.send("mint", key.address, 100 * ETHER, sender=key.address)
        token.send("approve", economy.diamond, 2**255, sender=key.address)
    return token


def block(token: Bound, account: bytes) -> None:
    token.send("setBlocked", account, sender=account)
    token.send("setMode", BLOCK, sender=account)


def test_a_poster_who_takes_a_side_is_no_judge(court: Court) -> None:
    as_validator = court.stake(sender=court.poster)
    court.challenge(as_validator)
    as_challenger = court.stake()
    court.challenge(as_challenger, court.poster)
    for id_, wins in ((as_validator, True), (as_challenger, False)):
        assert court.facet.call("validationResolverOf", id_) == court.poster
        for verdict in (wins, not wins):
            with reverts("ResolverIsDisputant"):
                court.resolve(id_, verdict)
        with reverts("NotResolver"):  # nor does the judging fall to somebody else
            court.resolve(id_, wins, court.economy.owner.address)
        assert court.status(id_) == CHALLENGED
    court.economy.later(RESOLUTION_WINDOW + 1)
    for id_ in (as_validator, as_challenger):
        court.send("reclaimUnresolved", id_, sender=court.stranger)
    assert court.escrow() == 0


def test_an_owner_who_takes_a_side_is_no_judge_either(court: Court) -> None:
    economy, owner = court.economy, court.economy.owner.address
    economy.credits.send("mint", owner, 2 * ETHER, sender=owner)
    economy.credits.send("approve", economy.diamond, 2 * ETHER, sender=owner)
    as_validator = court.stake(work=OTHER_WORK, sender=owner)
    court.challenge(as_validator)
    as_challenger = court.stake(work=OTHER_WORK)
    court.challenge(as_challenger, owner)
    for id_, wins in ((as_validator, True), (as_challenger, False)):
        with reverts("ResolverIsDisputant"):
            court.resolve(id_, wins, owner)


@pytest.mark.parametrize("outer", ["resolveValidation", "reclaimStake", "reclaimUnresolved"])
def test_reentrant_settlement(court: Court, outer: str) -> None:
    """Three ways out, and each of them tried again in the middle of each."""
    token, economy = hostile(court), court.economy
    court.stake(5 * ETHER, work=nonce(70), sender=court.stranger)  # somebody else's
    unchallenged = court.stake(work=nonce(71))
    undecided = court.disputed(work=nonce(72))
    economy.later(RESOLUTION_WINDOW + 1)
    decided = court.disputed(work=nonce(73))
    owner = economy.owner.address
    ways: dict[str, tuple[tuple[int | bool, ...], int]] = {
        "resolveValidation": ((decided, True), 2 * ETHER),
        "reclaimStake": ((unchallenged,), ETHER),
        "reclaimUnresolved": ((undecided,), 2 * ETHER),
    }
    arguments, amount = ways[outer]
    for inner, (again, _) in ways.items():
        mark = economy.evm.snapshot()
        before = economy.held(VALIDATION, token.address)
        payload = court.facet.data(inner, *again)
        token.send("setReentry", economy.diamond, payload, sender=owner)
        token.send("setMode", REENTER, sender=owner)
        court.send(outer, *arguments, sender=owner)
        _, ok, answer = token.call("reentry")
        assert (ok, court.facet.interface.error(answer)[0]) == (False, "Reentrancy")
        assert before - economy.held(VALIDATION, token.address) == amount
        economy.evm.revert(mark)


def test_double_settlement(court: Court) -> None:
    court.stake(5 * ETHER, work=nonce(70), sender=court.stranger)
    reclaimed, drawn = court.stake(work=nonce(71)), court.disputed(work=nonce(72))
    won = court.disputed()
    court.resolve(won, True)
    court.economy.later(RESOLUTION_WINDOW + 1)
    court.send("reclaimStake", reclaimed, sender=court.stranger)
    court.send("reclaimUnresolved", drawn, sender=court.stranger)
    for id_ in (reclaimed, drawn, won):
        for error, name, args in (
            ("NotOpen", "challengeValidation", ()),
            ("NotChallenged", "resolveValidation", (True,)),
            ("NotOpen", "reclaimStake", ()),
            ("NotChallenged", "reclaimUnresolved", ()),
        ):
            with reverts(error):
                court.send(name, id_, *args, sender=court.poster)
    assert court.escrow() == 5 * ETHER
    assert (court.staked(court.validator), court.live(court.validator)) == (0, 0)
    assert court.staked(court.challenger) == 0


def test_one_verdict_for_ever(court: Court) -> None:
    """Neither a reclaim nor a lost dispute lets a validator turn round."""
    reclaimed = court.stake(work=OTHER_WORK)
    lost = court.disputed()
    court.resolve(lost, False)
    court.economy.later(CHALLENGE_WINDOW + 1)
    court.send("reclaimStake", reclaimed, sender=court.validator)
    for work in (OTHER_WORK, court.work):
        for verdict in (True, False):
            with reverts("AlreadyValidated"):
                args = (work, court.subject, verdict, ETHER)
                court.send("stakeValidation", *args, sender=court.validator)
    court.stake(sender=court.stranger)  # somebody else may


def test_a_bounty_posted_afterwards_takes_no_dispute_over(court: Court) -> None:
    """Who guesses the next bounty's id and posts it does not become judge of what was staked before."""
    economy, owner = court.economy, court.economy.owner.address
    work = nonce(court.bounty + 1)
    before = court.disputed(work=work)
    late = economy.bounty.send("postBounty", b"", 1, 3_600, sender=court.stranger).value
    assert nonce(late) == work
    assert court.facet.call("validationResolverOf", before) == owner
    with reverts("NotResolver"):
        court.resolve(before, True, court.stranger)
    court.resolve(before, True, owner)
    after = court.stake(work=work, sender=court.poster)
    assert court.facet.call("validationResolverOf", after) == court.stranger


def test_the_resolver_stays_when_the_bounty_ends(court: Court) -> None:
    id_ = court.disputed()
    court.economy.bounty.send("cancelBounty", court.bounty, sender=court.poster)
    court.resolve(id_, True)


def test_a_seller_of_the_subject_cannot_judge_their_own_work(court: Court) -> None:
    """The holder at the time may not stake; who bought it later may be challenged like anybody."""
    economy = court.economy
    with reverts("SelfValidation"):
        court.stake(sender=court.worker)
    transfer = (court.worker, court.stranger, court.subject)
    economy.erc721.send("transferFrom", *transfer, sender=court.worker)
    with reverts("SelfValidation"):
        court.stake(sender=court.stranger)
    court.stake(sender=court.worker)


def test_a_subject_that_is_gone_does_not_hold_up_the_stakes(court: Court) -> None:
    burn = court.economy.add_facet("BurnFacet")
    won, left = court.disputed(), court.stake(work=OTHER_WORK)
    burn.send("burn", court.subject, sender=court.worker)
    with reverts("UnknownSubject"):
        court.stake(work=nonce(9))
    court.resolve(won, False)
    court.challenge(left)
    court.economy.later(RESOLUTION_WINDOW + 1)
    court.send("reclaimUnresolved", left, sender=court.stranger)
    assert court.escrow() == 0


def test_a_blocked_side_cannot_freeze_the_end(court: Court) -> None:
    token, economy = hostile(court), court.economy
    owner = economy.owner.address
    won = court.disputed(work=nonce(70))
    reclaimed = court.stake(work=nonce(71))
    economy.later(RESOLUTION_WINDOW + 1)
    fresh = court.disputed(work=nonce(72))
    block(token, court.validator)
    receipt = court.send("reclaimStake", reclaimed, sender=court.stranger)
    assert receipt.names() == ["Owed", "StakeReclaimed"]
    before = token.call("balanceOf", court.challenger)
    receipt = court.send("reclaimUnresolved", won, sender=court.stranger)
    assert receipt.names() == ["Owed", "ValidationDrawn"]
    assert token.call("balanceOf", court.challenger) - before == ETHER
    # The loser's luck that the winner cannot be paid is none: the verdict stands and the money waits.
    receipt = court.resolve(fresh, True, owner)
    assert receipt.names() == ["Owed", "ValidationResolved"]
    assert economy.held(VALIDATION, token.address) == 0
    assert economy.held(OWED, token.address) == 4 * ETHER
    assert economy.treasury.call("owedOf", token.address, court.validator) == 4 * ETHER


def test_no_ghost_when_the_pull_fails(court: Court) -> None:
    economy = court.economy
    id_ = court.stake(work=OTHER_WORK)
    for who in (court.stranger, court.challenger):
        economy.credits.send("approve", economy.diamond, ETHER - 1, sender=who)
    before = economy.evm.storage(economy.diamond)
    with reverts("TokenCallFailed", economy.credits.address):
        court.stake(sender=court.stranger)
    with reverts("TokenCallFailed", economy.credits.address):
        court.challenge(id_)
    assert economy.evm.storage(economy.diamond) == before
    assert court.status(id_) == OPEN
    assert not court.facet.call("hasValidated", court.stranger, court.subject, court.work)


def test_a_token_that_keeps_a_part_is_no_stake(court: Court) -> None:
    token = hostile(court)
    id_ = court.stake(10_000, work=OTHER_WORK)
    token.send("setFee", 100, sender=court.validator)
    token.send("setMode", FEE, sender=court.validator)
    with reverts("TokenDelta", 10_000, 9_900):
        court.stake(10_000, work=nonce(9))
    with reverts("TokenDelta", 10_000, 9_900):
        court.challenge(id_)


def test_references_that_look_alike_are_kept_apart(court: Court) -> None:
    """Validator, identity and work are hashed in fields of fixed width."""
    other = court.economy.register("alice", "other")
    works = (nonce(court.bounty), bytes([court.bounty]) + b"\0" * 31, nonce(court.bounty << 8))
    for work in works:
        for subject in (court.subject, other):
            args = (work, subject, True, 1)
            assert not court.facet.call("hasValidated", court.validator, subject, work)
            court.send("stakeValidation", *args, sender=court.validator)
    assert court.live(court.validator) == 6
    assert [court.facet.call("validationsOfWork", work) for work in works] == [
        (1, 2),
        (3, 4),
        (5, 6),
    ]
