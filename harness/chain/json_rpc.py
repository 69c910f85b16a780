"""JSON-RPC over HTTP with the standard library: one kept-open connection per thread.

Importing this is cheap, which matters to a keeper that cron starts every minute. Requests that only
read are repeated once on a dropped connection; sending a transaction is not repeated here, because
whether that is safe is for the journal to decide.
"""

from __future__ import annotations

import http.client
import json
import ssl
import threading
from base64 import b64encode
from collections.abc import Sequence
from itertools import count
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

from harness.chain.errors import NodeError

MAX_ANSWER_BYTES = 64 * 1024 * 1024
_WRITES = ("eth_sendRawTransaction", "eth_sendTransaction")


class Transport(Protocol):
    """Anything that answers JSON-RPC requests."""

    def request(self, method: str, params: Sequence[Any] = ()) -> Any:
        """The `result` member; NodeError with the error object's members otherwise."""


class HttpTransport:
    """A node behind an http(s) URL; user and password in it become basic authentication."""

    def __init__(self, url: str, timeout: float = 30.0) -> None:
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:  # its text repeats a part of the URL, and that may be a secret
            raise NodeError(
                "not a node address; write it as http://HOST:PORT or https://…"
            ) from None
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise NodeError("not a node address; write it as http://HOST:PORT or https://…")
        self.url = _without_secrets(url)
        self._secure = parts.scheme == "https"
        self._host = parts.hostname
        self._port = port
        self._path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._timeout = timeout
        self._headers = {"content-type": "application/json", "accept": "application/json"}
        if parts.username:
            pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
            self._headers["authorization"] = "Basic " + b64encode(pair.encode()).decode()
        self._ids = count(1)
        self._threads = threading.local()

    def request(self, method: str, params: Sequence[Any] = ()) -> Any:
        number = next(self._ids)
        body = json.dumps(
            {"jsonrpc": "2.0", "id": number, "method": method, "params": list(params)}
        ).encode()
        try:
            status, answer = self._post(body)
        except TimeoutError as silent:  # it is there, and would be as slow again
            self._disconnect()
            raise NodeError(f"no answer from {self.url} to {method}: {silent}") from silent
        except (OSError, http.client.HTTPException) as dropped:
            self._disconnect()
            if method in _WRITES:
                raise NodeError(f"no answer from {self.url} to {method}: {dropped}") from dropped
            try:
                status, answer = self._post(body)
            except (OSError, http.client.HTTPException) as again:
                self._disconnect()
                raise NodeError(f"no answer from {self.url} to {method}: {again}") from again
        return self._result(method, number, status, answer)

    def _post(self, body: bytes) -> tuple[int, bytes]:
        connection = self._connection()
        connection.request("POST", self._path, body, self._headers)
        response = connection.getresponse()
        answer = response.read(MAX_ANSWER_BYTES + 1)
        if len(answer) > MAX_ANSWER_BYTES:
            self._disconnect()
            raise NodeError(f"answer from {self.url} exceeds {MAX_ANSWER_BYTES} bytes")
        return response.status, answer

    def _result(self, method: str, number: int, status: int, answer: bytes) -> Any:
        try:
            document = json.loads(answer)
        except (ValueError, RecursionError):
            excerpt = answer[:120].decode("utf-8", "replace")
            raise NodeError(f"{self.url} answered {method} with {status}: {excerpt!r}") from None
        if not isinstance(document, dict):
            raise NodeError(f"{self.url} answered {method} with something else than an object")
        if (error := document.get("error")) is not None:
            if not isinstance(error, dict):
                raise NodeError(f"{method} failed: {error}")
            raise NodeError(str(error.get("message", "")), error.get("code"), error.get("data"))
        if "result" not in document:
            raise NodeError(f"{self.url} answered {method} without a result")
        if document.get("id") != number:  # an error may not know whose it is; a result must
            self._disconnect()
            raise NodeError(f"{self.url} answered {method} with the answer to another request")
        return document["result"]

    def _connection(self) -> http.client.HTTPConnection:
        connection: http.client.HTTPConnection | None = getattr(self._threads, "connection", None)
        if connection is None:
            if self._secure:
                connection = http.client.HTTPSConnection(
                    self._host,
                    self._port,
                    timeout=self._timeout,
                    context=ssl.create_default_context(),
                )
            else:
                connection = http.client.HTTPConnection(
                    self._host, self._port, timeout=self._timeout
                )
            self._threads.connection = connection
        return connection

    def _disconnect(self) -> None:
        connection: http.client.HTTPConnection | None = getattr(self._threads, "connection", None)
        if connection is not None:
            connection.close()
            self._threads.connection = None


def _without_secrets(url: str) -> str:
    """Node URLs carry keys in user info, path and query; messages show scheme, host and port."""
    parts = urlsplit(url)
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{parts.hostname}{port}"
