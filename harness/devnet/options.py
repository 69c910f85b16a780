"""What a devnet is asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from harness.store.files import state_root

SLOW = "mock-slow?first_ms=200&per_tok_ms=40"  # what the mock does is part of its name
MODELS = ("gpt-4o-mini", "meta-llama/llama-3.1-8b-instruct", "mock-echo", "mock-fast", SLOW)
CONFIDENTIAL_MODELS = ("deepseek-ai/DeepSeek-V4-Flash",)


@dataclass(frozen=True)
class Ports:
    """One for each server, on loopback; 0 takes a free one."""

    chain: int = 8545
    enclave: int = 8783
    relay: int = 8787
    facilitator: int = 8788
    indexer: int = 8789
    sidecar: int = 8799

    @classmethod
    def free(cls) -> Ports:
        return cls(0, 0, 0, 0, 0, 0)


@dataclass(frozen=True)
class DevnetOptions:
    """Amounts in base units of the dollar, times in seconds. `rpc` joins a local node that is there."""

    ports: Ports = field(default_factory=Ports)
    state: Path = field(default_factory=lambda: state_root() / "devnet")
    persist: bool = False
    anvil: bool = False
    rpc: str | None = None
    block_seconds: float = 2.0
    rail: str = "vault"
    vault_deposit: int = 5_000_000
    budget: int = 0
    max_per_request: int = 100_000
    models: tuple[str, ...] = MODELS
    say: Callable[[str], None] = lambda line: None
