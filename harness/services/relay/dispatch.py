"""From a consumer's request to the operator that answers it.

A request moves to another operator only while nothing in it is meant for one of them (no pin, no
payment) and nobody accepted it. Everything else fails where it is: a signature may be bound to the
operator, and work that was accepted may have been done.
"""

from __future__ import annotations

import asyncio
import random
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from harness.protocol.addresses import Address
from harness.protocol.frames import (
    InferenceAccepted,
    InferenceChunk,
    InferenceRequest,
    InferenceResponse,
    ReceiptAck,
    ReceiptFrame,
    encode,
)
from harness.services.relay.departure import Departure
from harness.services.relay.directory import Directory, FarSeat
from harness.services.relay.exchange import (
    CLIENT_LEFT,
    DISCONNECTED,
    NOT_HERE,
    PROTOCOL,
    SLOW,
    Answer,
    Exchange,
    ExchangeEnded,
)
from harness.services.relay.hints import Hints
from harness.services.relay.links import Link
from harness.services.relay.metrics import Metrics
from harness.services.relay.selection import NoOperator, Seat, busy, choose, misfit
from harness.services.relay.settings import RelaySettings

ATTEMPTS = 3
TIMEOUT = "operator_timeout"
_SICK = (502, 504)  # answers that count against an operator
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

_STATUS = {
    DISCONNECTED: 504,
    TIMEOUT: 504,
    NOT_HERE: 503,
    PROTOCOL: 502,
    SLOW: 504,
}
_WORDS = {
    DISCONNECTED: "the operator disconnected before it answered; a paid request may be unsettled, "
    "ask its payment's state before you pay again",
    TIMEOUT: "the operator did not answer in time; try again or choose another",
    NOT_HERE: "the operator is not connected; see /v1/operators",
    PROTOCOL: "the operator broke the protocol; choose another",
    SLOW: "the answer was not read fast enough; read it as it comes",
}


