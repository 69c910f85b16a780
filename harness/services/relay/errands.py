"""The two ends of a request that crosses nodes, and the credit between them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

from harness.protocol.frames import (
    NODE_GONE,
    FrameError,
    InferenceAccepted,
    InferenceChunk,
    InferenceRequest,
    InferenceResponse,
    ReceiptFrame,
    decode,
    encode,
)
from harness.services.relay.directory import Directory
from harness.services.relay.exchange import (
    MOST_BYTES,
    NOT_HERE,
    PROTOCOL,
    RESTART,
    Answer,
    ExchangeEnded,
    Inbox,
)
from harness.services.relay.links import Link
from harness.services.relay.settings import RelaySettings
from harness.services.relay.wire import Joiner, message, pieces, read

CREDIT = 64  # messages the answering node may be ahead
_GRANT = CREDIT // 2
CREDIT_SECONDS = 60.0  # without a grant for so long, the asking node counts as gone

Publish = Callable[[str, bytes], Awaitable[None]]

_log = logging.getLogger(__name__)


class FarExchange:
    """The asking end: a request at an operator of another node."""

    def __init__(
        self,
        request_id: str,
        node: str,
        own: str,
        publish: Publish,
        done: Callable[[FarExchange], Awaitable[None]],
    ) -> None:
        self.request_id = request_id
        self.node = node
        self.inbox = Inbox(most=8 * MOST_BYTES)
        self.subscription: Subscription | None = None
        self._own, self._publish, self._done = own, publish, done
        self._joiner = Joiner(16 * 1024 * 1024)
        self._messages = 0
        self._owed = 0
        self._costs: dict[int, int] = {}  # by frame: the messages it took
        self._taken = self._arrived = 0
        self._over = False

    async def next(self) -> Answer:
        """The next frame; what was taken is granted to the other end again."""
        frame = await self.inbox.next()
        self._owed += self._costs.pop(self._taken, 0)
        self._taken += 1
        if self._owed >= _GRANT:
            granted, self._owed = self._owed, 0
            await self._control({"credit": granted})
        return frame

    def leave(self) -> None:
        self.inbox.leave()

    async def abort(self, reason: str) -> None:
        await self._last({"abort": reason[:100]})

    async def complete(self) -> None:
        await self._last({"complete": True})

    async def on_message(self, msg: Msg) -> None:
        """A message of the answering node, or the bus saying that nobody listens there."""
        if msg.headers and msg.headers.get("Status") == "503":
            self.inbox.end(NOT_HERE)
            return
        try:
            line, part = read(msg.data)
            if line["n"] != self._messages:
                raise ValueError("a message is missing")
            self._messages += 1
            self._arrived += 1
            if "failed" in line:
                self.inbox.end(str(line["failed"]))
                return
            whole = self._joiner.add(line, part)
            if whole is None:
                return
            frame = decode(whole)
        except (ValueError, KeyError, TypeError, FrameError) as bad:
            self.inbox.end(PROTOCOL, str(bad))
            return
        if isinstance(frame, (InferenceAccepted, InferenceChunk, InferenceResponse)):
            self._costs[self._taken + len(self._costs)] = self._arrived
            self._arrived = 0
            await self.inbox.put(frame, len(whole))

    async def _last(self, line: dict[str, Any]) -> None:
        if not self._over:
            self._over = True
            await self._control(line)
            await self._done(self)

    async def _control(self, line: dict[str, Any]) -> None:
        told = {"from": self._own, "id": self.request_id, **line}
        await self._publish(f"relay.node.{self.node}.ctl", message(told))


class _Errand:
    """The answering end's state of one request."""

    def __init__(self, joiner: Joiner) -> None:
        self.joiner = joiner
        self.credit = asyncio.Semaphore(CREDIT)
        self.task: asyncio.Task[None] | None = None
        self.word: dict[str, Any] | None = None  # the last word of the asking end
        self.told = asyncio.Event()


