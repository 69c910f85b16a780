"""A runner that asks an HTTP endpoint: one POST of JSON per slot, answered by JSON or plain text.

The request carries an Idempotency-Key that names the slot. Redirects are not followed. A 2xx answer is
success; its JSON may hold `spentWei` (decimal text) and `output`.
"""

from __future__ import annotations

import base64
import http.client
import json
import socket
import ssl
import threading
import time
from typing import Any
from urllib.parse import urlsplit

from harness.errors import ConfigError
from harness.protocol.json_text import parse_json
from harness.services.keeper.runner import OUTPUT_BYTES, Result, Work, parse_spent

MAX_ANSWER_BYTES = 64 * 1024
MAX_DETAIL = 200  # characters


class HttpRunner:
    """POSTs to `url`; `token`, when given, is sent as a bearer."""

    def __init__(self, url: str, token: str | None = None) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
            raise ConfigError("endpoint must be an http(s) address without user and password")
        self._secure = parts.scheme == "https"
        self._host, self._port = parts.hostname, parts.port
        self._path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._headers = {"content-type": "application/json", "accept": "application/json"}
        if token:
            self._headers["authorization"] = f"Bearer {token}"

    def run(self, work: Work, seconds: float) -> Result:
        deadline = time.monotonic() + seconds
        connection = self._connection(seconds)
        alarm: threading.Timer | None = None
        try:
            connection.connect()
            alarm = threading.Timer(deadline - time.monotonic(), _hang_up, [connection.sock])
            alarm.start()
            connection.request(
                "POST",
                self._path,
                _body(work),
                {**self._headers, "idempotency-key": work.key},
            )
            response = connection.getresponse()
            answer = response.read(MAX_ANSWER_BYTES)
            cut = bool(response.length) and len(answer) < MAX_ANSWER_BYTES
        except (OSError, http.client.HTTPException, ValueError) as reason:
            if time.monotonic() >= deadline:
                return Result(False, f"no answer in {seconds:g} s")
            return Result(False, f"no answer: {_short(reason)}")
        finally:
            if alarm is not None:
                alarm.cancel()
            connection.close()
        if time.monotonic() >= deadline:
            return Result(False, f"no complete answer in {seconds:g} s")
        if cut:  # what it says of its cost may be in the part that is missing
            return Result(False, "no complete answer: the connection ended before it")
        return _judge(response.status, answer)

    def _connection(self, seconds: float) -> http.client.HTTPConnection:
        if self._secure:
            return http.client.HTTPSConnection(
                self._host, self._port, timeout=seconds, context=ssl.create_default_context()
            )
        return http.client.HTTPConnection(self._host, self._port, timeout=seconds)


def _body(work: Work) -> bytes:
    return json.dumps(
        {
            "job": str(work.job),
            "slot": work.slot,
            "target": str(work.target),
            "owner": work.owner,
            "chainId": work.chain_id,
            "diamond": work.diamond,
            "allowanceWei": str(work.allowance_wei),
            "task": base64.b64encode(work.task).decode(),
        }
    ).encode()


def _hang_up(link: socket.socket) -> None:
    """Time limits of a socket are per read; this one ends the whole exchange, however it drips."""
    try:
        link.shutdown(socket.SHUT_RDWR)
    except OSError:
        return


def _short(reason: Exception) -> str:
    """Its words may be the endpoint's, and go into a ledger that takes short, printable text."""
    words = str(reason)[:MAX_DETAIL] or type(reason).__name__
    return "".join(letter if letter.isprintable() else "?" for letter in words)


def _spent(told: Any) -> int | None:
    return parse_spent(str(told)) if isinstance(told, (str, int)) else None


def _judge(status: int, answer: bytes) -> Result:
    try:
        document = parse_json(answer)
    except ValueError:
        document = None
    spent, output = None, answer
    if isinstance(document, dict):
        spent = _spent(document.get("spentWei"))
        if isinstance(document.get("output"), str):
            output = document["output"].encode("utf-8", "replace")
    succeeded = 200 <= status < 300
    return Result(succeeded, f"HTTP {status}", spent, output[:OUTPUT_BYTES])
