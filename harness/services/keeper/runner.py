"""What is done when a job fires: a runner gets the work and tells what it cost.

Runners are chosen by configuration. A runner of one's own is any object with `run`, named as
`package.module:factory`; the factory is called without arguments.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Protocol

from harness.errors import ConfigError
from harness.protocol.addresses import Address

OUTPUT_BYTES = 8 * 1024


@dataclass(frozen=True)
class Work:
    """One slot of one job. The task is untrusted text of the job's owner."""

    chain_id: int
    diamond: Address
    job: int
    slot: int
    target: int
    owner: Address
    task: bytes
    allowance_wei: int

    @property
    def key(self) -> str:
        """The same for the same slot, whoever runs it and however often."""
        return f"{self.chain_id}:{self.diamond}:{self.job}:{self.slot}"


@dataclass(frozen=True)
class Result:
    """How it went. `spent_wei` is None when the runner named no cost; `output` is cut to 8 KiB."""

    succeeded: bool
    detail: str
    spent_wei: int | None = None
    output: bytes = b""


class Runner(Protocol):
    """Does the work within a time limit. Must not raise for what the work does."""

    def run(self, work: Work, seconds: float) -> Result:
        """Do it once."""


def load_runner(name: str) -> Runner:
    """A runner from `package.module:factory`."""
    module, _, factory = name.partition(":")
    try:
        runner = getattr(importlib.import_module(module), factory)()
    except (ImportError, AttributeError, TypeError, ValueError) as reason:
        raise ConfigError(f"cannot load the runner {name!r}: {reason}") from None
    if not callable(getattr(runner, "run", None)):
        raise ConfigError(f"{name!r} made something that cannot run")
    return runner  # type: ignore[no-any-return]


def parse_spent(text: str) -> int | None:
    """A cost as runners tell it: decimal wei. Anything else counts as untold."""
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 38 else None
