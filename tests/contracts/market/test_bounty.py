"""The bounty board, function by function."""

from __future__ import annotations

import pytest

from tests.contracts.calls import reverts
from tests.contracts.counterparts.dollars import each_currency
from tests.contracts.economy import CANONICAL_REGISTRY, ETHER, ZERO, Economy, bare
from tests.contracts.market.board import (
    CANCELLED,
    CLAIMED,
    DAY,
    HOUR,
    OPEN,
    PAID,
    RECLAIMED,
    SUBMITTED,
    TTL,
    Board,
)
from tests.contracts.signing import nonce

currency = each_currency

MINUTES_10 = 600


def test_posting_escrows_the_reward(board: Board) -> None:
    economy, now = board.economy, board.economy.now
    before = economy.balance(board.poster)
    receipt = board.send("postBounty", b"do it", 3 * ETHER, TTL, sender=board.poster)
    id_ = receipt.value
    assert id_ == 1 == board.facet.call("bountyCount")
    assert receipt.only("BountyPosted") == {
        "id": 1,
        "poster": board.poster,
        "rewardWei": 3 * ETHER,
        "expiry": now + TTL,
    }
    assert before - economy.balance(board.poster) == 3 * ETHER == board.escrow()
    assert board.state(id_) == (board.poster, 3 * ETHER, now + TTL, OPEN, 0)
    assert board.facet.call("bountyTaskOf", id_) == b"do it"
    assert board.facet.call("resultOf", id_) == b""
    assert board.facet.call("bountiesOf", board.poster) == (1,)
    assert (board.live(), board.open_ids()) == (1, (1,))
    assert board.facet.call("getBountyEx", id_) == (ZERO, 0, 0, 0, 0, ZERO, False)


def test_posting_refusals_in_order(board: Board) -> None:
    def post(task: bytes, reward: int, ttl: int, *windows: int) -> None:
        name = "postBountyEx" if windows else "postBounty"
        board.send(name, task, reward, ttl, *windows, sender=board.poster)

    long = b"x" * 4_097
    with reverts("ZeroReward"):
        post(long, 0, 0)
    for ttl in (0, HOUR - 1, 90 * DAY + 1, 2**64 - 1):
        with reverts("BadTtl"):
            post(long, 1, ttl)
    for windows in ((599, 0), (0, 599), (HOUR + 1, 0), (0, HOUR + 1), (2**64 - 1, 0)):
        with reverts("BadTtl"):
            post(long, 1, HOUR, *windows)
    with reverts("TaskTooLarge"):
        post(long, 1, HOUR)
    with reverts("CastOverflow"):
        post(b"task", 2**96, HOUR)
    for ttl, windows in ((HOUR, ()), (90 * DAY, ()), (HOUR, (600, HOUR)), (HOUR, (HOUR, 600))):
        post(b"x" * 4_096, 1, ttl, *windows)


def test_posting_needs_a_token() -> None:
    economy = bare()
    with reverts("NotConfigured"):
        economy.bounty.send("postBounty", b"", 1, HOUR, sender=economy.address("bob"))


def test_at_most_64_live_bounties(board: Board) -> None:
    ids = [board.post(reward=1) for _ in range(64)]
    with reverts("TooManyActiveBounties"):
        board.post(reward=1)
    board.post(reward=1, poster=board.stranger)
    board.send("cancelBounty", ids[0], sender=board.poster)
    board.post(reward=1)
    with reverts("TooManyActiveBounties"):
        board.post(reward=1)


def test_nothing_is_known_about_unknown_bounties(board: Board) -> None:
    for name in ("getBounty", "getBountyEx", "bountyTaskOf", "resultOf"):
        for id_ in (0, 1):
            with reverts("UnknownBounty"):
                board.facet.call(name, id_)
    for name, args in {
        "claimBounty": (board.identity,),
        "submitResult": (b"",),
        "acceptResult": (),
        "requestRevision": (),
        "releaseClaim": (),
        "rejectResult": (nonce(1),),
        "autoAccept": (),
        "cancelBounty": (),
        "reclaimExpired": (),
    }.items():
        with reverts("UnknownBounty"):
            board.send(name, 1, *args, sender=board.poster)
    assert board.facet.call("wasPaid", 1, 1) is False


