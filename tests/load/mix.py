"""What a load is made of: requests drawn from a seed, none of them known to the market beforehand."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from typing import Any

ECHO = "mock-echo"
SLOW = "mock-slow?first_ms=100&per_tok_ms=5"

STREAMED = 0.45
LEFT = 0.25  # of the streams: the client closes the connection in the middle
KEYED = 0.35
REPEATED = 0.5  # of those with a key: the same request comes again
FARTHEST = 24  # requests between one and its repetition
WORDS = (3, 8, 30, 120, 400)
TOKENS = (8, 16, 64, 150, 300)


@dataclass(frozen=True)
class Planned:
    """One request. `leave_after` chunks the client hangs up; `repeats` is the number of its first sending."""

    number: int
    sidecar: str
    words: int
    max_tokens: int
    stream: bool = False
    leave_after: int | None = None
    key: str | None = None
    repeats: int | None = None

    @property
    def body(self) -> dict[str, Any]:
        first = self.number if self.repeats is None else self.repeats
        model = SLOW if self.leave_after is not None else ECHO
        return {
            "model": model,
            "messages": [{"role": "user", "content": f"{first}: " + "word " * self.words}],
            "max_tokens": self.max_tokens,
            "stream": self.stream,
        }


def plan(count: int, seed: int, sidecars: tuple[str, ...], keyed: float = KEYED) -> list[Planned]:
    """`count` requests; the same seed gives the same ones. `keyed` is the share that has a key."""
    draw = random.Random(seed)
    later: list[tuple[int, Planned]] = []  # repetitions and the place they are due at
    found: list[Planned] = []
    while len(found) < count:
        number = len(found)
        due = next((each for each in later if each[0] <= number), None)
        if due is not None:
            later.remove(due)
            found.append(replace(due[1], number=number, repeats=due[1].number))
            continue
        stream = draw.random() < STREAMED
        leaves = stream and draw.random() < LEFT
        key = f"load-{seed}-{number}" if not leaves and draw.random() < keyed else None
        one = Planned(
            number,
            draw.choice(sidecars),
            draw.choice(WORDS),
            draw.choice(TOKENS),
            stream,
            draw.choice((1, 2, 5, 12)) if leaves else None,
            key,
        )
        found.append(one)
        if key is not None and draw.random() < REPEATED:
            later.append((number + draw.randint(1, FARTHEST), one))
    return found
