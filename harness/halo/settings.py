"""From configuration, environment and flags to what the services are told, with the origin of each value.

Flag over environment over policy file over config.json over default. Flags come as the command line has
parsed them: None where a flag was not given, amounts in base units of the dollar.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from harness.halo.chains import TITLES
from harness.halo.chosen import Chosen, base_units, environment, number, switch
from harness.halo.config import Confidential, Consume, HaloConfig, Pricing
from harness.halo.home import Home
from harness.services.consumer.policy import Policy
from harness.services.consumer.policy_file import read_policy
from harness.services.consumer.settings import ConsumerSettings
from harness.services.operator.settings import OperatorSettings

CONFIG = "config.json"
DEFAULT = "default"
_OUTBOX = (
    "max_entries", "max_bytes", "concurrency", "request_timeout_ms", "retry_base_ms", "retry_cap_ms",
    "shutdown_drain_ms",
)  # fmt: skip

Flags = Mapping[str, Any]
Environ = Mapping[str, str]


def services(chosen: Chosen, config: HaloConfig, flags: Flags, environ: Environ) -> None:
    """Where relay, facilitator, indexer, chain, dollar and vault are: the same for both roles."""
    env = environ.get
    for name, variable, configured in (
        ("relay", "HALO_RELAY_URL", config.relay),
        ("facilitator", "HALO_FACILITATOR_URL", config.facilitator.url),
        ("indexer", "HALO_INDEXER_URL", config.indexer),
    ):
        chosen.take(
            name,
            ("flag", flags.get(name)),
            (variable, env(variable) or None),  # empty is unset, as in a crontab
            (CONFIG, configured),
        )
    chain = config.chain
    chosen.take(
        "rpc",
        ("flag", flags.get("rpc")),
        ("BASE_RPC_URL", env("BASE_RPC_URL") or None),
        (CONFIG, ",".join(chain.rpc_urls)),
        secret=True,  # nodes that are paid for have their key in the path
    )
    chosen.take("chain_id", (CONFIG, chain.chain_id))
    chosen.take("usdc", (CONFIG, chain.usdc.address))
    chosen.take("usdc_name", (CONFIG, chain.usdc.name))
    chosen.take("usdc_version", (CONFIG, chain.usdc.version))
    chosen.take("diamond", ("flag", flags.get("vault_address")), (CONFIG, config.vault_address))


def consumer_choices(
    config: HaloConfig, home: Home, flags: Flags, environ: Environ | None = None
) -> Chosen:
    """Every field of ConsumerSettings."""
    env = environment(environ)
    profile = config.consume or Consume()
    origin = CONFIG if config.consume else DEFAULT
    chosen = Chosen()
    policy = _policy(flags, config)
    rules = Policy() if policy is None else read_policy(policy)
    where = "policy file"
    services(chosen, config, flags, env)
    chosen.take("network_name", (CONFIG, TITLES.get(config.chain.name, config.chain.name)))
    chosen.take("host", ("flag", flags.get("host")), (DEFAULT, "127.0.0.1"))
    chosen.take("port", ("flag", flags.get("port")), (origin, profile.port))
    chosen.take("api_key", ("flag", flags.get("api_key")), (DEFAULT, None), secret=True)
    chosen.take(
        "max_usdc_base",
        ("flag", flags.get("max_usdc")),
        (where, rules.max_base),
        (origin, base_units(profile.max_usdc)),
    )
    chosen.take(
        "budget_base",
        ("flag", flags.get("budget_usdc")),
        (where, rules.budget_base),
        (DEFAULT, 0),
    )
    chosen.take("budget_warn", ("flag", flags.get("budget_warn_pct")), (DEFAULT, 0.8))
    chosen.take(
        "budget_token",
        ("flag", flags.get("budget_token")),
        # Whoever can read the policy could otherwise lift its limit through the endpoint.
        ("made for the policy file", secrets.token_urlsafe(24) if policy is not None else None),
        (DEFAULT, None),
        secret=True,
    )
    chosen.take("default_model", (origin, profile.default_model))
    chosen.take("allowed_models", (origin, tuple(profile.allowed_models or ())))
    chosen.take("rail", ("flag", flags.get("rail")), (origin, profile.rail))
    chosen.take("vault_deposit_base", ("flag", flags.get("vault_deposit")), (DEFAULT, 0))
    chosen.take("reserve_multiple", ("flag", flags.get("vault_reserve_multiple")), (DEFAULT, 5))
    chosen.take("session_key", ("flag", flags.get("session_key")), (DEFAULT, "wallet"))
    chosen.take(
        "e2e", ("flag", False if flags.get("no_e2e") else None), (origin, profile.e2e.require)
    )
    confidential: Confidential = config.confidential
    chosen.take("confidential", ("flag", flags.get("confidential") or None), (DEFAULT, False))
    chosen.take(
        "tee_base_url", ("flag", flags.get("tee_base_url")), (CONFIG, confidential.tee_base_url)
    )
    root = confidential.devnet_root
    chosen.take("tee_roots", (CONFIG if root else DEFAULT, (root.encode(),) if root else ()))
    chosen.take("tee_on_verify_failure", (CONFIG, confidential.on_verify_failure))
    chosen.take("allow_self", ("flag", flags.get("allow_self") or None), (DEFAULT, False))
    chosen.take("state", (DEFAULT, home.state("consume")))
    chosen.take("hosts", ("flag", flags.get("hosts") or None), (DEFAULT, ()))
    chosen.take("policy", (where if policy is not None else DEFAULT, policy))
    chosen.take("log_level", ("flag", flags.get("log_level")), (DEFAULT, "info"))
    return chosen


def consumer_settings(chosen: Chosen) -> ConsumerSettings:
    """ConfigError for what must not start, such as a public address without a secret."""
    settings = ConsumerSettings(**chosen.values_by_name())
    settings.check()
    return settings


def operator_choices(
    config: HaloConfig, home: Home, flags: Flags, environ: Environ | None = None
) -> Chosen:
    """Every field of OperatorSettings."""
    env = environment(environ)
    pricing = config.pricing or Pricing(mode="margin", margin_percent=Decimal(25))
    chosen = Chosen()
    services(chosen, config, flags, env)
    operator = config.operator
    chosen.take("label", (CONFIG, operator.label))
    chosen.take("data_retention", (CONFIG, operator.data_retention))
    chosen.take("max_concurrency", (CONFIG, operator.max_concurrency))
    chosen.take("pricing_mode", (CONFIG if config.pricing else DEFAULT, pricing.mode))
    chosen.take("margin_percent", (CONFIG, pricing.margin_percent), (DEFAULT, Decimal(25)))
    chosen.take("flat_usd_per_1k", (CONFIG, pricing.flat_usdc_per_1k_tokens))
    chosen.take("fallback_base", (CONFIG, pricing.fallback_per_request_usdc))
    for field, variable, default in (
        ("min_settlement_base", "HALO_MIN_SETTLEMENT_BASE", 1_000),
        ("credit_window_base", "HALO_VAULT_CREDIT_WINDOW_BASE", 100_000),
        ("max_reconnect_attempts", "HALO_MAX_RECONNECT_ATTEMPTS", 10),
    ):
        chosen.take(field, (variable, number(env, variable)), (DEFAULT, default))
    chosen.take("vault_payments", (CONFIG, config.vault_address is not None))
    chosen.take(
        "x402_v1",
        ("flag", flags.get("x402_v1") or None),
        ("HALO_X402_V1", switch(env, "HALO_X402_V1")),
        (DEFAULT, False),
    )
    chosen.take("state", (DEFAULT, home.state("serve")))
    for name in _OUTBOX:
        variable = f"HALO_EVENT_OUTBOX_{name.upper()}"
        limit = getattr(OperatorSettings, f"outbox_{name}")  # the field's default
        chosen.take(f"outbox_{name}", (variable, number(env, variable)), (DEFAULT, limit))
    debug = env.get("HALO_DEBUG_UPSTREAM_ERRORS")
    chosen.take(
        "debug_upstream_errors",
        ("HALO_DEBUG_UPSTREAM_ERRORS", None if debug is None else debug not in ("", "0")),
        (DEFAULT, False),
    )
    chosen.take("log_level", ("flag", flags.get("log_level")), (DEFAULT, "info"))
    return chosen


def operator_settings(chosen: Chosen) -> OperatorSettings:
    return OperatorSettings(**chosen.values_by_name())


def _policy(flags: Flags, config: HaloConfig) -> Path | None:
    named = flags.get("policy") or config.policy_file
    return Path(named).expanduser() if named else None
