"""What a relay counts. Prefix facetworks_relay_, bounded labels: no address, no model."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_PREFIX = "facetworks_relay_"
_REASONS = frozenset(
    {
        "silent", "superseded", "rate_limited", "relay_restart", "overloaded", "announce_expected",
        "bad_announcement", "bad_signature", "operator_not_allowed", "upgrade_required", "unexpected_frame",
        "bad_frame", "frame_too_large", "operator_disconnected", "operator_unavailable", "slow_client",
        "operator_protocol_error", "client_disconnected", "operator_timeout",
    }
)  # fmt: skip


class Metrics:
    """Its own registry, so that several can live in one process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.operators = self._gauge("operators", "Announced operators of this node")
        self.sockets = self._gauge("sockets", "Operator sockets, announced or not")
        self.far_operators = self._gauge("far_operators", "Operators of other nodes")
        self.inflight = self._gauge("inflight", "Requests under way")
        self.bus = self._gauge("bus_connected", "1 while other nodes can be reached")
        self._requests = self._counter("requests", "Answers by status", "status")
        self._ended = self._counter("exchanges_ended", "Requests that broke off", "reason")
        self._closed = self._counter(
            "sockets_closed", "Operator sockets this side closed", "reason"
        )
        self._receipts = self._counter("receipts", "Receipts by outcome", "outcome")
        self.rerouted = self._counter("rerouted", "Requests sent to a second operator")
        self.forwarded = self._counter("forwarded", "Requests sent to another node")
        self.chunks = self._counter("chunks", "Chunks of streams passed on")
        self.audit_dropped = self._counter("audit_dropped", "Audit rows that were not kept")
        self.first_seconds = Histogram(
            _PREFIX + "first_frame_seconds",
            "Time from request to the first frame of its answer",
            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 120),
            registry=self.registry,
        )

    def requested(self, status: int) -> None:
        self._requests.labels(str(status)).inc()

    def ended(self, reason: str) -> None:
        self._ended.labels(_label(reason)).inc()

    def closed(self, reason: str) -> None:
        self._closed.labels(_label(reason)).inc()

    def receipt(self, outcome: str) -> None:
        self._receipts.labels(outcome).inc()

    def text(self) -> bytes:
        """The exposition format."""
        return generate_latest(self.registry)

    def _gauge(self, name: str, text: str) -> Gauge:
        return Gauge(_PREFIX + name, text, registry=self.registry)

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(_PREFIX + name, text, labels, registry=self.registry)


def _label(reason: str) -> str:
    return reason if reason in _REASONS else "other"
