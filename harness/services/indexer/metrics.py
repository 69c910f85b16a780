"""What an indexer counts. Prefix facetworks_indexer_, bounded labels."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest

_PREFIX = "facetworks_indexer_"


class Metrics:
    """Its own registry, so that several can live in one process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._events = Counter(
            _PREFIX + "events", "Events by outcome", ["outcome"], registry=self.registry
        )
        self._beats = Counter(
            _PREFIX + "heartbeats", "Heartbeats by status", ["status"], registry=self.registry
        )
        self._links = Counter(
            _PREFIX + "links", "Pairing by step and status", ["step", "status"],
            registry=self.registry,
        )  # fmt: skip
        self._refused = Counter(
            _PREFIX + "refused", "Requests not looked at", ["status"], registry=self.registry
        )
        self.followed = Gauge(
            _PREFIX + "followed_block", "Newest block that was read", registry=self.registry
        )
        self.behind = Gauge(_PREFIX + "blocks_behind", "Blocks to read", registry=self.registry)
        self.reorganised = Gauge(
            _PREFIX + "reorganisations", "Reorganisations seen", registry=self.registry
        )
        self.attached = Gauge(
            _PREFIX + "events_attached", "Events attached to value", registry=self.registry
        )

    def event(self, outcome: str) -> None:
        self._events.labels(outcome).inc()

    def beat(self, status: int) -> None:
        self._beats.labels(str(status)).inc()

    def link(self, step: str, status: int) -> None:
        self._links.labels(step, str(status)).inc()

    def refused(self, status: int) -> None:
        self._refused.labels(str(status)).inc()

    def text(self) -> bytes:
        """The exposition format."""
        return generate_latest(self.registry)
