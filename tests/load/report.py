"""What a load came to, in words and figures."""

from __future__ import annotations

from typing import Any

from tests.load.nodes import Survived
from tests.load.run import Loaded


def passed(loaded: Loaded) -> bool:
    """Whether the books are equal and every repetition was answered as the first time."""
    return loaded.books.balanced and not loaded.crowd.changed_answers()


def tables(loaded: Loaded, seed: int) -> str:
    """For people."""
    books, crowd = loaded.books, loaded.crowd
    outcomes = ", ".join(f"{name}: {count}" for name, count in sorted(crowd.outcomes().items()))
    repeats = sum(told.planned.repeats is not None for told in crowd.told)
    lines = [
        f"seed {seed}: {len(crowd.told)} requests in {loaded.seconds:.1f} s ({outcomes}), "
        f"{repeats} of them repetitions under the same key"
    ]
    if isinstance(loaded, Survived):
        lines += _survival(loaded)
    lines += ["", f"{'base units of USDC':<34} {'before':>14} {'after':>14} {'change':>14}"]
    for name, now in books.after.items():
        then = books.before[name]
        lines.append(f"{name:<34} {then:>14,} {now:>14,} {now - then:>+14,}")
    lines += ["", *map(str, books.rows), ""]
    changed = crowd.changed_answers()
    lines += [f"answered otherwise the second time: request {number}" for number in changed]
    lines += books.problems() or ["chain and journals are equal to the unit"]
    return "\n".join(lines)


def _survival(survived: Survived) -> list[str]:
    failures = survived.crowd.failures()
    by_code = ", ".join(f"{code}: {count}" for code, count in sorted(failures.items()))
    met, helped = survived.retried()
    lines = [
        f"failures seen by clients: {failures.total()} ({by_code or 'none'})",
        f"requests that met one: {met}; sent again under the same key and answered: {helped}",
        f"double payments: {len(survived.books.twice)}",
        f"streams that broke off and were paid as far as they came: {len(survived.books.parts)} "
        f"({sum(survived.books.parts):,} base units)",
        f"answers that were finished and nobody came for: {survived.books.unfetched}",
    ]
    for victim in survived.kills:
        first = survived.first_success(victim)
        told = "never" if first is None else f"{first:.2f} s later"
        lines.append(f"{victim} killed; the first success that began after it: {told}")
    return lines


def document(loaded: Loaded, seed: int) -> dict[str, Any]:
    """For programs."""
    books, crowd = loaded.books, loaded.crowd
    found: dict[str, Any] = {
        "seed": seed,
        "requests": len(crowd.told),
        "seconds": round(loaded.seconds, 3),
        "outcomes": dict(crowd.outcomes()),
        "failures": dict(crowd.failures()),
        "balances": {
            name: {"before": books.before[name], "after": now} for name, now in books.after.items()
        },
        "rows": [
            {
                "what": row.what,
                "chain": row.chain,
                "told": row.told,
                "beside": row.beside,
                "equal": row.equal,
            }
            for row in books.rows
        ],
        "open": books.open,
        "paidTwice": books.twice,
        "paidInPart": books.parts,
        "unfetched": books.unfetched,
        "changedAnswers": crowd.changed_answers(),
        "balanced": books.balanced,
    }
    if isinstance(loaded, Survived):
        met, helped = loaded.retried()
        found |= {
            "metAFailure": met,
            "succeededAgain": helped,
            "firstSuccessSeconds": {v: loaded.first_success(v) for v in loaded.kills},
        }
    return found