def test_claiming(board: Board) -> None:
    id_ = board.post()
    now = board.economy.now
    receipt = board.claim(id_)
    expected = {"id": id_, "claimantTokenId": board.identity, "claimer": board.worker}
    assert receipt.only("BountyClaimed") == expected
    assert board.state(id_)[3:] == (CLAIMED, board.identity)
    assert board.facet.call("getBountyEx", id_) == (
        board.worker,
        now,
        0,
        0,
        0,
        board.account,
        False,
    )
    assert (board.open_ids(), board.live()) == ((), 1)
    with reverts("NotOpen"):
        board.claim(id_)


def test_claiming_needs_an_identity_with_an_account(board: Board) -> None:
    id_ = board.post()
    with reverts("UnknownClaimant"):
        board.send("claimBounty", id_, 99, sender=board.worker)
    economy = bare()
    owner, bob = economy.owner.address, economy.address("bob")
    economy.credits_facet.send("setCreditsToken", economy.credits.address, sender=owner)
    economy.credits.send("grantRole", economy.credits.call("ISSUER_ROLE"), owner, sender=owner)
    economy.credits.send("mint", bob, 5, sender=owner)
    economy.credits.send("approve", economy.diamond, 5, sender=bob)
    economy.registry.send("register", "worker", sender=bob)
    economy.bounty.send("postBounty", b"", 5, HOUR, sender=bob)
    with reverts("TbaUnresolved"):
        economy.bounty.send("claimBounty", 1, 1, sender=bob)
    economy.tba.send("setTbaConfig", CANONICAL_REGISTRY, economy.account_impl, sender=owner)
    economy.bounty.send("claimBounty", 1, 1, sender=bob)


@pytest.mark.parametrize(("late", "works"), [(-1, True), (0, True), (1, False)])
def test_claims_until_expiry(board: Board, late: int, works: bool) -> None:
    id_ = board.post(ttl=HOUR)
    board.economy.later(HOUR + late)
    if works:
        board.claim(id_)
    else:
        with reverts("Expired"):
            board.claim(id_)


def test_who_may_submit(board: Board) -> None:
    economy = board.economy
    ids = [board.post() for _ in range(3)]
    claimer = economy.address("dave")
    for id_ in ids:
        board.claim(id_, claimer)
        for outsider in (board.stranger, board.poster, economy.owner.address):
            with reverts("NotClaimant"):
                board.submit(id_, sender=outsider)
    account = economy.tba.send("createTokenBoundAccount", board.identity, sender=claimer).value
    tba = economy.bound("TokenBoundAccount", account)
    receipt = board.submit(ids[0], b"by the claimer", claimer)
    expected = {"id": ids[0], "claimantTokenId": board.identity}
    assert receipt.only("ResultSubmitted") == expected
    board.submit(ids[1], b"by the holder", board.worker)
    call = board.facet.data("submitResult", ids[2], b"by the account")
    tba.send("execute", economy.diamond, 0, call, 0, sender=board.worker)
    results = [board.facet.call("resultOf", id_) for id_ in ids]
    assert results == [b"by the claimer", b"by the holder", b"by the account"]


def test_submission_refusals(board: Board) -> None:
    id_ = board.post()
    with reverts("ResultTooLarge"):
        board.submit(99, b"x" * 4_097)
    with reverts("NotClaimed"):
        board.submit(id_)
    board.claim(id_)
    with reverts("ResultTooLarge"):
        board.submit(id_, b"x" * 4_097)
    board.submit(id_, b"x" * 4_096)
    with reverts("NotClaimed"):
        board.submit(id_)


def test_late_work_counts_until_somebody_reclaims(board: Board) -> None:
    id_ = board.post(ttl=HOUR)
    board.claim(id_)
    board.economy.later(10 * HOUR)
    board.submit(id_)
    board.send("acceptResult", id_, sender=board.poster)
    assert board.status(id_) == PAID


