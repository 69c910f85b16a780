"""Some hundred cases in every run; `python -m tests.fuzz_http` draws thousands."""

from __future__ import annotations

import random
import re
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.fuzz_http.__main__ import main
from tests.fuzz_http.campaign import judge
from tests.fuzz_http.cases import Case
from tests.fuzz_http.shapes import Shapes, fits, matching
from tests.fuzz_http.targets import SERVICES, Endpoint
from tests.fuzz_http.wire import Reply, exchange

CASES, SEED = 900, 8


def test_no_endpoint_fails_hangs_or_takes_its_process_along(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tmp_path.chmod(0o700)
    status = main(["--cases", str(CASES), "--seed", str(SEED), "--keep", str(tmp_path)])
    shown = capsys.readouterr().out
    assert status == 0 and ", 0 findings" in shown, shown
    counts = re.findall(r"^(\w+) +([0-9,]+) cases .*\b200: \d+.*\b404: \d+", shown, re.MULTILINE)
    assert {service for service, _ in counts} == set(SERVICES), shown
    assert sum(int(count.replace(",", "")) for _, count in counts) == CASES
    asked = re.search(r"^(\d+) of (\d+) endpoints were asked", shown, re.MULTILINE)
    assert asked is not None and asked[1] == asked[2] != "0", shown


ENDPOINT = Endpoint("relay", 1, "POST", "/a", None, (), frozenset({502}))


@pytest.mark.parametrize(
    ("reply", "answered", "finding"),
    [
        (Reply(200), True, None),
        (Reply(400, b"anything"), True, None),
        (Reply(500, b'{"error": {"code": "internal_error"}}'), True, "status 500"),
        (Reply(502, b'{"error": {"code": "upstream_error"}}'), True, None),
        (Reply(502, b"Bad Gateway"), True, "status 502 without a code"),
        (Reply(503, b'{"error": {"code": "full"}}'), True, "status 503"),
        (Reply(0), True, "no answer"),
        (Reply(0), False, None),
        (Reply(0, hung=True), False, "hangs"),
    ],
)
def test_what_is_a_finding(reply: Reply, answered: bool, finding: str | None) -> None:
    assert judge(Case(ENDPOINT, "bent", b"", answered), reply) == finding


@pytest.mark.parametrize(
    "pattern", ["^0x[0-9a-fA-F]{40}$", "^(0|[1-9][0-9]*)$", "^[A-Za-z0-9_-]{8,128}$", "^a?b+(c|d)$"]
)
def test_texts_are_drawn_that_a_pattern_means(pattern: str) -> None:
    rng = random.Random(1)
    assert all(fits(pattern, matching(pattern, rng)) for _ in range(50))


def test_values_are_drawn_in_the_shape_of_a_schema() -> None:
    schema = {
        "type": "object",
        "required": ["a", "b"],
        "properties": {
            "a": {"$ref": "#/components/schemas/A"},
            "b": {"oneOf": [{"const": 1}, {"enum": ["x"]}]},
            "c": {"type": ["integer", "null"], "minimum": 3, "maximum": 4},
        },
    }
    named: dict[str, Any] = {"type": "array", "items": {"type": "boolean"}, "minItems": 1}
    shapes, rng = Shapes({"components": {"schemas": {"A": named}}}, ("w",)), random.Random(2)
    for _ in range(50):
        found = shapes.draw(schema, rng)
        assert found["a"] and all(isinstance(each, bool) for each in found["a"])
        assert found["b"] in (1, "x") and found.get("c") in (None, 3, 4)


def serving(answer: Callable[[socket.socket], None]) -> int:
    """The port of a server that treats one connection so."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with listening, listening.accept()[0] as connection:
            answer(connection)

    threading.Thread(target=serve, daemon=True).start()
    return int(listening.getsockname()[1])


def test_an_answer_that_does_not_end_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.fuzz_http.wire.HANG_SECONDS", 0.2)
    over = threading.Event()

    def half(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf")
        over.wait(20)

    assert exchange(serving(half), b"GET / HTTP/1.1\r\n\r\n").hung
    over.set()


def test_an_answer_is_read_to_its_end() -> None:
    def whole(connection: socket.socket) -> None:
        connection.recv(100)
        connection.sendall(
            b'HTTP/1.1 503 No\r\nContent-Length: 27\r\n\r\n{"error": {"code": "full"}}'
        )

    reply = exchange(serving(whole), b"GET / HTTP/1.1\r\n\r\n")
    assert (reply.status, reply.code, reply.hung) == (503, "full", False)
    assert exchange(serving(lambda connection: None), b"x").status == 0
