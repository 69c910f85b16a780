"""What an operator counts. Prefix halo_operator_, base units, bounded labels."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest

_PREFIX = "halo_operator_"
_KNOWN = frozenset(
    {
        "ok", "consumer_gone", "operator_error", "payment_required", "in_progress", "replayed_payment",
        "operator_saturated", "operator_shutting_down", "mixed_plaintext", "seal_error", "bad_request",
        "vault_reservation_insufficient", "vault_credit_window_exceeded", "vault_identity_unverified",
        "vault_invalid_generation_control", "vault_cycle_stale", "chain_unavailable", "event_outbox_full",
        "facilitator_unavailable", "settlement_pending", "unsupported_payment_mode", "ambiguous_payment",
        "operator_auth_failure", "credit_exhausted", "provider_error", "upstream_timeout", "answer_too_large",
        "storage_unavailable",
    }
)  # fmt: skip


class Metrics:
    """Its own registry, so that several operators can live in one process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._answers = Counter(
            _PREFIX + "answers", "Requests by how they ended", ["outcome"], registry=self.registry
        )
        self.inflight = Gauge(_PREFIX + "inflight", "Requests under way", registry=self.registry)
        self.connected = Gauge(
            _PREFIX + "announced", "1 while the relay lists this operator", registry=self.registry
        )
        self.events = Gauge(
            _PREFIX + "events_waiting", "Events the indexer does not have", registry=self.registry
        )
        self.outstanding = Gauge(
            _PREFIX + "credit_outstanding_base",
            "Served and not receipted, base units",
            registry=self.registry,
        )
        self.collectible = Gauge(
            _PREFIX + "receipts_collectible_base",
            "Receipted and not redeemed, base units",
            registry=self.registry,
        )

    def answered(self, outcome: str) -> None:
        self._answers.labels(outcome if outcome in _KNOWN else "other").inc()

    def text(self) -> bytes:
        """The exposition format."""
        return generate_latest(self.registry)
