"""One test per attack on the bounty board."""

from __future__ import annotations

from tests.contracts.calls import Bound, reverts
from tests.contracts.economy import BOUNTY, ETHER, OWED
from tests.contracts.market.board import CLAIMED, HOUR, OPEN, PAID, RECLAIMED, Board
from tests.contracts.signing import nonce

NORMAL, FALSE, REENTER, BLOCK = 0, 2, 6, 7


def hostile(board: Board) -> Bound:
    """A hostile $LH; poster and worker have 100 and approved the diamond."""
    economy = board.economy
    token = economy.bound("HostileToken", economy.create("HostileToken"))
    economy.credits_facet.send("setCreditsToken", token.address, sender=economy.owner.address)
    for account in (board.poster, board.worker, board.stranger):
        token.send("mint", account, 100 * ETHER, sender=account)
        token.send("approve", economy.diamond, 2**255, sender=account)
    return token


def test_double_exits_b_a1(board: Board) -> None:
    id_ = board.submitted()
    board.send("acceptResult", id_, sender=board.poster)
    with reverts("NotSubmitted"):
        board.send("acceptResult", id_, sender=board.poster)
    with reverts("NotOpen"):
        board.send("cancelBounty", id_, sender=board.poster)
    board.economy.later(30 * 86_400)
    with reverts("NotReclaimable"):
        board.send("reclaimExpired", id_, sender=board.poster)
    assert board.escrow() == 0


def test_reentrant_exits_b_a1(board: Board) -> None:
    token = hostile(board)
    economy = board.economy
    victim = board.post(poster=board.stranger)
    exits = {
        "cancelBounty": board.post(),
        "acceptResult": board.submitted(),
        "reclaimExpired": board.post(ttl=HOUR),
    }
    economy.later(HOUR + 1)
    for name, id_ in exits.items():
        for again in exits:
            before = economy.held(BOUNTY, token.address)
            mark = economy.evm.snapshot()
            payload = board.facet.data(again, id_)
            token.send("setReentry", economy.diamond, payload, sender=board.worker)
            token.send("setMode", REENTER, sender=board.worker)
            board.send(name, id_, sender=board.poster)
            _, ok, answer = token.call("reentry")
            assert (ok, board.facet.interface.error(answer)[0]) == (False, "Reentrancy")
            assert before - economy.held(BOUNTY, token.address) == ETHER
            economy.evm.revert(mark)
    assert board.status(victim) == OPEN


def test_claiming_as_somebody_else_pays_somebody_else_b_a2(board: Board) -> None:
    id_ = board.post()
    board.claim(id_, board.stranger)  # for alice's identity
    board.submit(id_, sender=board.stranger)
    before = board.economy.balance(board.stranger)
    board.send("acceptResult", id_, sender=board.poster)
    assert board.economy.balance(board.account) == ETHER
    assert board.economy.balance(board.stranger) == before


def test_a_stranger_cannot_jam_the_worker_b_a3(board: Board) -> None:
    id_ = board.post()
    board.claim(id_)
    for outsider in (board.stranger, board.poster):
        with reverts("NotClaimant"):
            board.submit(id_, b"junk", outsider)
    assert board.status(id_) == CLAIMED


def test_accept_and_reclaim_race_at_expiry_b_a5(board: Board) -> None:
    for first, second, error in (
        ("acceptResult", "reclaimExpired", "NotReclaimable"),
        ("reclaimExpired", "acceptResult", "NotSubmitted"),
    ):
        id_ = board.submitted(ttl=HOUR)
        board.economy.later(HOUR + 1)
        before = board.escrow()
        board.send(first, id_, sender=board.poster)
        with reverts(error):
            board.send(second, id_, sender=board.poster)
        assert before - board.escrow() == ETHER


def test_payout_to_a_burned_identity_b_a6(board: Board) -> None:
    economy = board.economy
    burn = economy.add_facet("BurnFacet")
    plain = board.submitted(ttl=HOUR)
    reviewed = board.submitted(ttl=HOUR, review_ttl=HOUR)
    burn.send("burn", board.identity, sender=board.worker)
    for id_ in (plain, reviewed):
        with reverts("TbaUnresolved"):
            board.send("acceptResult", id_, sender=board.poster)
    economy.later(HOUR + 1)
    with reverts("TbaUnresolved"):
        board.send("autoAccept", reviewed, sender=board.worker)
    # Nobody can be paid, so both come back; the escrow is not stranded by the open review.
    for id_ in (plain, reviewed):
        board.send("reclaimExpired", id_, sender=board.stranger)
        assert board.status(id_) == RECLAIMED
    assert board.escrow() == 0
    with reverts("UnknownClaimant"):
        board.send("claimBounty", board.post(), board.identity, sender=board.worker)


def test_no_ghost_bounty_when_the_pull_fails_b_a7(board: Board) -> None:
    economy = board.economy
    economy.credits.send("approve", economy.diamond, ETHER - 1, sender=board.poster)
    before = economy.evm.storage(economy.diamond)
    with reverts("TokenCallFailed", economy.credits.address):
        board.post()
    assert economy.evm.storage(economy.diamond) == before
    assert (board.facet.call("bountyCount"), board.live(), board.open_ids()) == (0, 0, ())


