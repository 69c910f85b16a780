"""A job hands parts of its budget to child jobs, and the tree spends the root's budget to the last wei.

Run it from the root of the repository: `.venv/bin/python -m examples.job_tree`
"""

from __future__ import annotations

import sys

from examples.stage import LH, Artifacts, Balances, Stage, table

HOUR = 3_600
BUDGET = 10 * LH
SCHEDULE_BUCKET, TREASURY_BUCKET = 3, 1


def play(artifacts: Artifacts | None = None) -> list[tuple[str, Balances]]:
    """One root, two children, one grandchild; every fire pays into the treasury until nothing is left."""
    stage = Stage(artifacts)
    diamond = stage.diamond
    owner = stage.enter("ada", BUDGET)
    worker = stage.scheduler.at(diamond).schedule
    target = owner.at(diamond).registry.register("researcher")

    def balances() -> Balances:
        jobs = {
            name: diamond.schedule.get_job(job).budget_wei if job else 0
            for name, job in tree.items()
        }
        return {**jobs, "treasury": stage.bucket(TREASURY_BUCKET), "ada": stage.balance(owner)}

    tree: dict[str, int] = dict.fromkeys(("root", "search", "summary", "check"), 0)
    moments = [("before", balances())]
    tree["root"] = owner.at(diamond).schedule.schedule_job(
        target, b"report on the market", HOUR, BUDGET, 100
    )
    moments.append(("scheduled", balances()))
    tree["search"] = worker.schedule_child_job(
        tree["root"], target, b"find sources", HOUR, 4 * LH, 100
    )
    tree["summary"] = worker.schedule_child_job(
        tree["root"], target, b"write it up", HOUR, 3 * LH, 100
    )
    tree["check"] = worker.schedule_child_job(
        tree["summary"], target, b"check the figures", HOUR, LH, 100
    )
    moments.append(("delegated", balances()))
    while live := [job for job in tree.values() if diamond.schedule.get_job(job).budget_wei]:
        stage.chain.advance(HOUR)
        for job in live:
            found = diamond.schedule.get_job(job)
            worker.record_run(job, found.next_run, min(found.budget_wei, LH))
    assert stage.bucket(SCHEDULE_BUCKET) == 0, "no wei is left in escrow"
    return [*moments, ("spent", balances())]


def main() -> int:
    print("$LH: what each job may still spend, and where the rest is")
    print(table(play()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
