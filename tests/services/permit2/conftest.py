"""A chain that has Permit2 and x402's spenders, at the addresses they have on every public chain.

Permit2 is the real one: its creation code, from npm, run by the deployer that everybody uses. The spenders are
this repository's own, written after their documents.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from compiler import compile_sources
from harness.chain.anvil import AnvilChain
from harness.chain.evm import Evm
from harness.chain.journal import MemoryJournal
from harness.chain.outbox import Outbox
from harness.diamond.tokens import FwUsd
from harness.protocol.addresses import address_bytes
from harness.protocol.permit2 import EXACT_SPENDER, PERMIT2, UPTO_SPENDER
from tests.services.conftest import WEI, Running, Wire

HERE = Path(__file__).parent
SPENDERS = {EXACT_SPENDER: "ExactSpender", UPTO_SPENDER: "UptoSpender"}
FACTORY = HERE.parents[2] / (
    "node_modules/@uniswap/uniswapx-sdk/dist/cjs/src/contracts/factories/Permit2__factory.js"
)
DEPLOYER = address_bytes("0x4e59b44847b379578588920cA78FbF26c0B4956C")  # salt, then creation code
DEPLOYER_CODE = bytes.fromhex(
    "7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0"
    "3601600081602082378035828234f58015156039578182fd5b8082525050506014600cf3"
)
SALT = 0xD3AF2663DA51C10215000000


def real_permit2() -> bytes:
    """Its code, which knows the address and the chain where it was made."""
    found = re.search(r'_bytecode = "0x([0-9a-f]+)"', FACTORY.read_text())
    assert found is not None
    evm = Evm()  # of the chain id that anvil has, too
    evm.set_code(DEPLOYER, DEPLOYER_CODE)
    made = evm.call(DEPLOYER, SALT.to_bytes(32, "big") + bytes.fromhex(found[1]))
    assert made.output == address_bytes(PERMIT2)  # of no other code
    return evm.code(address_bytes(PERMIT2))


@pytest.fixture(scope="session")
def codes() -> dict[str, bytes]:
    if not FACTORY.exists():
        pytest.skip("needs Permit2 from npm (run `npm ci`)")
    build = compile_sources({"spenders.sol": (HERE / "spenders.sol").read_text()})
    own = {address: build.contract(name).runtime for address, name in SPENDERS.items()}
    return {PERMIT2: real_permit2(), **own}


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
