"""The relay over HTTP: lists, probes, requests that pay, receipts. It is trusted with none of them.

Headers that decide about money are set here from our own values; nothing of a client's is passed through.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp

from harness.http.connections import Connections
from harness.http.failures import words
from harness.protocol.addresses import Address, to_address
from harness.protocol.json_text import parse_json
from harness.protocol.vault import SignedReceipt
from harness.services.consumer.refusals import Refusal
from harness.services.consumer.server_events import Event, read_events

CLI_VERSION = "0.1.0"
MAX_REPLY = 32 * 1024 * 1024
BUFFERED_SECONDS = 130.0  # the relay itself gives up after 120
IDLE_SECONDS = 300.0
CONTROL_SECONDS = 15.0
CONNECT_SECONDS = 10.0
CONNECTIONS = 256

_COMPLETIONS = "/v1/chat/completions"
FAILURES = (aiohttp.ClientError, TimeoutError, OSError)


class Broken(Exception):
    """The relay did not answer to the end; what became of the request is not known."""

    def __init__(self, reason: str, *, sent: bool = True, slow: bool = False) -> None:
        self.sent = sent
        self.slow = slow
        super().__init__(reason)


@dataclass(frozen=True)
class RelayReply:
    """A whole answer. `body` is None when it is not a JSON object."""

    status: int
    headers: Mapping[str, str]
    content: bytes
    body: dict[str, Any] | None

    @property
    def operator(self) -> Address | None:
        """Who answered, as the relay says."""
        return _address(self.headers.get("x-halo-operator"))

    @property
    def settlement(self) -> dict[str, Any] | None:
        """The operator's PAYMENT-RESPONSE."""
        return header_object(self.headers.get("payment-response"))

    @property
    def error(self) -> dict[str, Any]:
        """The error object of the envelope, empty when there is none."""
        found = (self.body or {}).get("error")
        return found if isinstance(found, dict) else {}

    @property
    def error_code(self) -> str:
        code = self.error.get("code") or self.error.get("type") or ""
        return str(code)[:100]


@dataclass(frozen=True)
class RelayStream:
    """An answer that arrives in events."""

    status: int
    headers: Mapping[str, str]
    events: AsyncIterator[Event]


