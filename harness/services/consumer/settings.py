"""What a sidecar is told. Amounts in base units of the dollar (six decimals), times in seconds."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness.errors import ConfigError
from harness.http.hosts import LOOPBACK
from harness.protocol.addresses import Address


@dataclass(frozen=True)
class ConsumerSettings:
    """The command line and the devnet construct it; `build_app` takes it as it is."""

    relay: str
    facilitator: str
    rpc: str
    chain_id: int
    usdc: Address
    diamond: Address | None = None  # the vault; without it only the exact rail
    indexer: str | None = None
    host: str = "127.0.0.1"
    port: int = 8799
    api_key: str | None = field(default=None, repr=False)
    usdc_name: str = "USD Coin"
    usdc_version: str = "2"
    network_name: str = "Base"
    max_usdc_base: int = 100_000
    budget_base: int = 0  # 0 is no ceiling
    budget_warn: float = 0.8
    budget_token: str | None = field(default=None, repr=False)
    default_model: str | None = None
    allowed_models: tuple[str, ...] = ()  # empty allows any
    rail: str = "exact"
    vault_deposit_base: int = 0
    reserve_multiple: int = 5
    session_key: str = "wallet"
    e2e: bool = True
    confidential: bool = False
    tee_base_url: str = "https://cloud-api.near.ai/v1"
    tee_roots: tuple[Any, ...] = ()
    tee_on_verify_failure: str = "error"  # or "flag": answer 200 with X-Halo-TEE-Verified: false
    allow_self: bool = False
    state: Path | None = None
    hosts: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()  # pages that may call it from a browser
    policy: Path | None = None  # a file of rules
    log_level: str = "info"

    def check(self) -> None:
        """ConfigError for what must not start; the message says how to put it right."""
        if self.host not in LOOPBACK and self.api_key is None:
            raise ConfigError(
                f"whoever reaches {self.host}:{self.port} could spend the wallet; "
                "give --api-key, or bind to 127.0.0.1"
            )
        if self.rail not in ("exact", "vault"):
            raise ConfigError(f"rail is exact or vault, not {self.rail!r}")
        if self.rail == "vault" and self.diamond is None:
            raise ConfigError("the vault rail needs the vault's address; give --vault-address")
        if self.session_key not in ("wallet", "browser"):
            raise ConfigError(f"session key is wallet or browser, not {self.session_key!r}")
        if self.max_usdc_base <= 0:
            raise ConfigError("--max-usdc must be greater than zero")
        if not 0 <= self.budget_warn <= 1:
            raise ConfigError("--budget-warn-pct is between 0 and 1")
        if self.tee_on_verify_failure not in ("error", "flag"):
            raise ConfigError("tee_on_verify_failure is error or flag")
        if self.policy is not None and self.budget_token is None:
            raise ConfigError(
                "with a policy file the budget is raised by a person; give --budget-token"
            )

    @property
    def network(self) -> str:
        """CAIP-2."""
        return f"eip155:{self.chain_id}"
