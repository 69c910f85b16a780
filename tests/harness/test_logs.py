"""Log lines are JSON and hold no secret, wherever it was put."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest

from harness import logs

KEY = "4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318"
SIGNATURE = "0x" + "ab" * 65


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    out = io.StringIO()
    logs.configure("info", out)
    yield out
    root.handlers[:], root.level = handlers, level


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_has_time_level_event_and_fields(stream: io.StringIO) -> None:
    logging.getLogger("x.y").info("settled %s", 5, extra={"amount": "7", "tx_hash": b"\7" * 32})
    (line,) = lines(stream)
    assert line["event"] == "settled 5" and line["level"] == "info" and line["logger"] == "x.y"
    assert (line["amount"], line["tx_hash"]) == ("7", "0x" + "07" * 32)
    assert str(line["ts"]).endswith("Z")


def test_secrets_planted_everywhere_are_gone(stream: io.StringIO) -> None:
    log = logging.getLogger("x")
    log.warning("key %s", KEY)
    log.warning("signed", extra={"signature": SIGNATURE, "body": {"Authorization": "Bearer tok"}})
    log.warning("raw", extra={"payload": SIGNATURE, "items": [KEY, {"private_key": "p"}]})
    log.warning("header Bearer tok123 sent")
    log.warning("Illegal header value b'sk-ant-api03-Zz91_planted\\n'")
    log.warning("hash", extra={"digest": "0x" + "11" * 32, "other": SIGNATURE.encode()})
    try:
        raise RuntimeError(f"failed with {KEY}")
    except RuntimeError:
        log.exception("broken")
    text = stream.getvalue()
    for secret in (KEY, KEY[8:40], "ab" * 20, "Bearer tok", '"p"', "Zz91"):
        assert secret not in text, secret
    assert "0x" + "11" * 32 in text
    assert len(lines(stream)) == 7
