"""Which Evm the state machines run on: revm when it is installed, else py-evm; same results, not the same time.

FACETWORKS_EVM=py-evm chooses; a failure found on one is worth repeating on the other.
"""

from __future__ import annotations

import os

from harness.chain.evm import Evm
from tests.contracts import economy
from tests.contracts.swift_evm import AVAILABLE, SwiftEvm

_swift = AVAILABLE and os.environ.get("FACETWORKS_EVM", "revm") == "revm"
EVM: type[Evm] = SwiftEvm if _swift else Evm


def shared() -> economy.Economy:
    """The process-wide economy on that Evm, back at its starting state."""
    return economy.shared(EVM)
