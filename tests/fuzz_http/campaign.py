"""Case after case, what each came to, and what is a finding.

A finding is a status of 500 and above that the endpoint's document does not have, or has without a code in
the answer; no answer where there has to be one; an answer that never ends; a process that died or whose log
has a traceback.
"""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from tests.fuzz_http.cases import Author, Case
from tests.fuzz_http.corpus import corpus, words
from tests.fuzz_http.shapes import Shapes
from tests.fuzz_http.targets import SERVICES, Endpoint, Stage
from tests.fuzz_http.wire import Reply, exchange

THREADS = 4


@dataclass
class Campaign:
    """One stage under fuzz. `statuses` by service; 0 is a connection closed without an answer."""

    stage: Stage
    seed: int
    statuses: dict[str, Counter[int]] = field(
        default_factory=lambda: {service: Counter() for service in SERVICES}
    )
    kinds: Counter[str] = field(default_factory=Counter)
    endpoints: Counter[str] = field(default_factory=Counter)
    findings: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.all_endpoints = self.stage.endpoints()

    def run(self, count: int) -> None:
        """So many cases, spread over all endpoints."""
        todo = iter(range(count))
        author = Author(
            {s: Shapes(d, words(self.stage.theatre)) for s, d in self.stage.documents.items()},
            corpus(self.stage.theatre),
        )
        with ThreadPoolExecutor(THREADS) as pool:
            working = [pool.submit(self._work, author, todo) for _ in range(THREADS)]
        for work in working:
            work.result()  # a mistake of the fuzzer's own is raised
        self._look_after()

    def case(self, author: Author, number: int) -> Case:
        """The case of this number: the seed and the number alone decide what it is."""
        rng = random.Random(f"{self.seed}:{number}")
        return author.write(_chosen(self.all_endpoints, rng), rng)

    def _work(self, author: Author, todo: Iterator[int]) -> None:
        while True:
            with self._lock:
                number = next(todo, None)
            if number is None:
                return
            case = self.case(author, number)
            reply = exchange(case.endpoint.port, case.request, close=case.close)
            with self._lock:
                self._note(number, case, reply)

    def _note(self, number: int, case: Case, reply: Reply) -> None:
        endpoint = case.endpoint
        self.statuses[endpoint.service][reply.status] += 1
        self.kinds[case.kind] += 1
        self.endpoints[f"{endpoint.service} {endpoint.method} {endpoint.path}"] += 1
        wrong = judge(case, reply)
        if wrong is not None:
            sent = case.request[:300].decode("latin-1")
            self.findings.append(
                f"{endpoint.service} {endpoint.method} {endpoint.path}, case {number} ({case.kind}): "
                f"{wrong}; sent {sent!r}, got {reply.body[:200]!r}"
            )

    def _look_after(self) -> None:
        """What the cases left behind."""
        play = self.stage.theatre
        for role in play.cast:
            if not play.alive(role):
                self.findings.append(f"{role} died:\n{play.log(role)}")
                continue
            play.wait_ready(role)
            text = (play.root / f"{role}.log").read_text(errors="replace")
            count = text.count("Traceback")
            if count:
                at = text.index("Traceback")
                self.findings.append(
                    f"{role}: {count} tracebacks in its log: {text[max(0, at - 300) : at + 3_000]}"
                )

    def summary(self) -> list[str]:
        """A line for each service."""
        lines = []
        for service, found in self.statuses.items():
            told = ", ".join(f"{status or 'closed'}: {n}" for status, n in sorted(found.items()))
            lines.append(f"{service:<12} {found.total():>7,} cases   {told}")
        kinds = ", ".join(f"{kind}: {count}" for kind, count in sorted(self.kinds.items()))
        lines.append(f"{'kinds':<12} {kinds}")
        lines.append(f"{len(self.endpoints)} of {len(self.all_endpoints)} endpoints were asked")
        return lines


def _chosen(endpoints: list[Endpoint], rng: random.Random) -> Endpoint:
    """Those that take a body are where the work is done; they come three times as often."""
    weights = [3 if endpoint.body is not None else 1 for endpoint in endpoints]
    return rng.choices(endpoints, weights)[0]


def judge(case: Case, reply: Reply) -> str | None:
    """Why an answer is a finding; None when it is none."""
    if reply.hung:
        return "hangs"
    if reply.status == 0:
        return "no answer" if case.answered else None
    if reply.status < 500:
        return None
    if reply.status not in case.endpoint.failures:
        return f"status {reply.status}"
    if case.request.startswith(b"HEAD "):
        return None  # an answer without a body has nowhere to say more
    return None if reply.code else f"status {reply.status} without a code"
