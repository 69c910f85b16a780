"""The paid endpoints: one request from its body to the last byte of its answer."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from harness.http.bodies import BadBody, BodyTooLarge, read_object
from harness.protocol.spending import Rail, RequestState
from harness.services.consumer.answers import Dialect, json_bytes
from harness.services.consumer.ask import Ask, read_ask
from harness.services.consumer.delivery import Bill, Delivered, Json, Stream
from harness.services.consumer.gate import error_body
from harness.services.consumer.refusals import Refusal, unwritten
from harness.services.consumer.sidecar import Sidecar
from harness.services.consumer.upstream import ClientGone
from harness.store.consumer import KeptResult, PaidRequest
from harness.store.database import DatabaseFailure, brief

MAX_BODY = 5 * 1024 * 1024
EVENT_STREAM = "text/event-stream; charset=utf-8"

_log = logging.getLogger(__name__)

Reader = Callable[[Json], Json]


class Completions:
    """An ASGI endpoint over a sidecar. `read` turns a body into a chat request, `dialect` answers in kind."""

    def __init__(
        self, sidecar: Sidecar, dialect: Callable[[Ask], Dialect], read: Reader = lambda body: body
    ) -> None:
        self._sidecar = sidecar
        self._dialect = dialect
        self._read = read

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        started = time.monotonic()
        ask: Ask | None = None
        try:
            if self._sidecar.stopping:
                raise Refusal("shutting_down", "The sidecar is stopping.")
            body = self._read(await _body(request))
            ask = read_ask(
                body,
                request.headers,
                str(scope["path"]),
                self._sidecar.settings,
                self._sidecar.policy(),
            )
            await self._answer(ask, receive, send)
        except Refusal as refusal:
            self._sidecar.metrics.refused(refusal.code)
            await _refuse(refusal, ask, scope, receive, send)
        except ClientGone:
            self._sidecar.metrics.refused("client_gone")
        except DatabaseFailure as failure:
            _log.error("nothing can be written", extra={"reason": brief(failure)})
            self._sidecar.metrics.refused("storage_unavailable")
            await _refuse(unwritten(), ask, scope, receive, send)
        except Exception:
            _log.exception("a request failed", extra={"request": ask.id if ask else ""})
            self._sidecar.metrics.refused("internal_error")
            failed = Refusal("internal_error", "The sidecar failed to handle the request.")
            await _refuse(failed, ask, scope, receive, send)
        finally:
            self._sidecar.metrics.seconds.observe(time.monotonic() - started)

    async def _answer(self, ask: Ask, receive: Receive, send: Send) -> None:
        keys = self._sidecar.idempotency
        keys.enter(ask)
        watching = asyncio.create_task(_watch(ask, receive))
        try:
            result = await self._result(ask)
            if isinstance(result, KeptResult):
                await self._replay(result, send)
            elif isinstance(result, Stream):
                await self._stream(ask, result, send)
            else:
                await self._whole(ask, result, send)
        finally:
            watching.cancel()
            keys.leave(ask)

    async def _result(self, ask: Ask) -> KeptResult | Delivered | Stream:
        """What the key has already bought, or a purchase: without a key the hold comes before any wait."""
        pipeline = self._sidecar.pipeline
        if ask.idempotency is not None:
            earlier = await self._sidecar.idempotency.earlier(ask)
            if earlier.result is not None:
                return earlier.result
            if earlier.unresolved is not None:
                row = await self._resolved(earlier.unresolved)
                if row.rail is Rail.VAULT:
                    # The operator that may have served it has the answer under the same key, counted once.
                    ask = replace(
                        ask, pinned=row.operator, bought=True, interrupted=earlier.interrupted
                    )
                elif row.state not in (RequestState.EXPIRED, RequestState.RELEASED):
                    return await pipeline.again(ask, row)
        hold = pipeline.hold(ask)
        if ask.stream:
            return await pipeline.stream(ask, hold)
        return await pipeline.deliver(ask, hold)

    async def _resolved(self, row: PaidRequest) -> PaidRequest:
        """An earlier payment under this key, after the chain was asked about it."""
        await self._sidecar.pipeline.resolve(row.id)
        now = await self._sidecar.workers.journal(self._sidecar.journal.find, row.id)
        return now or row

    # -- answers -------------------------------------------------------------------------------

    async def _whole(self, ask: Ask, delivered: Delivered, send: Send) -> None:
        """As JSON, or as the stream that the client asked for, all at once."""
        bill = delivered.bill
        dialect = self._dialect(ask)
        headers = bill.final_headers()
        if bill.note:
            headers["X-Halo-Note"] = bill.note
        if ask.stream:
            headers["X-Halo-Stream"] = "buffered"
            pieces = list(dialect.replay(delivered.completion, ask.include_usage))
            pieces.append(dialect.end(bill, self._sidecar.budget.headers()))
            content, kind = b"".join(pieces), EVENT_STREAM
        else:
            content, kind = json_bytes(dialect.whole(delivered.completion)), "application/json"
        headers["content-type"] = kind
        await self._keep(ask, headers, content)
        try:
            await _send_whole(send, 200, headers, content)
        finally:
            self._served(bill)

    async def _stream(self, ask: Ask, stream: Stream, send: Send) -> None:
        dialect, bill = self._dialect(ask), stream.bill
        kept: list[bytes] = []
        keeping = ask.idempotency is not None
        headers = {**bill.headers(), "content-type": EVENT_STREAM, "cache-control": "no-store"}
        try:
            await _start(send, 200, headers)
            try:
                async for chunk in _visible(stream.chunks, ask.include_usage):
                    piece = dialect.chunk(chunk)
                    if keeping:
                        kept.append(piece)
                    await _more(send, piece)
            except (Refusal, DatabaseFailure) as failure:
                refusal = failure if isinstance(failure, Refusal) else unwritten()
                self._sidecar.metrics.refused(refusal.code)
                with contextlib.suppress(DatabaseFailure):  # its end is written with the next begin
                    await stream.close()
                await _more(send, dialect.broken(refusal), last=True)
                return
            await stream.close()
            self._served(bill)
            ending = dialect.end(bill, self._sidecar.budget.headers())
            if keeping:
                await self._keep(
                    ask, {**bill.final_headers(), **headers}, b"".join([*kept, ending])
                )
            await _more(send, ending, last=True)
        finally:
            await stream.close()

    async def _replay(self, kept: KeptResult, send: Send) -> None:
        headers = {**kept.headers, "X-Halo-Idempotent-Replay": "true"}
        await _send_whole(send, kept.status, headers, kept.body)

    async def _keep(self, ask: Ask, headers: dict[str, str], content: bytes) -> None:
        """For a retry. An answer that is paid for is handed over, kept or not."""
        try:
            await self._sidecar.idempotency.keep(ask, 200, headers, content)
        except DatabaseFailure as failure:
            _log.error("an answer is not kept for a retry", extra={"reason": brief(failure)})

    def _served(self, bill: Bill) -> None:
        self._sidecar.metrics.served(bill.rail.value, bill.charged, bill.tokens)
        _log.info(
            "request served",
            extra={
                "request": bill.request,
                "rail": bill.rail.value,
                "operator": bill.operator,
                "charged": str(bill.charged),
                "tokens": bill.tokens,
                "note": bill.note,
            },
        )


async def _visible(chunks: AsyncIterator[Json], include_usage: bool) -> AsyncIterator[Json]:
    """Usage was asked of the operator for the bill; the client sees it if it asked, too."""
    async for chunk in chunks:
        if not include_usage and chunk.get("choices") == []:
            continue
        yield chunk


async def _body(request: Request) -> dict[str, Any]:
    try:
        return await read_object(request, MAX_BODY)
    except BodyTooLarge:
        raise Refusal("request_too_large", "The body is longer than 5 MiB.") from None
    except BadBody as bad:
        raise Refusal("bad_json", f"The body is no request: {_bounded(str(bad))}.") from None


def _bounded(text: str) -> str:
    return text if len(text) <= 200 else text[:200] + "…"


async def _watch(ask: Ask, receive: Receive) -> None:
    """Set `gone` when the client closes its connection."""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            ask.gone.set()
            return


async def _refuse(
    refusal: Refusal, ask: Ask | None, scope: Scope, receive: Receive, send: Send
) -> None:
    headers = dict(refusal.headers)
    if ask is not None:
        headers.setdefault("X-Halo-Request-Id", ask.id)
    body = error_body(refusal, scope["path"])
    response = Response(body, refusal.kind.status, headers, "application/json")
    await response(scope, receive, send)


async def _start(send: Send, status: int, headers: dict[str, str]) -> None:
    raw = [
        (name.lower().encode(), value.encode("latin-1", "replace"))
        for name, value in headers.items()
    ]
    await send({"type": "http.response.start", "status": status, "headers": raw})


async def _more(send: Send, piece: bytes, *, last: bool = False) -> None:
    await send({"type": "http.response.body", "body": piece, "more_body": not last})


async def _send_whole(send: Send, status: int, headers: dict[str, str], content: bytes) -> None:
    await _start(send, status, {**headers, "content-length": str(len(content))})
    await _more(send, content, last=True)
