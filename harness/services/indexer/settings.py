"""What an indexer can be told. Environment prefix FACETWORKS_INDEXER_, TOML table [indexer]."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from harness.protocol.addresses import Address, to_address
from harness.settings import Parse, level, listed, natural, positive


@dataclass(frozen=True)
class IndexerSettings:
    """`diamond` is the vault, `usdc` its dollar; `season` is `quarter`; depths in blocks."""

    rpc: Annotated[str, Parse(secret=True)]
    diamond: Annotated[Address, Parse(to_address)]
    usdc: Annotated[Address, Parse(to_address)]
    chain_id: Annotated[int | None, Parse(positive)] = None
    listen: str = "127.0.0.1:8789"
    db_url: Annotated[str | None, Parse(secret=True)] = None
    state: Annotated[Path | None, Parse(Path)] = None
    start_block: Annotated[int, Parse(natural)] = 0
    reorg_depth: Annotated[int, Parse(positive)] = 12
    confirmations: Annotated[int, Parse(positive)] = 2
    season: str = "quarter"
    link_secret: Annotated[str | None, Parse(secret=True)] = None
    cors: Annotated[tuple[str, ...], Parse(listed())] = ()
    hosts: Annotated[tuple[str, ...], Parse(listed())] = ()
    log_level: Annotated[str, Parse(level)] = "info"
