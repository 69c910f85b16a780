"""What a sidecar counts. Prefix facetworks_consumer_, USDC base units, bounded labels."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from harness.services.consumer.budget import BudgetView

_PREFIX = "facetworks_consumer_"


class Metrics:
    """Its own registry, so that several can live in one process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            _PREFIX + "requests", "Paid requests by outcome", ["outcome"], registry=self.registry
        )
        self._charged = Counter(
            _PREFIX + "charged_base", "Charged, by rail", ["rail"], registry=self.registry
        )
        self._tokens = Counter(_PREFIX + "tokens", "Tokens bought", registry=self.registry)
        self.seconds = Histogram(
            _PREFIX + "request_seconds",
            "Time from request to the end of its answer",
            buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120),
            registry=self.registry,
        )
        self._limit = Gauge(
            _PREFIX + "budget_limit_base", "Ceiling of the run", registry=self.registry
        )
        self._spent = Gauge(
            _PREFIX + "budget_spent_base", "Spent in the run", registry=self.registry
        )
        self._held = Gauge(
            _PREFIX + "budget_held_base", "Held for requests", registry=self.registry
        )
        self.watched = Gauge(
            _PREFIX + "payments_unresolved",
            "Signed payments that the chain has not decided",
            registry=self.registry,
        )

    def served(self, rail: str, charged: int, tokens: int | None) -> None:
        self._requests.labels("served").inc()
        self._charged.labels(rail).inc(charged)
        self._tokens.inc(tokens or 0)

    def refused(self, code: str) -> None:
        """`code` is one of the table's."""
        self._requests.labels(code).inc()

    def budget(self, view: BudgetView) -> None:
        self._limit.set(view.limit)
        self._spent.set(view.spent)
        self._held.set(view.reserved)

    def text(self) -> bytes:
        """The exposition format."""
        return generate_latest(self.registry)