def test_acceptance_pays_the_account(board: Board) -> None:
    id_ = board.submitted(reward=3 * ETHER)
    for outsider in (board.worker, board.stranger, board.economy.owner.address):
        with reverts("NotPoster"):
            board.send("acceptResult", id_, sender=outsider)
    receipt = board.send("acceptResult", id_, sender=board.poster)
    assert receipt.only("ResultAccepted") == {
        "id": id_,
        "claimantTokenId": board.identity,
        "payee": board.account,
        "rewardWei": 3 * ETHER,
    }
    assert board.economy.balance(board.account) == 3 * ETHER
    assert (board.escrow(), board.live(), board.status(id_)) == (0, 0, PAID)
    assert board.facet.call("wasPaid", id_, board.identity)
    assert not board.facet.call("wasPaid", id_, board.identity + 1)


def test_acceptance_needs_a_result(board: Board) -> None:
    id_ = board.post()
    for step in (lambda: None, lambda: board.claim(id_)):
        step()
        with reverts("NotSubmitted"):
            board.send("acceptResult", id_, sender=board.poster)


def test_revision(board: Board) -> None:
    id_ = board.submitted()
    with reverts("NotPoster"):
        board.send("requestRevision", id_, sender=board.worker)
    receipt = board.send("requestRevision", id_, sender=board.poster)
    expected = {"id": id_, "claimantTokenId": board.identity}
    assert receipt.only("RevisionRequested") == expected
    assert board.status(id_) == CLAIMED
    with reverts("NotSubmitted"):
        board.send("requestRevision", id_, sender=board.poster)
    board.submit(id_, b"better")
    assert board.facet.call("resultOf", id_) == b"better"


@pytest.mark.parametrize(("late", "works"), [(-1, True), (0, True), (1, False)])
def test_revision_until_expiry(board: Board, late: int, works: bool) -> None:
    id_ = board.submitted(ttl=HOUR)
    board.economy.later(HOUR + late)
    if works:
        board.send("requestRevision", id_, sender=board.poster)
    else:
        with reverts("Expired"):
            board.send("requestRevision", id_, sender=board.poster)


@pytest.mark.parametrize(("late", "works"), [(-1, True), (0, True), (1, False)])
def test_revision_and_rejection_inside_the_review_window(
    board: Board, late: int, works: bool
) -> None:
    first = board.submitted(review_ttl=MINUTES_10)
    second = board.submitted(review_ttl=MINUTES_10)
    board.economy.later(MINUTES_10 + late)
    calls = (("requestRevision", first, ()), ("rejectResult", second, (nonce(1),)))
    for name, id_, args in calls:
        if works:
            board.send(name, id_, *args, sender=board.poster)
        else:
            with reverts("ReviewOver"):
                board.send(name, id_, *args, sender=board.poster)


def test_a_revision_restarts_the_claim_window(board: Board) -> None:
    id_ = board.submitted(claim_ttl=MINUTES_10)
    board.economy.later(MINUTES_10 + 1)
    board.send("requestRevision", id_, sender=board.poster)
    with reverts("ClaimStillHeld"):
        board.send("releaseClaim", id_, sender=board.stranger)
    board.economy.later(MINUTES_10 + 1)
    board.send("releaseClaim", id_, sender=board.stranger)


def test_release_by_the_claimer(board: Board) -> None:
    id_ = board.post()
    with reverts("NotClaimed"):
        board.send("releaseClaim", id_, sender=board.worker)
    board.claim(id_)
    board.economy.later(80 * DAY)
    for outsider in (board.stranger, board.poster):  # without a claim window never
        with reverts("ClaimStillHeld"):
            board.send("releaseClaim", id_, sender=outsider)
    receipt = board.send("releaseClaim", id_, sender=board.worker)
    assert receipt.only("ClaimReleased") == {
        "id": id_,
        "claimantTokenId": board.identity,
        "claimer": board.worker,
    }
    assert board.state(id_)[3:] == (OPEN, 0)
    assert board.facet.call("getBountyEx", id_) == (ZERO, 0, 0, 0, 0, ZERO, False)


