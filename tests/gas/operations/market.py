"""Bounties, jobs, attestations."""

from __future__ import annotations

from tests.contracts.economy import ETHER, Economy
from tests.contracts.market.board import Board
from tests.contracts.market.calendar import DAY, HOUR, MINUTE, Calendar
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


def _hourly(calendar: Calendar) -> list[int]:
    """Jobs of people who do not know each other: each in a minute of its own."""
    ids = []
    for _ in FOUR:
        ids.append(calendar.make(interval=HOUR))
        calendar.economy.later(MINUTE)
    return ids


@operation("ScheduleFacet")
def record_run(economy: Economy) -> list[Call]:
    calendar = Calendar(economy)
    ids = _hourly(calendar)
    economy.later(HOUR)
    slots = [calendar.job(id_).next_run for id_ in ids]
    due = zip(ids, slots, strict=True)
    return [of(calendar.facet, calendar.scheduler, "recordRun", *job, 1) for job in due]


@operation("ScheduleFacet")
def cancel_job(economy: Economy) -> list[Call]:
    calendar = Calendar(economy)
    ids = _hourly(calendar)
    return [of(calendar.facet, calendar.owner, "cancelJob", id_) for id_ in ids]


@operation("ReputationFacet")
def attest(economy: Economy) -> list[Call]:
    subject = economy.register("alice", "worker")
    bob = economy.address("bob")
    return [of(economy.reputation, bob, "attest", subject, 5, nonce(n + 1)) for n in FOUR]


@operation("ScheduleFacet")
def jobs_due(economy: Economy) -> list[Call]:
    """A page of 100 due jobs in as many minutes, beside jobs that are not due."""
    calendar = crowded(economy, not_due=50)
    return [of(calendar.facet, calendar.owner, "jobsDue", 0, 100) for _ in FOUR]


def crowded(economy: Economy, not_due: int) -> Calendar:
    """A hundred due jobs and some more, of as many owners as that takes."""
    calendar = Calendar(economy)
    intervals = [30 * DAY + n for n in range(not_due)] + [MINUTE * (n + 1) for n in range(100)]
    bob = calendar.owner
    for first in range(0, len(intervals), 32):
        owner = b"\x0d" * 18 + first.to_bytes(2, "big")
        economy.credits.send("transfer", owner, ETHER, sender=bob)
        economy.credits.send("approve", calendar.facet.address, ETHER, sender=owner)
        for interval in intervals[first : first + 32]:
            calendar.make(1, interval, 2, owner=owner, task=b"")
    economy.later(2 * HOUR)
    return calendar
