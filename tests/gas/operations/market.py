"""Bounties, jobs, attestations."""

from __future__ import annotations

from tests.contracts.economy import ETHER, Economy
from tests.contracts.market.board import Board
from tests.contracts.market.calendar import HOUR, MINUTE, Calendar
from tests.contracts.signing import nonce
from tests.gas.measure import Call
from tests.gas.operations.catalogue import FOUR, SHORT, TASK, of, operation


@operation("BountyFacet")
def post_bounty(economy: Economy) -> list[Call]:
    board = Board(economy)
    return [of(board.facet, board.poster, "postBounty", TASK, ETHER, 24 * HOUR) for _ in FOUR]


@operation("BountyFacet")
def post_bounty_short(economy: Economy) -> list[Call]:
    board = Board(economy)
    return [of(board.facet, board.poster, "postBounty", SHORT, ETHER, 24 * HOUR) for _ in FOUR]


@operation("BountyFacet")
def claim_bounty(economy: Economy) -> list[Call]:
    board = Board(economy)
    ids = [board.post(task=TASK) for _ in FOUR]
    return [of(board.facet, board.worker, "claimBounty", id_, board.identity) for id_ in ids]


@operation("BountyFacet")
def submit_result(economy: Economy) -> list[Call]:
    board = Board(economy)
    ids = [board.post(task=TASK) for _ in FOUR]
    for id_ in ids:
        board.claim(id_)
    return [of(board.facet, board.worker, "submitResult", id_, TASK) for id_ in ids]


@operation("BountyFacet")
def submit_result_short(economy: Economy) -> list[Call]:
    board = Board(economy)
    ids = [board.post(task=SHORT) for _ in FOUR]
    for id_ in ids:
        board.claim(id_)
    return [of(board.facet, board.worker, "submitResult", id_, SHORT) for id_ in ids]


@operation("BountyFacet")
def accept_result(economy: Economy) -> list[Call]:
    board = Board(economy)
    ids = [board.submitted() for _ in FOUR]
    return [of(board.facet, board.poster, "acceptResult", id_) for id_ in ids]


@operation("BountyFacet")
def cancel_bounty(economy: Economy) -> list[Call]:
    board = Board(economy)
    ids = [board.post() for _ in FOUR]
    return [of(board.facet, board.poster, "cancelBounty", id_) for id_ in ids]


@operation("ScheduleFacet")
def schedule_job(economy: Economy) -> list[Call]:
    calendar = Calendar(economy)
    arguments = (calendar.target, TASK, HOUR, ETHER, 100)
    return [of(calendar.facet, calendar.owner, "scheduleJob", *arguments) for _ in FOUR]


@operation("ScheduleFacet")
def schedule_job_short(economy: Economy) -> list[Call]:
    calendar = Calendar(economy)
    arguments = (calendar.target, SHORT, HOUR, ETHER, 100)
    return [of(calendar.facet, calendar.owner, "scheduleJob", *arguments) for _ in FOUR]


@operation("ScheduleFacet")
def record_run(economy: Economy) -> list[Call]:
    calendar = Calendar(economy)
    ids = [calendar.make() for _ in FOUR]
    economy.later(MINUTE)
    slots = [calendar.job(id_).next_run for id_ in ids]
    due = zip(ids, slots, strict=True)
    return [of(calendar.facet, calendar.scheduler, "recordRun", *job, 1) for job in due]


@operation("ScheduleFacet")
def cancel_job(economy: Economy) -> list[Call]:
    calendar = Calendar(economy)
    ids = [calendar.make() for _ in FOUR]
    return [of(calendar.facet, calendar.owner, "cancelJob", id_) for id_ in ids]


@operation("ReputationFacet")
def attest(economy: Economy) -> list[Call]:
    subject = economy.register("alice", "worker")
    bob = economy.address("bob")
    return [of(economy.reputation, bob, "attest", subject, 5, nonce(n + 1)) for n in FOUR]
