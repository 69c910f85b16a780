"""What a facilitator can be told. Environment prefix FACETWORKS_FACILITATOR_, TOML table [facilitator]."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated

from harness.protocol.addresses import Address, to_address
from harness.services.facilitator.versions import Version, parse_version
from harness.settings import Parse, level, listed, natural, positive, seconds


def dollars(text: str) -> Decimal:
    """Dollars per unit of the chain's own coin."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise ValueError(f"not an amount of dollars: {text!r}") from None
    if not 0 <= value < 10**9:
        raise ValueError(f"not an amount of dollars: {text!r}")
    return value


@dataclass(frozen=True)
class FacilitatorSettings:
    """Amounts in base units or wei, times in seconds."""

    rpc: Annotated[str, Parse(secret=True)]
    chain_id: Annotated[int | None, Parse(positive)] = None
    listen: str = "127.0.0.1:8788"
    hosts: Annotated[tuple[str, ...], Parse(listed())] = ()
    key_file: Annotated[Path | None, Parse(Path)] = None
    key: Annotated[str | None, Parse(secret=True)] = None
    more_key_files: Annotated[tuple[Path, ...], Parse(listed(Path))] = ()
    password_file: Annotated[Path | None, Parse(Path)] = None
    state: Annotated[Path | None, Parse(Path)] = None
    db_url: Annotated[str | None, Parse(secret=True)] = None
    diamond: Annotated[Address | None, Parse(to_address)] = None
    credits: Annotated[Address | None, Parse(to_address)] = None
    vault: Annotated[Address | None, Parse(to_address)] = None
    native_usd: Annotated[Decimal, Parse(dollars)] = Decimal(0)
    min_client_version: Annotated[Version | None, Parse(parse_version)] = None
    assets: Annotated[tuple[Address, ...], Parse(listed(to_address))] = ()
    min_settlement_base: Annotated[int, Parse(natural)] = 1_000
    min_float_wei: Annotated[int, Parse(natural)] = 0
    confirmations: Annotated[int, Parse(positive)] = 1
    receipt_s: Annotated[float, Parse(seconds)] = 25.0
    bump_after_s: Annotated[float, Parse(seconds)] = 30.0
    max_bumps: Annotated[int, Parse(natural)] = 5
    max_gas: Annotated[int, Parse(positive)] = 500_000
    workers: Annotated[int, Parse(positive)] = 8
    eip6492_factories: Annotated[tuple[Address, ...], Parse(listed(to_address))] = ()
    verifies_per_minute: Annotated[int, Parse(positive)] = 60
    settles_per_minute: Annotated[int, Parse(positive)] = 20
    reserves_per_minute: Annotated[int, Parse(positive)] = 6
    releases_per_minute: Annotated[int, Parse(positive)] = 3
    requests_per_minute: Annotated[int, Parse(positive)] = 1_200
    log_level: Annotated[str, Parse(level)] = "info"
