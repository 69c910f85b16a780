"""Which due jobs to fire in which order: the latest first, taking turns between owners."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from harness.diamond.schedule import ACTIVE, END_OF_JOBS, Job, Schedule
from harness.protocol.addresses import Address

PAGE = 200


@dataclass(frozen=True)
class DueJob:
    """A job as it was read; `slot` is the run that is due."""

    id: int
    job: Job

    @property
    def slot(self) -> int:
        return self.job.next_run

    @property
    def owner(self) -> Address:
        return self.job.owner


def read_due(schedule: Schedule, limit: int) -> list[DueJob]:
    """Up to `limit` due jobs. A page may repeat a job; each comes back once."""
    found: dict[int, DueJob] = {}
    cursor = 0
    while cursor != END_OF_JOBS and len(found) < limit:
        ids, following = schedule.jobs_due(cursor, min(PAGE, limit))
        for identity in ids:
            if identity not in found and len(found) < limit:
                job = schedule.get_job(identity)
                if job.status == ACTIVE:
                    found[identity] = DueJob(identity, job)
        if following == cursor:
            break
        cursor = following
    return list(found.values())


def in_turn(due: Iterable[DueJob]) -> list[DueJob]:
    """By lateness within an owner; owners take turns, so one with many jobs delays nobody else."""
    by_owner: dict[Address, list[DueJob]] = {}
    for job in sorted(due, key=lambda d: (d.slot, d.id)):
        by_owner.setdefault(job.owner, []).append(job)
    ordered: list[DueJob] = []
    round_number = 0
    while len(ordered) < sum(map(len, by_owner.values())):
        turn = [jobs[round_number] for jobs in by_owner.values() if round_number < len(jobs)]
        ordered += sorted(turn, key=lambda d: (d.slot, d.id))
        round_number += 1
    return ordered
