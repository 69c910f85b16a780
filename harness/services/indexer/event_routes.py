"""Signed events over HTTP: one a request, or several that share a commit."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from harness.http.bodies import read_object
from harness.http.envelope import error
from harness.http.limits import Buckets
from harness.protocol.league import Event, EventError, check_signature, event_from_wire
from harness.services.indexer.office import Office
from harness.services.indexer.request import invalid
from harness.store.league import EventConflict

# Of one operator, and of one caller whoever's they are: keys cost nothing, and events are kept for good.
EVENTS_PER_MINUTE = 12_000
MOST_TOGETHER = 100  # events of one request

Handler = Callable[[Request], Awaitable[Response]]


def build_event_routes(office: Office, guarded: Callable[[Handler], Handler]) -> list[Route]:
    """`guarded` turns what a handler raises into its answer."""
    allowance = Buckets(EVENTS_PER_MINUTE)

    def admits(request: Request, event: Event) -> bool:
        caller = request.client.host if request.client else "unknown"
        return allowance.take(f"caller {caller}") and allowance.take(event.operator)

    async def one(request: Request) -> Response:
        try:
            event = await office.in_thread(_read, await read_object(request))
        except EventError as bad:
            office.metrics.event(bad.code)
            return error(400, bad.code, f"{bad}; correct the event", errorCode=bad.code)
        if not admits(request, event):
            office.metrics.event("rate_limited")
            return error(429, "rate_limited", "too many events; send them again in a minute")
        try:
            fresh = await office.in_thread(office.accept, event)
        except EventConflict:
            office.metrics.event("conflict")
            return error(409, "event_conflict", "the id names another event; use an id of its own")
        status = "accepted" if fresh else "duplicate"
        office.metrics.event(status)
        return JSONResponse({"id": event.id, "status": status})

    async def several(request: Request) -> Response:
        wires = (await read_object(request)).get("events")
        if not isinstance(wires, list) or not 0 < len(wires) <= MOST_TOGETHER:
            raise invalid(f"events must be a list of 1 to {MOST_TOGETHER} events")
        read = await office.in_thread(_read_all, wires)
        events = [e if isinstance(e, str) or admits(request, e) else "rate_limited" for e in read]
        kept = iter(
            await office.in_thread(
                office.accept_all, [each for each in events if not isinstance(each, str)]
            )
        )
        results = []
        for wire, event in zip(wires, events, strict=True):
            result = _result(wire, event if isinstance(event, str) else next(kept))
            office.metrics.event(result.get("errorCode") or result["status"])
            results.append(result)
        return JSONResponse({"results": results})

    return [
        Route("/v1/events", guarded(one), methods=["POST"]),
        Route("/v1/events/batch", guarded(several), methods=["POST"]),
    ]


def _read(wire: Any) -> Event:
    """An event that its operator signed. Raises EventError."""
    if not isinstance(wire, dict):
        raise EventError("invalid_event_schema", "an event is a JSON object")
    event = event_from_wire(wire)
    check_signature(event)
    return event


def _read_all(wires: Sequence[Any]) -> list[Event | str]:
    """Each event, or the code of why it is none."""
    found: list[Event | str] = []
    for wire in wires:
        try:
            found.append(_read(wire))
        except EventError as bad:
            found.append(bad.code)
    return found


def _result(wire: Any, outcome: str | bool | None) -> dict[str, Any]:
    """`outcome`: a code, or as Office.accept_all has it."""
    identity = wire.get("id") if isinstance(wire, dict) else None
    told = {"id": identity if isinstance(identity, str) else None}
    if isinstance(outcome, bool):
        return {**told, "status": "accepted" if outcome else "duplicate"}
    return {**told, "status": "refused", "errorCode": outcome or "event_conflict"}
