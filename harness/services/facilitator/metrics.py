"""What a facilitator counts. Prefix facetworks_facilitator_, base units, bounded labels."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from harness.protocol.reasons import KNOWN

_PREFIX = "facetworks_facilitator_"


class Metrics:
    """Its own registry, so that several can live in one process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._verify = Counter(
            _PREFIX + "verify", "Verify answers by reason", ["reason"], registry=self.registry
        )
        self._settle = Counter(
            _PREFIX + "settle", "Settle answers by reason", ["reason"], registry=self.registry
        )
        self._refused = Counter(
            _PREFIX + "refused", "Requests not looked at", ["status"], registry=self.registry
        )
        self._vault = Counter(
            _PREFIX + "vault",
            "Vault answers by route and outcome",
            ["route", "outcome"],
            registry=self.registry,
        )
        self._redeem = Counter(
            _PREFIX + "redeem", "Answers to receipts by status", ["status"], registry=self.registry
        )
        self.settle_seconds = Histogram(
            _PREFIX + "settle_seconds",
            "Time from request to answer of /settle",
            buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25),
            registry=self.registry,
        )
        self.pending = Gauge(
            _PREFIX + "settlements_pending", "Open settlements", registry=self.registry
        )
        self.balance = Gauge(
            _PREFIX + "signer_balance_wei", "Gas money of the signer", registry=self.registry
        )

    def verified(self, reason: str | None) -> None:
        self._verify.labels(_label(reason)).inc()

    def settled(self, reason: str | None) -> None:
        self._settle.labels(_label(reason)).inc()

    def refused(self, status: int) -> None:
        self._refused.labels(str(status)).inc()

    def vault(self, route: str, outcome: str) -> None:
        """Outcomes are `ok` or the status of a refusal."""
        self._vault.labels(route, outcome).inc()

    def redeemed(self, status: str) -> None:
        """A status of the redeem union."""
        self._redeem.labels(status).inc()

    def text(self) -> bytes:
        """The exposition format."""
        return generate_latest(self.registry)


def _label(reason: str | None) -> str:
    if reason is None:
        return "ok"
    return reason if reason in KNOWN else "other"