class Errands:
    """The answering end: requests that other nodes have for operators of this one."""

    def __init__(self, settings: RelaySettings, directory: Directory, publish: Publish) -> None:
        self._settings = settings
        self._directory = directory
        self._publish = publish
        self._errands: dict[tuple[str, str], _Errand] = {}

    def gather(self, line: dict[str, Any], part: bytes) -> bytes | None:
        """The whole request when this was its last piece. Raises ValueError, KeyError."""
        key = _key(line)
        errand = self._errands.setdefault(key, _Errand(Joiner(2 * self._settings.max_frame)))
        if errand.task is not None:
            raise ValueError("a request came twice")
        try:
            return errand.joiner.add(line, part)
        except ValueError:
            del self._errands[key]
            raise

    async def serve(self, line: dict[str, Any], whole: bytes, inbox: str, limit: int) -> None:
        """Ask the operator and send what it answers, never further ahead than the credit."""
        errand = self._errands[_key(line)]
        errand.task = asyncio.current_task()
        sent = 0
        try:
            frame = decode(whole)
            link = self._link(line)
            if link is None or not isinstance(frame, InferenceRequest):
                raise ExchangeEnded(NOT_HERE)
            exchange = await link.begin(frame, whole.decode())
            try:
                answer: Answer | None = None
                while not isinstance(answer, InferenceResponse):
                    answer = await exchange.next()
                    for told, part in pieces({}, encode(answer).encode(), limit):
                        async with asyncio.timeout(CREDIT_SECONDS):
                            await errand.credit.acquire()
                        await self._publish(inbox, message({"n": sent, **told}, part))
                        sent += 1
                async with asyncio.timeout(CREDIT_SECONDS):
                    await errand.told.wait()
                await exchange.complete()
            except BaseException:
                word = errand.word or {}
                if word.get("complete"):
                    await exchange.complete()
                else:
                    await exchange.abort(str(word.get("abort", RESTART)))
                raise
        except (ExchangeEnded, FrameError) as end:
            reason = end.reason if isinstance(end, ExchangeEnded) else PROTOCOL
            await self._publish(inbox, message({"n": sent, "failed": reason}))
        except TimeoutError:
            _log.info("a node went silent", extra={"node": str(line["from"])[:80]})
        except asyncio.CancelledError:
            if errand.word is None:
                raise
        finally:
            self._errands.pop(_key(line), None)

    async def control(self, line: dict[str, Any]) -> None:
        """A word of the asking end. Raises KeyError."""
        errand = self._errands.get(_key(line))
        if errand is None:
            return
        for _ in range(min(int(line.get("credit", 0)), CREDIT)):
            errand.credit.release()
        if "abort" in line or "complete" in line:
            errand.word = line
            if line.get("complete"):
                errand.told.set()
            elif errand.task is not None:
                errand.task.cancel()
            else:  # it was not even whole
                del self._errands[_key(line)]

    async def receipt(self, line: dict[str, Any], part: bytes, inbox: str) -> None:
        """Deliver a receipt and send back the acknowledgement."""
        answer = message({"failed": NOT_HERE})
        try:
            frame = decode(part)
            link = self._link(line)
            if link is not None and isinstance(frame, ReceiptFrame):
                ack = await link.receipt(frame, self._settings.receipt_timeout_s)
                answer = message({}, encode(ack).encode())
        except TimeoutError:
            answer = message({"failed": "timeout"})
        except (ExchangeEnded, FrameError) as end:
            _log.info("receipt not delivered", extra={"reason": type(end).__name__})
        await self._publish(inbox, answer)

    async def end_all(self, node: str | None = None) -> None:
        """Nobody listens there any more: let the operators stop."""
        for (asker, _), errand in list(self._errands.items()):
            if node in (None, asker):
                errand.word = errand.word or {"abort": NODE_GONE}
                if errand.task is not None:
                    errand.task.cancel()

    def _link(self, line: dict[str, Any]) -> Link | None:
        """The operator, if this is still the connection that the other node means."""
        link = self._directory.links.get(str(line["to"]))
        return link if link is not None and link.epoch == line["epoch"] else None


def _key(line: dict[str, Any]) -> tuple[str, str]:
    return str(line["from"]), str(line["id"])
