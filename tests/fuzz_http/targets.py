"""What there is to ask: the endpoints that each running service describes, and what it says it may answer."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.crash.theatre import CAST, Part, Theatre, free_ports, theatre

SERVICES = ("facilitator", "relay", "indexer", "operator", "exact", "vault")


@dataclass(frozen=True)
class Endpoint:
    """One method of one path. `failures` are the statuses from 500 up that the document has."""

    service: str
    port: int
    method: str
    path: str
    body: Mapping[str, Any] | None = None
    parameters: tuple[Mapping[str, Any], ...] = ()
    failures: frozenset[int] = frozenset()

    def named(self, place: str) -> list[Mapping[str, Any]]:
        """Its parameters in the path, the query or the head."""
        return [each for each in self.parameters if each["in"] == place]


@dataclass
class Stage:
    """A market whose operator shows its status page, too."""

    theatre: Theatre
    ports: dict[str, int]
    documents: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    def endpoints(self) -> list[Endpoint]:
        return [
            Endpoint(
                service, self.ports[service], method.upper(), path,
                _schema(operation), tuple(operation.get("parameters", ())),
                frozenset(int(s) for s in operation.get("responses", {}) if s in _SAID),
            )
            for service, document in self.documents.items()
            for path, methods in document["paths"].items()
            for method, operation in methods.items()
        ]  # fmt: skip


# A failure of ours is none of these, documented or not.
_SAID = ("502", "503", "504")


def _schema(operation: Mapping[str, Any]) -> Mapping[str, Any] | None:
    content = operation.get("requestBody", {}).get("content", {})
    found = content.get("application/json", {}).get("schema")
    return dict(found) if found is not None else None


@contextlib.contextmanager
def staged(root: Path) -> Iterator[Stage]:
    """Everything up, as processes of their own."""
    (status,) = free_ports(("status",)).values()
    shown = {"status_listen": f"127.0.0.1:{status}"}
    cast = {**CAST, "operator": Part("operator", "operator", shown)}
    with theatre(root, cast) as play:
        for role in cast:
            play.start(role)
            play.wait_ready(role)
        stage = Stage(play, {**play.ports, "operator": status})
        for service in SERVICES:
            url = f"http://127.0.0.1:{stage.ports[service]}/openapi.json"
            stage.documents[service] = httpx.get(url, timeout=20).raise_for_status().json()
        yield stage
