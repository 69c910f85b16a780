"""A keeper's endpoint answers anything at all: each slot is asked for once, recorded once, and has an outcome.

A keeper listens nowhere; what it hears is the answer to its one POST. `FRAMES=20000` tries as many as one likes.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import random
import socket
import threading
from collections import Counter
from collections.abc import Iterator

import pytest

from harness.diamond.schedule import ACTIVE
from harness.protocol.runs import RunState
from harness.services.keeper.endpoint import MAX_ANSWER_BYTES, HttpRunner
from harness.services.keeper.runner import OUTPUT_BYTES, Result, Work
from harness.services.keeper.tick import Outcome
from tests.fuzz_http.bends import bend, mangled, odd_text, to_bytes

from .keeper_world import FIRE, World
from .test_keeper import deployed, world

__all__ = ["deployed", "world"]

FRAMES = int(os.environ.get("FRAMES", "400"))
SEED = 20261201
BUDGET = 40 * FIRE
DIAMOND = "0x" + "00" * 19 + "01"
WORK = Work(31337, DIAMOND, 7, 1_700_000_060, 3, DIAMOND, b"say hi", 10**17)
ANSWERS = (
    {"spentWei": "77", "output": "done"}, {"spentWei": str(10**30), "output": "d" * 20_000}, {"output": "done"}, {},
)  # fmt: skip


def head(status: bytes, length: int | None, *more: bytes) -> bytes:
    lines = [b"HTTP/1.1 " + status, b"content-type: application/json", *more]
    if length is not None:
        lines.append(b"content-length: %d" % length)
    return b"\r\n".join(lines) + b"\r\n\r\n"


def wrong(rng: random.Random) -> bytes:
    """One answer: right, bent, mangled, or hardly HTTP."""
    body = to_bytes(bend(rng.choice(ANSWERS), rng) if rng.random() < 0.8 else rng.choice(ANSWERS))
    if rng.random() < 0.3:
        body = mangled(body, rng)
    status = rng.choice(
        (b"200 OK", b"200 OK", b"204 No", b"500 Oh", b"302 There", b"999 What", b"201")
    )
    whole = head(status, len(body)) + body
    if rng.random() < 0.5:
        return whole
    chunked = head(b"200 OK", None, b"transfer-encoding: chunked")
    text = odd_text(rng).encode("utf-8", "surrogatepass")
    return rng.choice(
        (
            whole[: rng.randrange(len(whole))],
            whole.replace(b"HTTP/1.1", rng.choice((b"HTTP/1.0", b"HTTP/2.0", b"HTTP/9", b"", b"ICY", b"\x00"))),
            whole.replace(b" 200 ", rng.choice((b" ", b" -1 ", b" 99999 ", b" 2OO ", b" \xff ", b" 100 ", b" 101 "))),
            whole.replace(b"\r\n", b"\n"),
            head(b"200 OK", len(body) + rng.randint(1, 10_000)) + body,
            head(b"200 OK", max(0, len(body) - 1)) + body,
            head(b"200 OK", 10**30) + body,
            head(b"200 OK", -5) + body,
            head(b"200 OK", None, b"content-length: " + text) + body,
            head(b"200 OK", None, b"transfer-encoding: " + text) + body,
            head(b"200 OK", len(body), b"x: " + text) + body,
            head(b"200 OK", len(body), *(b"x-%d: a" % n for n in range(300))) + body,
            head(b"200 OK", len(body), b"x" * 70_000 + b": a") + body,
            head(b"200 OK", None) + body,
            chunked + b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body),
            chunked + b"zz\r\n" + body,
            chunked + b"-5\r\n" + body,
            chunked + b"ffffffffffffffffffff\r\n" + body,
            chunked + b"%x\r\n%s" % (len(body) + 5, body),
            b"HTTP/1.1 100 Continue\r\n\r\n" * rng.choice((1, 2_000)) + whole,
            b"HTTP/1.1 " + b"9" * 70_000 + b"\r\n\r\n",
            b"HTTP/1.1 200 " + text + b"\r\n\r\n" + body,
            whole + whole,
            b"[" * MAX_ANSWER_BYTES,
            head(b"200 OK", None) + b"[" * MAX_ANSWER_BYTES,
            head(b"200 OK", None) + body + b"y" * 300_000,
            b"", b"\r\n\r\n", b"\x16\x03\x01\x02\x00\x01", bytes(rng.randrange(256) for _ in range(200)),
        )
    )  # fmt: skip


class Endpoint:
    """`url` answers each connection with the next of `answers`; `asked` counts requests by their key."""

    def __init__(self, answers: Iterator[bytes]) -> None:
        self.asked: Counter[str] = Counter()
        self._answers = answers
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}/run"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join(10)

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            with connection, contextlib.suppress(OSError):
                self.asked[self._key(connection)] += 1
                connection.sendall(next(self._answers))
                connection.shutdown(socket.SHUT_WR)
                while connection.recv(65_536):  # until the keeper hangs up
                    pass

    @staticmethod
    def _key(connection: socket.socket) -> str:
        received = b""
        while True:
            top, separator, body = received.partition(b"\r\n\r\n")
            fields = dict(
                line.lower().split(b": ", 1) for line in top.split(b"\r\n")[1:] if b": " in line
            )
            if separator and len(body) >= int(fields[b"content-length"]):
                return fields[b"idempotency-key"].decode()
            part = connection.recv(65_536)
            if not part:
                raise ConnectionError("half a request")
            received += part


@contextlib.contextmanager
def endpoint(answers: Iterator[bytes]) -> Iterator[Endpoint]:
    serving = Endpoint(answers)
    try:
        yield serving
    finally:
        serving.close()


def drawn(rng: random.Random) -> Iterator[bytes]:
    while True:
        yield wrong(rng)


def test_whatever_an_endpoint_answers_a_run_has_a_result() -> None:
    outcomes: Counter[str] = Counter()
    rng = random.Random(SEED)
    with endpoint(drawn(rng)) as serving:
        runner = HttpRunner(serving.url)
        for _ in range(FRAMES):
            result = runner.run(WORK, 20)
            assert result.detail.isprintable() and 0 < len(result.detail) <= 220
            assert len(result.output) <= OUTPUT_BYTES
            assert result.spent_wei is None or 0 <= result.spent_wei < 10**38
            assert result.succeeded == (result.detail.startswith("HTTP 2")), result
            outcomes[result.detail.partition(":")[0]] += 1
    print(dict(outcomes))
    assert sum(serving.asked.values()) == FRAMES
    assert outcomes["HTTP 200"] and outcomes["no answer"] and outcomes["no complete answer"]


def test_whatever_an_endpoint_answers_each_slot_is_run_once_and_recorded(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    rng = random.Random(SEED)
    owners = [world.someone(name) for name in ("alice", "bob", "carol", "dan")]
    jobs = [world.job(owner, budget=BUDGET) for owner in owners]
    schedule = owners[0].schedule
    fired: list[tuple[int, int]] = []
    with endpoint(drawn(rng)) as serving, world.keeper(HttpRunner(serving.url)) as (keeper, _):
        with caplog.at_level(logging.WARNING):
            for _ in range(max(2, FRAMES // 80)):
                for place, owner in enumerate(owners):  # one answer may have taken a whole budget
                    if schedule.get_job(jobs[place]).status != ACTIVE:
                        jobs[place] = world.job(owner, budget=BUDGET)
                world.later()
                due = [(job, schedule.get_job(job).next_run) for job in jobs]
                held = world.held()
                report = keeper.tick()
                assert report.outcome in (Outcome.FIRED, Outcome.PARTLY_FAILED)
                assert (report.fired, report.lost, report.waiting) == (len(jobs), 0, 0)
                runs = [keeper.ledger.find(*slot) for slot in due]
                assert [run is not None and run.state is RunState.RECORDED for run in runs] == [
                    True
                ] * len(jobs)
                assert (
                    held - world.held() == sum(run.spent for run in runs if run) == report.spent_wei
                )
                fired += due
        assert keeper.ledger.open() == []
    assert len(serving.asked) == len(fired) and set(serving.asked.values()) == {1}
    assert [record for record in caplog.records if record.exc_info] == []


def told(*parts: bytes) -> Result:
    with endpoint(iter([b"".join(parts)])) as serving:
        return HttpRunner(serving.url).run(WORK, 20)


def test_an_answer_that_is_cut_short_is_none() -> None:
    body = json.dumps({"spentWei": "77"}).encode()
    result = told(head(b"200 OK", len(body)), body[:-3])
    assert not result.succeeded and result.detail.startswith("no complete answer")
    assert told(head(b"200 OK", len(body)), body) == Result(True, "HTTP 200", 77, body)
    assert told(head(b"200 OK", 10**6), b"y" * 10**6).succeeded  # long, and cut by us


@pytest.mark.parametrize(
    ("body", "output"),
    [(b'{"output": "a\\ud800b"}', b"a?b"), (b"[" * 50_000, b"[" * OUTPUT_BYTES), (b'{"spentWei": {"a": 1}}', None)],
)  # fmt: skip
def test_strange_texts_break_no_runner(body: bytes, output: bytes | None) -> None:
    result = told(head(b"200 OK", len(body)), body)
    assert (result.succeeded, result.spent_wei) == (True, None)
    assert result.output == (body if output is None else output)


def test_the_words_of_a_failure_are_short_and_printable() -> None:
    result = told(b"HTTP/1.1 \x00\x1b[31m" + b"9" * 9_000 + b"\r\n\r\n")
    assert not result.succeeded and result.detail.isprintable() and len(result.detail) < 250