@pytest.mark.parametrize(("late", "works"), [(-1, False), (0, False), (1, True)])
def test_idle_claims_can_be_released_by_anyone_b_a4(board: Board, late: int, works: bool) -> None:
    id_ = board.post(claim_ttl=MINUTES_10)
    board.claim(id_)
    board.economy.later(MINUTES_10 + late)
    if not works:
        with reverts("ClaimStillHeld"):
            board.send("releaseClaim", id_, sender=board.stranger)
        return
    board.send("releaseClaim", id_, sender=board.stranger)
    assert board.open_ids() == (id_,)
    board.claim(id_, board.stranger)
    board.submit(id_, sender=board.stranger)
    with reverts("NotClaimed"):  # submitted work cannot be pushed out
        board.send("releaseClaim", id_, sender=board.stranger)


def test_a_release_forgets_an_earlier_result(board: Board) -> None:
    id_ = board.submitted(claim_ttl=HOUR)
    board.send("requestRevision", id_, sender=board.poster)
    board.send("releaseClaim", id_, sender=board.worker)
    assert board.facet.call("resultOf", id_) == b""
    assert board.facet.call("getBountyEx", id_)[1:3] == (0, 0)  # claimed, submitted


@pytest.mark.parametrize(
    ("windows", "kept"), [({}, False), ({"claim_ttl": HOUR}, True), ({"review_ttl": HOUR}, True)]
)
def test_when_work_came_is_kept_where_a_window_needs_it(
    board: Board, windows: dict[str, int], kept: bool
) -> None:
    id_ = board.submitted(**windows)
    submitted_at = board.facet.call("getBountyEx", id_)[2]
    assert submitted_at == (board.economy.now if kept else 0)


def test_the_details_follow_the_work(board: Board) -> None:
    economy, none = board.economy, (ZERO, 0, 0)
    id_ = board.post(claim_ttl=HOUR, review_ttl=2 * HOUR)

    def details() -> tuple[object, ...]:
        return tuple(board.facet.call("getBountyEx", id_))

    assert details() == (*none, HOUR, 2 * HOUR, ZERO, False)
    board.claim(id_)
    claimed_at = economy.now
    assert details() == (board.worker, claimed_at, 0, HOUR, 2 * HOUR, board.account, False)
    economy.later(5)
    board.submit(id_)
    board.send("rejectResult", id_, nonce(1), sender=board.poster)
    handed_in = (claimed_at, economy.now, HOUR, 2 * HOUR)
    assert details() == (board.worker, *handed_in, board.account, True)


def test_rejection_is_public_and_counted_once(board: Board) -> None:
    id_ = board.submitted(review_ttl=MINUTES_10)
    with reverts("NotPoster"):
        board.send("rejectResult", id_, nonce(1), sender=board.worker)
    receipt = board.send("rejectResult", id_, nonce(7), sender=board.poster)
    assert receipt.only("ResultRejected") == {"id": id_, "reasonHash": nonce(7)}
    assert board.status(id_) == SUBMITTED
    assert board.facet.call("rejections", board.poster) == 1
    with reverts("WasRejected"):
        board.send("rejectResult", id_, nonce(8), sender=board.poster)
    board.economy.later(MINUTES_10 + 1)
    with reverts("WasRejected"):
        board.send("autoAccept", id_, sender=board.worker)
    # The poster may still change its mind.
    board.send("acceptResult", id_, sender=board.poster)
    assert board.facet.call("rejections", board.poster) == 1


def test_a_revision_clears_a_rejection(board: Board) -> None:
    id_ = board.submitted(review_ttl=MINUTES_10)
    board.send("rejectResult", id_, nonce(7), sender=board.poster)
    board.send("requestRevision", id_, sender=board.poster)
    board.submit(id_)
    board.economy.later(MINUTES_10 + 1)
    board.send("autoAccept", id_, sender=board.stranger)
    assert board.status(id_) == PAID


