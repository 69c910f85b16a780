"""What an operator can be told. The command line fills it from ~/.halo/config.json, flags and HALO_*."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from harness.errors import ConfigError
from harness.inference.pricing import PricingTerms
from harness.protocol.addresses import Address

KIBI, MEBI, GIBI = 1 << 10, 1 << 20, 1 << 30


@dataclass(frozen=True)
class OutboxLimits:
    """Bounds of the event outbox; ConfigError when one is out of range. Times in milliseconds."""

    max_entries: int = 1_000
    max_bytes: int = 8 * MEBI
    concurrency: int = 4
    request_timeout_ms: int = 10_000
    retry_base_ms: int = 1_000
    retry_cap_ms: int = 300_000
    shutdown_drain_ms: int = 5_000

    def __post_init__(self) -> None:
        allowed = {
            "max_entries": (1, 100_000),
            "max_bytes": (64 * KIBI, GIBI),
            "concurrency": (1, 32),
            "request_timeout_ms": (100, 60_000),
            "retry_base_ms": (100, 60_000),
            "retry_cap_ms": (self.retry_base_ms, 86_400_000),
            "shutdown_drain_ms": (0, 60_000),
        }
        for name, (least, most) in allowed.items():
            value = getattr(self, name)
            if not least <= value <= most:
                raise ConfigError(
                    f"HALO_EVENT_OUTBOX_{name.upper()} is {value}; "
                    f"set it between {least} and {most}"
                )


@dataclass(frozen=True)
class OperatorSettings:
    """Amounts in base units of USDC (six decimals), times in seconds unless named otherwise."""

    relay: str
    facilitator: str
    indexer: str
    chain_id: int
    usdc: Address
    rpc: str = ""
    diamond: Address | None = None  # the vault; None serves the exact rail alone
    usdc_name: str = "USD Coin"
    usdc_version: str = "2"
    label: str | None = None
    data_retention: str = "unknown"
    max_concurrency: int = 8
    pricing_mode: str = "margin"
    margin_percent: Decimal = Decimal(25)
    flat_usd_per_1k: Decimal | None = None
    provider_pricing: Mapping[str, PricingTerms] = field(default_factory=dict)  # by slug
    fallback_base: int = 10_000
    min_settlement_base: int = 1_000
    credit_window_base: int = 100_000
    vault_payments: bool = True
    x402_v1: bool = False  # also take payments of x402 version 1
    state: Path | None = None
    max_reconnect_attempts: int = 10  # consecutive failures; 0 never gives up
    outbox_max_entries: int = OutboxLimits.max_entries
    outbox_max_bytes: int = OutboxLimits.max_bytes
    outbox_concurrency: int = OutboxLimits.concurrency
    outbox_request_timeout_ms: int = OutboxLimits.request_timeout_ms
    outbox_retry_base_ms: int = OutboxLimits.retry_base_ms
    outbox_retry_cap_ms: int = OutboxLimits.retry_cap_ms
    outbox_shutdown_drain_ms: int = OutboxLimits.shutdown_drain_ms
    debug_upstream_errors: bool = False
    cli_version: str = "0.1.0"
    status_listen: str | None = None  # HOST:PORT for /health and /metrics; no port otherwise
    status_hosts: tuple[str, ...] = ()
    log_level: str = "info"
    outbox: OutboxLimits = field(init=False)

    def __post_init__(self) -> None:
        if self.pricing_mode not in ("margin", "flat"):
            raise ConfigError(
                f"pricing.mode is {self.pricing_mode!r}; set it to margin or flat with halo setup"
            )
        if self.pricing_mode == "flat" and self.flat_usd_per_1k is None:
            raise ConfigError("flat pricing needs a price; run halo setup --flat <usd-per-1k>")
        if self.data_retention not in ("none", "24h", "7d", "unknown"):
            raise ConfigError(
                f"data retention is {self.data_retention!r}; use none, 24h, 7d or unknown"
            )
        if self.x402_v1:
            self._check_named()
        object.__setattr__(
            self,
            "outbox",
            OutboxLimits(
                self.outbox_max_entries,
                self.outbox_max_bytes,
                self.outbox_concurrency,
                self.outbox_request_timeout_ms,
                self.outbox_retry_base_ms,
                self.outbox_retry_cap_ms,
                self.outbox_shutdown_drain_ms,
            ),
        )

    @property
    def network(self) -> str:
        """CAIP-2."""
        return f"eip155:{self.chain_id}"

    def _check_named(self) -> None:
        from harness.services.operator.version1 import network_name  # it reads these settings

        if network_name(self.network) is None:
            raise ConfigError(
                f"x402 version 1 has no name for chain {self.chain_id}; start without --x402-v1 "
                "and HALO_X402_V1"
            )
