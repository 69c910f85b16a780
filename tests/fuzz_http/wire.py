"""One exchange over a socket: any bytes may go out, and what comes back is read as a client would."""

from __future__ import annotations

import contextlib
import json
import socket
import time
from dataclasses import dataclass
from typing import Any

HANG_SECONDS = 60.0  # a bound for what never comes; nothing is said about speed


@dataclass(frozen=True)
class Reply:
    """`status` 0 is a connection closed without an answer."""

    status: int
    body: bytes = b""
    hung: bool = False

    @property
    def code(self) -> str | None:
        """The code of an error object, in any of the forms that the documents have."""
        try:
            found: Any = json.loads(self.body)
        except ValueError:
            return None
        if not isinstance(found, dict):
            return None
        error = found.get("error")
        if isinstance(error, dict):
            return str(error["code"]) if "code" in error else None
        for name in ("reason", "errorCode", "status"):
            if isinstance(found.get(name), str):
                return str(found[name])
        return "not ready" if found.get("ready") is False else None


def exchange(port: int, request: bytes, *, close: bool = False) -> Reply:
    """Send and read until the answer is whole. `close` ends our side at once, as who goes away does."""
    deadline = time.monotonic() + HANG_SECONDS
    received = bytearray()
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=HANG_SECONDS) as connection:
            with contextlib.suppress(ConnectionError):  # it may have answered before it read all
                connection.sendall(request)
                if close:
                    connection.shutdown(socket.SHUT_WR)
            while True:
                connection.settimeout(max(0.01, deadline - time.monotonic()))
                part = connection.recv(65_536)
                received += part
                if not part or _whole(received):
                    break
    except TimeoutError:
        return Reply(_status(received), bytes(received), hung=True)
    except ConnectionError:
        pass
    return Reply(_status(received), _body(bytes(received)))


def _status(received: bytes | bytearray) -> int:
    head = bytes(received[:12])
    return int(head[9:12]) if head.startswith(b"HTTP/1.") and head[9:12].isdigit() else 0


def _whole(received: bytearray) -> bool:
    head, separator, rest = bytes(received).partition(b"\r\n\r\n")
    if not separator:
        return False
    lower = head.lower()
    if _status(received) in (204, 304):
        return True
    if b"\ntransfer-encoding: chunked" in lower:
        return rest.endswith(b"0\r\n\r\n")
    start = lower.find(b"\ncontent-length:")
    if start < 0:
        return False
    length = lower[start + 16 :].partition(b"\r\n")[0].strip()
    return len(rest) >= int(length)


def _body(received: bytes) -> bytes:
    return received.partition(b"\r\n\r\n")[2]