def test_rejection_needs_a_result(board: Board) -> None:
    id_ = board.post()
    with reverts("NotSubmitted"):
        board.send("rejectResult", id_, nonce(1), sender=board.poster)


@pytest.mark.parametrize(("late", "works"), [(-1, False), (0, False), (1, True)])
def test_silence_pays_after_the_review_window(board: Board, late: int, works: bool) -> None:
    id_ = board.submitted(review_ttl=MINUTES_10)
    board.economy.later(MINUTES_10 + late)
    if not works:
        with reverts("ReviewOpen"):
            board.send("autoAccept", id_, sender=board.stranger)
        return
    receipt = board.send("autoAccept", id_, sender=board.stranger)
    assert receipt.only("ResultAccepted")["payee"] == board.account
    assert board.economy.balance(board.account) == ETHER
    assert (board.status(id_), board.escrow(), board.live()) == (PAID, 0, 0)


def test_silence_never_pays_a_plain_bounty(board: Board) -> None:
    id_ = board.submitted()
    board.economy.later(80 * DAY)
    with reverts("ReviewOpen"):
        board.send("autoAccept", id_, sender=board.worker)
    claimed = board.post(review_ttl=MINUTES_10)
    board.claim(claimed)
    with reverts("NotSubmitted"):
        board.send("autoAccept", claimed, sender=board.worker)


def test_cancelling(board: Board) -> None:
    id_ = board.post()
    with reverts("NotPoster"):
        board.send("cancelBounty", id_, sender=board.worker)
    before = board.economy.balance(board.poster)
    receipt = board.send("cancelBounty", id_, sender=board.poster)
    expected = {"id": id_, "poster": board.poster, "rewardWei": ETHER}
    assert receipt.only("BountyCancelled") == expected
    assert board.economy.balance(board.poster) - before == ETHER
    assert (board.status(id_), board.escrow(), board.live()) == (CANCELLED, 0, 0)
    assert board.open_ids() == ()
    claimed = board.post()
    board.claim(claimed)
    with reverts("NotOpen"):
        board.send("cancelBounty", claimed, sender=board.poster)


@pytest.mark.parametrize("stage", ["open", "claimed", "submitted"])
@pytest.mark.parametrize(("late", "works"), [(-1, False), (0, False), (1, True)])
def test_reclaim_after_expiry(board: Board, stage: str, late: int, works: bool) -> None:
    id_ = board.post(ttl=HOUR)
    if stage != "open":
        board.claim(id_)
    if stage == "submitted":
        board.submit(id_)
    board.economy.later(HOUR + late)
    if not works:
        with reverts("NotYetExpired"):
            board.send("reclaimExpired", id_, sender=board.stranger)
        return
    before = board.economy.balance(board.poster)
    receipt = board.send("reclaimExpired", id_, sender=board.stranger)
    expected = {"id": id_, "poster": board.poster, "rewardWei": ETHER}
    assert receipt.only("BountyReclaimed") == expected
    assert board.economy.balance(board.poster) - before == ETHER
    assert (board.status(id_), board.escrow(), board.live()) == (RECLAIMED, 0, 0)


def test_a_silent_review_ends_in_payment_not_in_a_reclaim(board: Board) -> None:
    id_ = board.submitted(ttl=HOUR, review_ttl=HOUR)
    board.economy.later(80 * DAY)
    with reverts("ReviewOpen"):
        board.send("reclaimExpired", id_, sender=board.poster)
    board.send("autoAccept", id_, sender=board.stranger)
    rejected = board.submitted(ttl=HOUR, review_ttl=HOUR)
    board.send("rejectResult", rejected, nonce(1), sender=board.poster)
    board.economy.later(HOUR + 1)
    board.send("reclaimExpired", rejected, sender=board.stranger)


def test_a_claim_window_alone_holds_up_no_reclaim(board: Board) -> None:
    """Without a review window silence pays nobody, so there is nothing to wait for."""
    id_ = board.submitted(ttl=HOUR, claim_ttl=HOUR)
    board.economy.later(HOUR + 1)
    with reverts("ReviewOpen"):
        board.send("autoAccept", id_, sender=board.stranger)
    board.send("reclaimExpired", id_, sender=board.stranger)
    assert (board.status(id_), board.escrow()) == (RECLAIMED, 0)