def test_a_slot_is_freed_once_per_exit_b_a8(board: Board) -> None:
    economy = board.economy
    ids = [board.post(reward=1, ttl=HOUR) for _ in range(4)]
    board.claim(ids[0])
    board.submit(ids[0])
    board.send("acceptResult", ids[0], sender=board.poster)
    board.send("cancelBounty", ids[1], sender=board.poster)
    economy.later(HOUR + 1)
    board.send("reclaimExpired", ids[2], sender=board.stranger)
    assert board.live() == 1
    for name, id_ in (("cancelBounty", ids[0]), ("cancelBounty", ids[1])):
        with reverts("NotOpen"):
            board.send(name, id_, sender=board.poster)
    for id_ in ids[:3]:
        with reverts("NotReclaimable"):
            board.send("reclaimExpired", id_, sender=board.stranger)
    assert board.live() == 1


def test_oversized_bytes_b_a9(board: Board) -> None:
    with reverts("TaskTooLarge"):
        board.post(task=b"x" * 4_097)
    id_ = board.post(task=b"x" * 4_096)
    board.claim(id_)
    with reverts("ResultTooLarge"):
        board.submit(id_, b"x" * 4_097)
    board.submit(id_, b"x" * 4_096)
    assert len(board.facet.call("resultOf", id_)) == len(board.facet.call("bountyTaskOf", id_))


def test_the_identity_changes_hands_between_claim_and_accept_b_a10(board: Board) -> None:
    economy = board.economy
    id_ = board.submitted()
    buyer = economy.address("dave")
    economy.erc721.send("transferFrom", board.worker, buyer, board.identity, sender=board.worker)
    payee = board.facet.call("getBountyEx", id_)[5]
    board.send("acceptResult", id_, sender=board.poster)
    assert payee == board.account
    assert economy.balance(board.account) == ETHER


def test_a_blocked_worker_cannot_freeze_an_automatic_acceptance(board: Board) -> None:
    token = hostile(board)
    economy = board.economy
    id_ = board.submitted(ttl=HOUR, review_ttl=HOUR)
    economy.later(HOUR + 1)
    token.send("setBlocked", board.account, sender=board.worker)
    token.send("setMode", BLOCK, sender=board.worker)
    receipt = board.send("autoAccept", id_, sender=board.stranger)
    assert receipt.names() == ["Owed", "ResultAccepted"]
    assert receipt.only("Owed") == {
        "token": token.address,
        "to": board.account,
        "amount": ETHER,
    }
    assert board.status(id_) == PAID
    assert (economy.held(BOUNTY, token.address), economy.held(OWED, token.address)) == (0, ETHER)
    # The account claims to somewhere else, through its holder.
    tba = economy.tba.send("createTokenBoundAccount", board.identity, sender=board.worker).value
    claim = economy.treasury.data("claimOwedTo", token.address, board.worker)
    before = token.call("balanceOf", board.worker)
    handle = economy.bound("TokenBoundAccount", tba)
    handle.send("execute", economy.diamond, 0, claim, 0, sender=board.worker)
    assert token.call("balanceOf", board.worker) - before == ETHER


def test_a_blocked_poster_cannot_freeze_a_reclaim(board: Board) -> None:
    token = hostile(board)
    id_ = board.post(ttl=HOUR)
    board.economy.later(HOUR + 1)
    token.send("setBlocked", board.poster, sender=board.worker)
    token.send("setMode", BLOCK, sender=board.worker)
    receipt = board.send("reclaimExpired", id_, sender=board.stranger)
    assert receipt.names() == ["Owed", "BountyReclaimed"]
    assert board.economy.treasury.call("owedOf", token.address, board.poster) == ETHER
    # Those who are paid themselves wait for the token instead.
    token.send("setMode", NORMAL, sender=board.worker)
    mine = board.post()
    token.send("setMode", FALSE, sender=board.worker)
    with reverts("TokenCallFailed", token.address):
        board.send("cancelBounty", mine, sender=board.poster)
    assert board.status(mine) == OPEN


def test_a_revision_right_before_expiry_is_no_quiet_refusal(board: Board) -> None:
    """Sent back in the last second, the work would be the poster's, the reward too, and no refusal counted."""
    late, in_time = (board.post(ttl=2 * HOUR, review_ttl=HOUR) for _ in range(2))
    for id_ in (late, in_time):
        board.claim(id_)
    board.economy.later(2 * HOUR - 601)
    for id_ in (late, in_time):
        board.submit(id_)
    board.economy.later(1)  # ten minutes are left
    board.send("requestRevision", in_time, sender=board.poster)
    board.economy.later(1)
    with reverts("Expired"):
        board.send("requestRevision", late, sender=board.poster)
    board.economy.later(600)
    board.submit(in_time)  # in the first second in which the reward could have gone back
    for id_ in (late, in_time):
        with reverts("ReviewOpen"):
            board.send("reclaimExpired", id_, sender=board.poster)
    assert board.facet.call("rejections", board.poster) == 0
    board.send("rejectResult", late, nonce(1), sender=board.poster)
    assert board.facet.call("rejections", board.poster) == 1
    board.economy.later(HOUR + 1)
    board.send("autoAccept", in_time, sender=board.stranger)
    assert board.economy.balance(board.account) == ETHER


def test_a_silent_poster_cannot_take_the_work_back_at_the_last_moment(board: Board) -> None:
    """Once the review window is over, neither a revision nor a rejection stops the payment."""
    id_ = board.submitted(review_ttl=HOUR)
    board.economy.later(HOUR + 1)
    with reverts("ReviewOver"):
        board.send("requestRevision", id_, sender=board.poster)
    with reverts("ReviewOver"):
        board.send("rejectResult", id_, nonce(1), sender=board.poster)
    board.send("autoAccept", id_, sender=board.worker)
    assert board.economy.balance(board.account) == ETHER
