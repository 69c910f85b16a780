"""HTTP to a provider: bounded in size and time, and silent about what a failing upstream says.

Answers are asked for uncompressed, so a bound on bytes is a bound on memory. Redirects are not followed:
they would carry the key elsewhere.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from harness.http.connections import Connections
from harness.http.hosts import LOOPBACK
from harness.inference import blame
from harness.inference.provider import Json, ProviderError
from harness.inference.sse import ServerEvent, SseParser, SseTooLarge
from harness.protocol.json_text import parse_json

if TYPE_CHECKING:
    import aiohttp

MAX_ANSWER = 8 * 1024 * 1024  # bytes of a buffered answer
MAX_STREAM = 32 * 1024 * 1024  # bytes of a whole stream
MAX_REFUSAL = 64 * 1024  # bytes of an error's body that are looked at
USER_AGENT = "facetworks-halo"
DRAIN_SECONDS = 0.2
CONNECTIONS = 64

_PLAIN = ("", "identity")


@dataclass(frozen=True)
class Patience:
    """Seconds to wait: for a connection, a whole answer, the next event of a stream, a whole stream."""

    connect: float = 10
    answer: float = 90
    event: float = 60
    stream: float = 600


PATIENCE = Patience()


@dataclass(frozen=True)
class Answer:
    """A buffered answer and the exact bytes that were sent for it. Header names in lower case."""

    body: bytes
    headers: dict[str, str]
    sent: bytes = b""


class Upstream:
    """Connections to one provider under one key. Every failure is a ProviderError."""

    def __init__(
        self,
        slug: str,
        base_url: str,
        headers: Mapping[str, str],
        patience: Patience = PATIENCE,
        tell: Callable[[str], None] | None = None,
    ) -> None:
        """`tell` is given what a failing upstream said, for a terminal; never for a log."""
        self.slug = slug
        self._base = base_url.rstrip("/")
        self._headers = {"user-agent": USER_AGENT, "accept-encoding": "identity", **headers}
        self._patience = patience
        self._tell = tell
        here = urlsplit(self._base).hostname in LOOPBACK
        self._connections = Connections(CONNECTIONS, proxied=not here, unpack=False)

    async def post(
        self,
        path: str,
        body: Json,
        headers: Mapping[str, str] | None = None,
        seconds: float | None = None,
    ) -> Answer:
        """POST and read the answer whole."""
        content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")  # fmt: skip
        return await self._whole("POST", path, content, headers or {}, seconds)

    async def get(self, path: str, seconds: float | None = None) -> Any:
        """GET -> JSON value. A path that starts with `/api/` is taken from the root of the host."""
        answer = await self._whole("GET", path, b"", {}, seconds)
        return self.parse(answer.body)

    async def events(
        self, path: str, body: Json, headers: Mapping[str, str] | None = None
    ) -> AsyncGenerator[ServerEvent, None]:
        """POST and read server-sent events as they come."""
        content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")  # fmt: skip
        loop = asyncio.get_running_loop()
        end = loop.time() + self._patience.stream
        async with self._answering(
            "POST", path, content, headers or {}, self._patience.answer
        ) as response:
            parser, size = SseParser(), 0
            deadline = loop.time() + self._patience.answer
            while True:
                with self._translated():
                    async with asyncio.timeout_at(min(deadline, end)):
                        part = await response.content.readany()
                if not part:
                    break
                size += len(part)
                if size > MAX_STREAM:
                    raise blame.nonsense(self.slug, "with too long a stream")
                events = self._fed(parser, part)
                for event in events:
                    yield event
                if events:  # comments keep a connection alive, not our patience
                    deadline = loop.time() + self._patience.event
            for event in parser.end():
                yield event

    def parse(self, body: bytes | str) -> Any:
        """JSON of an answer. Raises ProviderError."""
        try:
            return parse_json(body)
        except ValueError:
            raise blame.nonsense(self.slug, "with something that is not JSON") from None

    async def aclose(self) -> None:
        await self._connections.close()

    # -- reading -------------------------------------------------------------------------------

    async def _whole(
        self,
        method: str,
        path: str,
        content: bytes,
        headers: Mapping[str, str],
        seconds: float | None,
    ) -> Answer:
        limit = seconds or self._patience.answer
        with self._translated():
            async with (
                asyncio.timeout(limit),
                self._answering(method, path, content, headers, limit) as response,
            ):
                body = bytearray()
                async for part in response.content.iter_any():
                    body += part
                    if len(body) > MAX_ANSWER:
                        raise blame.nonsense(self.slug, "with too long a body")
                names = {name.lower(): value for name, value in response.headers.items()}
                return Answer(bytes(body), names, content)

    @asynccontextmanager
    async def _answering(
        self, method: str, path: str, content: bytes, headers: Mapping[str, str], seconds: float
    ) -> AsyncGenerator[aiohttp.ClientResponse, None]:
        """A response of status 2xx whose body has not been read."""
        import aiohttp

        given = dict(self._headers)
        if content:
            given["content-type"] = "application/json"
        patience = aiohttp.ClientTimeout(total=None, sock_connect=self._patience.connect)
        async with AsyncExitStack() as stack:
            with self._translated():
                async with asyncio.timeout(seconds):
                    response = await stack.enter_async_context(
                        self._connections.request(
                            method, self._url(path), {**given, **headers}, content or None, patience
                        )
                    )
            if not 200 <= response.status < 300:
                raise await self._refusal(response, path, content)
            if response.headers.get("content-encoding", "").strip().lower() not in _PLAIN:
                raise blame.nonsense(self.slug, "compressed, which it was asked not to do")
            yield response

    async def _refusal(
        self, response: aiohttp.ClientResponse, path: str, content: bytes
    ) -> ProviderError:
        body = bytearray()
        with suppress(*_failures(), TimeoutError):  # the status says enough
            async with asyncio.timeout(self._patience.connect):
                async for part in response.content.iter_any():
                    body += part
                    if len(body) > MAX_REFUSAL:
                        break
        if self._tell is not None:
            said = bytes(body[:MAX_REFUSAL]).decode("utf-8", "replace")
            self._tell(f"{self.slug} {path} returned {response.status}: {said}")
        asked = content.decode("utf-8", "replace")
        return blame.refusal(self.slug, response.status, bytes(body), asked, path.partition("?")[0])

    def _fed(self, parser: SseParser, part: bytes) -> list[ServerEvent]:
        try:
            return parser.feed(part)
        except SseTooLarge:
            raise blame.nonsense(self.slug, "with too large an event") from None

    def _url(self, path: str) -> str:
        if path.startswith("/api/"):
            return urljoin(self._base, path)
        return self._base + path

    def _translated(self) -> _Translated:
        return _Translated(self.slug)


async def drained(events: AsyncGenerator[ServerEvent, None]) -> None:
    """After the last event that matters: wait briefly for the end, so that the connection can be used again."""
    with suppress(ProviderError, TimeoutError):
        async with asyncio.timeout(DRAIN_SECONDS):
            async for _ in events:
                pass


class _Translated:
    """Network trouble inside becomes a ProviderError."""

    def __init__(self, slug: str) -> None:
        self._slug = slug

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, TimeoutError):  # aiohttp's own among them
            raise blame.timed_out(self._slug) from None
        if error is not None and isinstance(error, _failures()):
            raise blame.unreachable(self._slug) from None


def _failures() -> tuple[type[Exception], ...]:
    """What a connection that fails, or an answer that is no HTTP, may raise."""
    import aiohttp

    return aiohttp.ClientError, OSError, UnicodeError