def test_terminal_states_stay(board: Board) -> None:
    paid = board.submitted(ttl=HOUR)
    board.send("acceptResult", paid, sender=board.poster)
    cancelled = board.post(ttl=HOUR)
    board.send("cancelBounty", cancelled, sender=board.poster)
    reclaimed = board.post(ttl=HOUR)
    board.economy.later(HOUR + 1)
    board.send("reclaimExpired", reclaimed, sender=board.poster)
    for id_ in (paid, cancelled, reclaimed):
        status = board.status(id_)
        for error, name, args, sender in (
            ("NotOpen", "claimBounty", (board.identity,), board.worker),
            ("NotClaimed", "submitResult", (b"",), board.worker),
            ("NotSubmitted", "acceptResult", (), board.poster),
            ("NotSubmitted", "requestRevision", (), board.poster),
            ("NotClaimed", "releaseClaim", (), board.worker),
            ("NotSubmitted", "rejectResult", (nonce(1),), board.poster),
            ("NotSubmitted", "autoAccept", (), board.worker),
            ("NotOpen", "cancelBounty", (), board.poster),
            ("NotReclaimable", "reclaimExpired", (), board.poster),
        ):
            with reverts(error):
                board.send(name, id_, *args, sender=sender)
        assert board.status(id_) == status


def test_the_open_board_is_paged_inv_page(board: Board) -> None:
    facet, economy = board.facet, board.economy
    assert facet.call("openBounties", 0, 10) == ((), 0)
    ids = [board.post(reward=1, ttl=HOUR if n % 3 == 0 else DAY) for n in range(12)]
    board.claim(ids[1])
    board.send("cancelBounty", ids[4], sender=board.poster)
    live = [id_ for id_ in ids if id_ not in (ids[1], ids[4])]
    assert facet.call("openBounties", 0, 200) == (tuple(live), 12)
    for limit in (1, 3, 10):
        cursor, seen = 0, []
        while True:
            page, following = facet.call("openBounties", cursor, limit)
            seen += page
            if following == cursor:
                break
            cursor = following
        assert seen == live
    assert facet.call("openBounties", 0, 0) == ((), 12)
    assert facet.call("openBounties", 12, 5) == ((), 12)
    assert facet.call("openBounties", 99, 5) == ((), 12)
    economy.later(HOUR)
    assert facet.call("openBounties", 0, 200)[0] == tuple(live)  # the last second counts
    economy.later(1)
    fresh = tuple(id_ for id_ in live if (id_ - 1) % 3)
    assert facet.call("openBounties", 0, 200)[0] == fresh
    # Expired entries do not eat into the limit.
    assert facet.call("openBounties", 0, 3)[0] == fresh[:3]


def test_a_posters_list_is_paged(board: Board) -> None:
    ids = tuple(board.post(reward=1) for _ in range(19))
    page = board.facet.call("bountiesOfPage", board.poster, 0, 8)
    assert page == (ids[:8], 8)
    assert board.facet.call("bountiesOfPage", board.poster, 8, 200) == (ids[8:], 19)
    assert board.facet.call("bountiesOfPage", board.poster, 19, 5) == ((), 19)
    assert board.facet.call("bountiesOfPage", board.poster, 99, 5) == ((), 19)
    assert board.facet.call("bountiesOfPage", board.poster, 3, 0) == ((), 19)
    assert board.facet.call("bountiesOf", board.poster) == ids
    assert board.facet.call("bountiesOf", board.stranger) == ()


def test_the_whole_economy_can_start_from_nothing(economy: Economy) -> None:
    """A bounty of the whole purse, accepted, leaves exactly nothing in escrow."""
    board = Board(economy)
    purse = economy.balance(board.poster)
    id_ = board.submitted(reward=purse)
    assert economy.balance(board.poster) == 0
    board.send("acceptResult", id_, sender=board.poster)
    assert economy.balance(board.account) == purse
