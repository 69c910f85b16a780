"""What a relay can be told. Environment prefix FACETWORKS_RELAY_, TOML table [relay]."""

from __future__ import annotations

import socket
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from harness.protocol.addresses import Address, to_address
from harness.protocol.frames import MAX_FRAME
from harness.services.relay.versions import Version, parse_version
from harness.settings import Parse, level, listed, positive, seconds

TEE_BASE = "https://cloud-api.near.ai/v1"


@dataclass(frozen=True)
class RelaySettings:
    """Times in seconds, sizes in bytes."""

    listen: str = "127.0.0.1:8787"
    hosts: Annotated[tuple[str, ...], Parse(listed())] = ()
    state: Annotated[Path | None, Parse(Path)] = None
    db_url: Annotated[str | None, Parse(secret=True)] = None
    bus_url: Annotated[str | None, Parse(secret=True)] = None
    node_id: str = field(default_factory=socket.gethostname)
    inference_timeout_s: Annotated[float, Parse(seconds)] = 120.0
    accept_timeout_s: Annotated[float, Parse(seconds)] = 5.0
    stream_idle_s: Annotated[float, Parse(seconds)] = 300.0
    client_stall_s: Annotated[float, Parse(seconds)] = 60.0
    receipt_timeout_s: Annotated[float, Parse(seconds)] = 10.0
    body_timeout_s: Annotated[float, Parse(seconds)] = 65.0
    operator_idle_s: Annotated[float, Parse(seconds)] = 20.0
    presence_ttl_s: Annotated[float, Parse(seconds)] = 15.0
    max_body: Annotated[int, Parse(positive)] = 16 * 1024 * 1024
    max_frame: Annotated[int, Parse(positive)] = MAX_FRAME
    max_inflight: Annotated[int, Parse(positive)] = 512
    max_operators: Annotated[int, Parse(positive)] = 10_000
    min_cli_version: Annotated[Version | None, Parse(parse_version)] = None
    allow_operators: Annotated[tuple[Address, ...], Parse(listed(to_address))] = ()
    deny_operators: Annotated[tuple[Address, ...], Parse(listed(to_address))] = ()
    tee_bases: Annotated[tuple[str, ...], Parse(listed())] = (TEE_BASE,)
    requests_per_minute: Annotated[int, Parse(positive)] = 1_200
    connects_per_minute: Annotated[int, Parse(positive)] = 600
    announces_per_minute: Annotated[int, Parse(positive)] = 20
    audit_days: Annotated[int, Parse(positive)] = 30
    log_level: Annotated[str, Parse(level)] = "info"