def request_id() -> str:
    """`req_` and a ULID: 48 bits of time, 80 of chance."""
    number = (time.time_ns() // 1_000_000) << 80 | secrets.randbits(80)
    return "req_" + "".join(_ALPHABET[number >> shift & 31] for shift in range(125, -1, -5))


class Unanswered(Exception):
    """The relay's own answer to a request that no operator answered."""

    def __init__(
        self, status: int, code: str, message: str, operator: Address | None = None
    ) -> None:
        super().__init__(message)
        self.status, self.code, self.operator = status, code, operator

    @classmethod
    def ended(cls, reason: str, operator: Address) -> Unanswered:
        """By the reason that an exchange ended for."""
        return cls(_STATUS.get(reason, 502), reason, _WORDS.get(reason, reason), operator)


class ClientLeft(Exception):
    """Nobody is there to be answered."""


@dataclass(frozen=True)
class Asked:
    """A request as it is routed. What is in `body` beside the model is nobody's business here."""

    id: str
    model: str
    stream: bool
    body: dict[str, Any] = field(repr=False)
    hints: Hints


@dataclass(frozen=True)
class Reply:
    """An operator's answer that has begun. `seconds` until its first frame."""

    exchange: Exchange
    first: InferenceChunk | InferenceResponse
    operator: Address
    seconds: float


class Nodes(Protocol):
    """Operators of other nodes."""

    async def begin(self, seat: FarSeat, frame: InferenceRequest, text: str) -> Exchange:
        """Send a request there. Raises ExchangeEnded."""

    async def receipt(self, seat: FarSeat, frame: ReceiptFrame, seconds: float) -> ReceiptAck:
        """Send a receipt there. Raises ExchangeEnded, TimeoutError."""


@dataclass
class Dispatcher:
    """Chooses, sends, waits for the answer to begin."""

    settings: RelaySettings
    directory: Directory
    nodes: Nodes | None
    metrics: Metrics
    rng: random.Random = field(default_factory=random.SystemRandom)
    clock: Callable[[], float] = time.monotonic

    async def route(self, asked: Asked, departure: Departure) -> Reply:
        """The beginning of an answer. Raises Unanswered, ClientLeft."""
        deadline = self.clock() + self.settings.inference_timeout_s
        tried: set[Address] = set()
        for attempt in range(1, ATTEMPTS + 1):
            seat = self._seat(asked, tried)
            tried.add(seat.address)
            if attempt > 1:
                self.metrics.rerouted.inc()
            try:
                return await self._ask(seat, asked, attempt, deadline, departure)
            except _Unaccepted as failure:
                self.metrics.ended(failure.reason)
                if failure.reason != NOT_HERE:
                    self.directory.record(seat.address).failed()
                if not asked.hints.movable or attempt == ATTEMPTS:
                    raise Unanswered.ended(failure.reason, seat.address) from None
        raise AssertionError("the last attempt answers or raises")

    # -- choosing --------------------------------------------------------------------------------

    def _seat(self, asked: Asked, tried: set[Address]) -> Link | FarSeat:
        hints = asked.hints
        if hints.pin is not None:
            return self._pinned(hints.pin, asked)
        seats = [seat for seat in self.directory.seats() if seat.address not in tried]
        try:
            return choose(seats, asked.model, hints, self.directory.record, self.rng)
        except NoOperator as nobody:
            if tried:
                raise Unanswered(
                    504, TIMEOUT, "no operator took the request in time; try again shortly"
                ) from None
            if nobody.known or not seats:
                raise Unanswered(503, "no_operator", str(nobody)) from None
            raise Unanswered(404, "model_not_found", str(nobody)) from None

    def _pinned(self, pin: Address, asked: Asked) -> Link | FarSeat:
        seat = self.directory.find(pin)
        why = "is not connected here" if seat is None else _refusal(seat, asked)
        if seat is None or why is not None:
            raise Unanswered(
                503,
                "operator_unavailable",
                f"operator {pin} {why}; choose another in /v1/operators, or wait",
                pin,
            )
        return seat

    # -- asking ----------------------------------------------------------------------------------

    async def _ask(
        self,
        seat: Link | FarSeat,
        asked: Asked,
        attempt: int,
        deadline: float,
        departure: Departure,
    ) -> Reply:
        started = self.clock()
        exchange = await self._send(seat, asked, attempt, deadline)
        departure.tell(exchange.leave)
        try:
            first = await self._accepted(exchange)
            while isinstance(first, InferenceAccepted):
                first = await self._first(exchange, deadline)
            if isinstance(first, InferenceChunk) and not asked.stream:
                raise ExchangeEnded(PROTOCOL, "chunks for a request that asked for none")
        except ExchangeEnded as end:  # after it was accepted
            await exchange.abort(end.reason)
            self.metrics.ended(end.reason)
            if end.reason == CLIENT_LEFT:
                raise ClientLeft from None
            self.directory.record(seat.address).failed()
            raise Unanswered.ended(end.reason, seat.address) from None
        seconds = self.clock() - started
        self._note(seat.address, first, seconds)
        return Reply(exchange, first, seat.address, seconds)

    async def _send(
        self, seat: Link | FarSeat, asked: Asked, attempt: int, deadline: float
    ) -> Exchange:
        frame = InferenceRequest(
            request_id=asked.id,
            headers=asked.hints.forwarded,
            body=asked.body,
            deadline_ms=max(1, int((deadline - self.clock()) * 1000)),
            attempt=attempt,
        )
        text = self._encoded(frame)
        try:
            if isinstance(seat, Link):
                return await seat.begin(frame, text)
            if self.nodes is None:
                raise ExchangeEnded(NOT_HERE)
            self.metrics.forwarded.inc()
            return await self.nodes.begin(seat, frame, text)
        except ExchangeEnded as end:
            raise _Unaccepted(end.reason) from None

    def _encoded(self, frame: InferenceRequest) -> str:
        try:
            text = encode(frame)
            size = len(text.encode())
        except ValueError:  # half a surrogate pair
            raise Unanswered(400, "bad_json", "the body's text is not Unicode; mend it") from None
        most = self.settings.max_frame
        if size > most:
            raise Unanswered(
                413,
                "request_too_large",
                f"operators take {most} bytes, this request has {size}; send less",
            )
        return text

    async def _accepted(self, exchange: Exchange) -> Answer:
        try:
            async with asyncio.timeout(self.settings.accept_timeout_s):
                return await exchange.next()
        except TimeoutError:
            await exchange.abort("not accepted in time")
            raise _Unaccepted(TIMEOUT) from None
        except ExchangeEnded as end:
            await exchange.abort(end.reason)
            if end.reason == CLIENT_LEFT:
                self.metrics.ended(end.reason)
                raise ClientLeft from None
            raise _Unaccepted(end.reason) from None

    async def _first(self, exchange: Exchange, deadline: float) -> Answer:
        try:
            async with asyncio.timeout(max(0.0, deadline - self.clock())):
                return await exchange.next()
        except TimeoutError:
            raise ExchangeEnded(TIMEOUT) from None

    def _note(
        self, operator: Address, first: InferenceChunk | InferenceResponse, seconds: float
    ) -> None:
        self.metrics.first_seconds.observe(seconds)
        record = self.directory.record(operator)
        if isinstance(first, InferenceResponse) and first.status in _SICK:
            record.failed()
        else:
            record.served(seconds)


class _Unaccepted(Exception):
    """The operator never took the request on."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def _refusal(seat: Seat, asked: Asked) -> str | None:
    """Why the pinned operator is not asked; None when it is."""
    if seat.draining:
        return "is shutting down"
    if (why := misfit(seat, asked.model, asked.hints)) is not None:
        return why
    return "has as many requests as it takes" if busy(seat) else None
