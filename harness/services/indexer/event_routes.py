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

EVENTS_PER_MINUTE = 24_000  # per operator: four hundred paid requests a second
MOST_TOGETHER = 100  # events of one request

Handler = Callable[[Request], Awaitable[Response]]


def build_event_routes(office: Office, guarded: Callable[[Handler], Handler]) -> list[Route]:
    """`guarded` turns what a handler raises into its answer."""
    operators = Buckets(EVENTS_PER_MINUTE)

    async def one(request: Request) -> Response:
        try:
            event = await office.in_thread(_read, await read_object(request))
        except EventError as bad:
            office.metrics.event(bad.code)
            return error(400, bad.code, f"{bad}; correct the event", errorCode=bad.code)
        if not operators.take(event.operator):
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
        found = (await read_object(request)).get("events")
        if not isinstance(found, list) or not 0 < len(found) <= MOST_TOGETHER:
            raise invalid(f"events must be a list of 1 to {MOST_TOGETHER} events")
        read = await office.in_thread(_read_all, found)
        taken: list[Event] = []
        results: list[dict[str, Any]] = []
        for wire, event in zip(found, read, strict=True):
            identity = wire.get("id") if isinstance(wire, dict) else None
            result: dict[str, Any] = {"id": identity if isinstance(identity, str) else None}
            results.append(result)
            if isinstance(event, EventError):
                result |= _refused(event.code)
            elif not operators.take(event.operator):
                result |= _refused("rate_limited")
            else:
                taken.append(event)
                result["status"] = "taken"
        outcomes = iter(await office.in_thread(office.accept_all, taken))
        for result in results:
            if result["status"] == "taken":
                fresh = next(outcomes)
                result |= (
                    _refused("event_conflict")
                    if fresh is None
                    else {"status": "accepted" if fresh else "duplicate"}
                )
            office.metrics.event(result.get("errorCode", result["status"]))
        return JSONResponse({"results": results})

    return [
        Route("/v1/events", guarded(one), methods=["POST"]),
        Route("/v1/events/batch", guarded(several), methods=["POST"]),
    ]


def _read(wire: dict[str, Any]) -> Event:
    """An event that its operator signed. Raises EventError."""
    event = event_from_wire(wire)
    check_signature(event)
    return event


def _read_all(wires: Sequence[Any]) -> list[Event | EventError]:
    found: list[Event | EventError] = []
    for wire in wires:
        try:
            if not isinstance(wire, dict):
                raise EventError("invalid_event_schema", "an event is a JSON object")
            found.append(_read(wire))
        except EventError as bad:
            found.append(bad)
    return found


def _refused(code: str) -> dict[str, str]:
    return {"status": "refused", "errorCode": code}
