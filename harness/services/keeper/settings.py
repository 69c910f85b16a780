"""What a keeper can be told. Environment prefix FACETWORKS_KEEPER_, TOML table [keeper]."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from harness.protocol.addresses import Address, to_address
from harness.settings import Parse, level, listed, natural, positive, seconds, switch


def milliseconds(text: str) -> float:
    """Whole milliseconds -> seconds."""
    return positive(text) / 1000


@dataclass(frozen=True)
class KeeperSettings:
    """Amounts in wei of $LH, times in seconds. One of command, endpoint and runner is needed."""

    rpc: Annotated[str, Parse(secret=True)]
    diamond: Annotated[Address, Parse(to_address)]
    chain_id: Annotated[int | None, Parse(positive)] = None
    key_file: Annotated[Path | None, Parse(Path)] = None
    key: Annotated[str | None, Parse(secret=True)] = None
    password_file: Annotated[Path | None, Parse(Path)] = None
    state: Annotated[Path | None, Parse(Path)] = None
    db_url: Annotated[str | None, Parse(secret=True)] = None
    command: str | None = None
    endpoint: Annotated[str | None, Parse(secret=True)] = None
    endpoint_token_file: Annotated[Path | None, Parse(Path)] = None
    runner: str | None = None
    pass_environment: Annotated[tuple[str, ...], Parse(listed())] = ()
    run_timeout_s: Annotated[float, Parse(seconds)] = 30.0
    cost_per_fire_wei: Annotated[int, Parse(natural)] = 10**16
    global_tick_cap_wei: Annotated[
        int, Parse(natural, variable="SCHEDULER_GLOBAL_TICK_CAP_WEI")
    ] = 2 * 10**18
    per_owner_tick_cap_wei: Annotated[
        int, Parse(natural, variable="SCHEDULER_PER_OWNER_TICK_CAP_WEI")
    ] = 5 * 10**17
    max_jobs_per_tick: Annotated[int, Parse(positive, variable="SCHEDULER_MAX_JOBS_PER_TICK")] = 25
    tick_soft_budget_s: Annotated[
        float,
        Parse(seconds, variable="SCHEDULER_TICK_SOFT_BUDGET_MS", read_variable=milliseconds),
    ] = 20.0
    max_scanned_jobs: Annotated[int, Parse(positive)] = 1_000
    lease_ttl_s: Annotated[float, Parse(seconds)] = 90.0
    lease_on_chain: Annotated[bool, Parse(switch)] = False
    confirmations: Annotated[int, Parse(positive)] = 1
    receipt_s: Annotated[float, Parse(seconds)] = 30.0
    log_level: Annotated[str, Parse(level)] = "info"
