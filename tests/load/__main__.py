"""`python -m tests.load [--requests N] [--seed S] [--json]`: the market under load, its books and the chain.

Prints every account before and after, and each party's account of what moved. Exit status 1 when they
differ, with the rows that do.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.crash.theatre import theatre
from tests.load.cast import CAST
from tests.load.run import Loaded, run


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser("python -m tests.load")
    parser.add_argument("--requests", type=int, default=1_000)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--json", action="store_true", help="one JSON object instead of tables")
    parser.add_argument("--keep", type=Path, help="keep journals and logs there")
    options = parser.parse_args(arguments)
    if options.requests < 1:
        parser.error("--requests is at least 1")
    seed = random.SystemRandom().randrange(10**6) if options.seed is None else options.seed
    with (
        tempfile.TemporaryDirectory() as folder,
        theatre(options.keep or Path(folder), CAST) as stage,
    ):
        loaded = run(stage, options.requests, seed)
    print(json.dumps(document(loaded, seed), indent=2) if options.json else tables(loaded, seed))
    return int(not loaded.books.balanced or bool(loaded.crowd.changed_answers()))


def tables(loaded: Loaded, seed: int) -> str:
    """For people."""
    books, crowd = loaded.books, loaded.crowd
    outcomes = ", ".join(f"{name}: {count}" for name, count in sorted(crowd.outcomes().items()))
    repeats = sum(told.planned.repeats is not None for told in crowd.told)
    lines = [
        f"seed {seed}: {len(crowd.told)} requests in {loaded.seconds:.1f} s ({outcomes}), "
        f"{repeats} of them repetitions under the same key",
        "",
        f"{'base units of USDC':<34} {'before':>14} {'after':>14} {'change':>14}",
    ]
    for name, now in books.after.items():
        then = books.before[name]
        lines.append(f"{name:<34} {then:>14,} {now:>14,} {now - then:>+14,}")
    lines += ["", *map(str, books.rows), ""]
    changed = crowd.changed_answers()
    lines += [f"answered otherwise the second time: request {number}" for number in changed]
    lines += books.problems() or ["chain and journals are equal to the unit"]
    return "\n".join(lines)


def document(loaded: Loaded, seed: int) -> dict[str, Any]:
    """For programs."""
    books, crowd = loaded.books, loaded.crowd
    return {
        "seed": seed,
        "requests": len(crowd.told),
        "seconds": round(loaded.seconds, 3),
        "outcomes": dict(crowd.outcomes()),
        "failures": dict(crowd.failures()),
        "balances": {
            name: {"before": books.before[name], "after": now} for name, now in books.after.items()
        },
        "rows": [
            {"what": row.what, "chain": row.chain, "told": row.told, "beside": row.beside, "equal": row.equal}
            for row in books.rows
        ],
        "open": books.open,
        "paidTwice": books.twice,
        "changedAnswers": crowd.changed_answers(),
        "balanced": books.balanced,
    }  # fmt: skip


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
