"""A chain that has Permit2 and x402's spenders.

The contracts are this repository's own, written after their documents, at the addresses the real ones have.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from compiler import compile_sources
from harness.chain.anvil import AnvilChain
from harness.chain.journal import MemoryJournal
from harness.chain.outbox import Outbox
from harness.diamond.tokens import FwUsd
from harness.protocol.permit2 import EXACT_SPENDER, PERMIT2, UPTO_SPENDER
from tests.services.conftest import WEI, Running, Wire

SOURCE = Path(__file__).with_name("permit2.sol")
CONTRACTS = {PERMIT2: "Permit2", EXACT_SPENDER: "ExactSpender", UPTO_SPENDER: "UptoSpender"}


@pytest.fixture(scope="session")
def codes() -> dict[str, bytes]:
    build = compile_sources({"permit2.sol": SOURCE.read_text()})
    return {address: build.contract(name).runtime for address, name in CONTRACTS.items()}


@pytest.fixture
def permit2(chain: AnvilChain, codes: dict[str, bytes]) -> Iterator[None]:
    for address, code in codes.items():
        chain.set_code(address, code)
    yield
    for address in codes:
        chain.set_code(address, b"")


@pytest.fixture
def facilitator(permit2: None, start_facilitator: Callable[..., Running]) -> Running:
    return start_facilitator()


@pytest.fixture
def approved(wire: Wire, chain: AnvilChain, dollar: FwUsd) -> Wire:
    """The payer has approved Permit2, which costs gas, once."""
    chain.set_balance(wire.payer.address, WEI)
    outbox = Outbox(chain, wire.payer, MemoryJournal())
    FwUsd(chain, dollar.address, outbox).approve(PERMIT2, 2**256 - 1)
    return wire