class RelayClient:
    """One pool of connections for everything."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self._connections = Connections(CONNECTIONS)

    async def close(self) -> None:
        await self._connections.close()

    # -- lists ---------------------------------------------------------------------------------

    async def operators(self) -> list[Any]:
        """Raises Refusal(upstream_error)."""
        answer = await self._listed("/v1/operators")
        found = answer.get("operators", answer.get("data"))
        return found if isinstance(found, list) else []

    async def models(self) -> dict[str, Any]:
        """Raises Refusal(upstream_error)."""
        return await self._listed("/v1/models")

    async def _listed(self, path: str) -> dict[str, Any]:
        try:
            reply = await self._whole("GET", path, None, {}, CONTROL_SECONDS)
        except Broken:
            # A kept-open connection may have been closed from the other side; a list can be asked for again.
            try:
                reply = await self._whole("GET", path, None, {}, CONTROL_SECONDS)
            except Broken as failure:
                raise Refusal(
                    "upstream_error", f"The relay {self.url} did not answer: {failure}."
                ) from None
        if reply.status == 426:
            raise outdated(reply)
        if reply.status != 200 or reply.body is None:
            raise Refusal(
                "upstream_error", f"The relay {self.url} answered status {reply.status} for {path}."
            )
        return reply.body

    # -- requests ------------------------------------------------------------------------------

    async def post(
        self, body: Any, headers: Mapping[str, str], seconds: float | None = None
    ) -> RelayReply:
        """One request to one operator, answered whole. Raises Broken."""
        patience = BUFFERED_SECONDS if seconds is None else seconds
        return await self._whole("POST", _COMPLETIONS, body, headers, patience)

    @asynccontextmanager
    async def stream(
        self, body: Any, headers: Mapping[str, str]
    ) -> AsyncIterator[RelayStream | RelayReply]:
        """A stream, or the whole answer when it is none. Raises Broken, and so does reading events."""
        async with AsyncExitStack() as stack:
            try:
                response = await stack.enter_async_context(
                    self._request("POST", _COMPLETIONS, body, headers, IDLE_SECONDS)
                )
                kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
                answer: RelayStream | RelayReply
                if response.status == 200 and kind == "text/event-stream":
                    answer = RelayStream(response.status, response.headers, _events(response))
                else:
                    answer = await _read(response)
            except FAILURES as failure:
                raise _broken(failure) from None
            yield answer

    async def push(self, signed: SignedReceipt) -> RelayReply:
        """Hand a receipt to its operator; 202 when it is on the operator's disk. Raises Broken."""
        receipt = signed.receipt
        body = {
            "consumer": receipt.consumer,
            "operator": receipt.operator,
            "cumulative": str(receipt.cumulative),
            "signature": "0x" + signed.signature.hex(),
            "cycle": str(receipt.cycle),
        }
        headers = {"X-Halo-Operator": receipt.operator}
        return await self._whole("POST", "/v1/receipt", body, headers, CONTROL_SECONDS)

    # -- how -----------------------------------------------------------------------------------

    def _request(
        self, method: str, path: str, body: Any, headers: Mapping[str, str], seconds: float
    ) -> AbstractAsyncContextManager[aiohttp.ClientResponse]:
        """Leaving the block before the answer has ended closes its connection, which the relay notices."""
        content = None if body is None else wire_bytes(body)
        given = {"X-Halo-Cli-Version": CLI_VERSION, **headers}
        if content is not None:
            given["content-type"] = "application/json"
        patience = aiohttp.ClientTimeout(
            total=None, connect=CONNECT_SECONDS, sock_connect=CONNECT_SECONDS, sock_read=seconds
        )
        return self._connections.request(method, self.url + path, given, content, patience)

    async def _whole(
        self, method: str, path: str, body: Any, headers: Mapping[str, str], seconds: float
    ) -> RelayReply:
        try:
            async with self._request(method, path, body, headers, seconds) as response:
                return await _read(response)
        except FAILURES as failure:
            raise _broken(failure) from None


def wire_bytes(body: Any) -> bytes:
    """Compact JSON in its own order: the bytes that are sealed, sent and signed for."""
    return json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode()


def header_object(value: str | None) -> dict[str, Any] | None:
    """A header that carries base64 of a JSON object; None for anything else."""
    if not value:
        return None
    try:
        found = parse_json(base64.b64decode(value, validate=True))
    except (ValueError, binascii.Error):
        return None
    return found if isinstance(found, dict) else None


def outdated(reply: RelayReply) -> Refusal:
    """The relay's version floor."""
    said = str(reply.error.get("message", ""))[:200]
    return Refusal("upstream_error", f"The relay asks for a newer version: {said}")


async def _read(response: aiohttp.ClientResponse) -> RelayReply:
    content = bytearray()
    async for part in response.content.iter_any():
        content += part
        if len(content) > MAX_REPLY:
            raise Broken("the answer is too long")
    return RelayReply(response.status, response.headers, bytes(content), _object(bytes(content)))


async def _events(response: aiohttp.ClientResponse) -> AsyncIterator[Event]:
    try:
        async for event in read_events(response.content.iter_any()):
            yield event
    except FAILURES as failure:
        raise _broken(failure) from None


def _object(content: bytes) -> dict[str, Any] | None:
    try:
        found = parse_json(content)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _broken(failure: Exception) -> Broken:
    never = isinstance(failure, (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError))
    slow = isinstance(failure, TimeoutError)
    return Broken(words(failure), sent=not never, slow=slow)


def _address(value: str | None) -> Address | None:
    try:
        return to_address(value) if value else None
    except ValueError:
        return None
