"""The clients: some threads that send what was planned, and what each of them was told."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import httpx

from tests.load.mix import Planned

PATIENCE = 90.0  # seconds for one request, its repetitions included
ANSWER_SECONDS = 75.0
PAUSE = 0.1
LEAVE_SECONDS = 0.06  # for each event that a client meant to read
LEFT = "left"
IN_PROGRESS = "409 idempotency_in_progress"
# What says that the same request, under the same key, is to be sent again.
AGAIN = ("idempotency_in_progress", "payment_unknown")


@dataclass
class Told:
    """What one request came to. `failures` are the answers before the last one; times are monotonic seconds."""

    planned: Planned
    outcome: str = ""
    failures: list[str] = field(default_factory=list)
    text: str = ""
    began: float = 0.0
    ended: float = 0.0

    @property
    def good(self) -> bool:
        return self.outcome in ("200", LEFT)


@dataclass
class Crowd:
    """Clients of a market. `persistent` ones send a failed request again, as its key allows."""

    url: Callable[[str], str]
    persistent: bool = False
    told: list[Told] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self, requests: Iterator[Planned], concurrency: int) -> None:
        """Send every request, so many at a time; returns when all have ended."""
        with ThreadPoolExecutor(concurrency) as pool:
            working = [pool.submit(self._work, requests) for _ in range(concurrency)]
        for work in working:
            work.result()  # a mistake of the client's own is raised

    def _work(self, requests: Iterator[Planned]) -> None:
        with httpx.Client(timeout=ANSWER_SECONDS, verify=False) as client:
            while True:
                with self._lock:
                    planned = next(requests, None)
                if planned is None:
                    return
                told = Told(planned, began=time.monotonic())
                self._ask(client, told)
                told.ended = time.monotonic()
                with self._lock:
                    self.told.append(told)

    def _ask(self, client: httpx.Client, told: Told) -> None:
        deadline = time.monotonic() + PATIENCE
        while True:
            outcome = self._once(client, told)
            told.outcome = outcome
            if told.good or time.monotonic() > deadline or not self._again(told.planned, outcome):
                return
            told.failures.append(outcome)
            time.sleep(PAUSE)

    def _again(self, planned: Planned, outcome: str) -> bool:
        """Without a key a second sending is a second purchase, which is not what is counted here."""
        if planned.key is None:
            return False
        code = outcome.partition(" ")[2]
        return code in AGAIN or (self.persistent and not outcome.startswith("4"))

    def _once(self, client: httpx.Client, told: Told) -> str:
        planned = told.planned
        headers = {"Idempotency-Key": planned.key} if planned.key else {}
        url = f"{self.url(planned.sidecar)}/v1/chat/completions"
        patience = ANSWER_SECONDS
        if planned.leave_after is not None:
            patience = LEAVE_SECONDS * planned.leave_after
        try:
            with client.stream(
                "POST", url, json=planned.body, headers=headers,
                timeout=httpx.Timeout(ANSWER_SECONDS, read=patience),
            ) as answer:  # fmt: skip
                if answer.status_code != 200:
                    answer.read()
                    return f"{answer.status_code} {code_of(answer)}"
                if planned.leave_after is not None:
                    return self._leave(answer, planned.leave_after)
                told.text = answer.read().decode()
        except httpx.HTTPError as failure:
            if planned.leave_after is not None and isinstance(failure, httpx.ReadTimeout):
                return LEFT  # before a first word: how one leaves the exact rail, whose streams come late
            return f"0 {type(failure).__name__}"
        if planned.stream and "[DONE]" not in told.text:
            return "200 stream cut"
        return "200"

    @staticmethod
    def _leave(answer: httpx.Response, after: int) -> str:
        """Read some events and hang up."""
        seen = 0
        for line in answer.iter_lines():
            seen += line.startswith("data:")
            if seen > after:
                break
        return LEFT

    # -- what was told -------------------------------------------------------------------------

    def outcomes(self) -> Counter[str]:
        return Counter(told.outcome for told in self.told)

    def failures(self) -> Counter[str]:
        """Every answer that was no success, by its code, those that were tried again included.

        That the first sending of a repetition is still under way is no failure.
        """
        found = Counter(code for told in self.told for code in told.failures)
        found.update(told.outcome for told in self.told if not told.good)
        del found[IN_PROGRESS]
        return found

    def changed_answers(self) -> list[int]:
        """Numbers of repetitions whose answer is another than the first sending's."""
        first = {told.planned.number: told.text for told in self.told if told.outcome == "200"}
        return [
            told.planned.number
            for told in self.told
            if told.outcome == "200"
            and told.planned.repeats is not None
            and told.planned.repeats in first
            and told.text != first[told.planned.repeats]
        ]


def code_of(answer: httpx.Response) -> str:
    """The code of an error object, or how the body begins."""
    try:
        return str(answer.json()["error"]["code"])
    except (ValueError, KeyError, TypeError):
        return answer.text[:40]
