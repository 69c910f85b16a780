"""One set of tests for every chain: the in-process EVM and anvil behind the same fixture."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from harness.chain.abi import Interface
from harness.chain.anvil import Anvil, anvil_available
from harness.chain.embedded import EmbeddedChain
from harness.chain.interface import DevChain
from harness.chain.journal import MemoryJournal
from harness.chain.keys import LocalSigner
from harness.chain.outbox import Outbox, SendPolicy
from harness.chain.records import Call
from tests.oracle.solc import compile_sources

WEI = 10**18
SOURCE = Path(__file__).with_name("Sample.sol")


@cache
def sample() -> tuple[Interface, bytes]:
    """The interface and creation code of Sample."""
    output = compile_sources({"Sample.sol": SOURCE.read_text()})["Sample.sol:Sample"]
    return Interface.from_json(output["abi"]), bytes.fromhex(output["evm"]["bytecode"]["object"])


@pytest.fixture(scope="session")
def anvil() -> Iterator[Anvil]:
    if not anvil_available():
        pytest.skip("anvil is not installed")
    with Anvil() as process:
        yield process


@pytest.fixture(params=["embedded", "anvil"])
def chain(request: pytest.FixtureRequest) -> Iterator[DevChain]:
    if request.param == "embedded":
        yield EmbeddedChain()
        return
    found: DevChain = request.getfixturevalue("anvil").chain
    mark = found.snapshot()
    yield found
    found.set_automine(True)
    found.revert(mark)


@pytest.fixture
def signer(chain: DevChain) -> LocalSigner:
    key = LocalSigner.generate()
    chain.set_balance(key.address, 100 * WEI)
    return key


@pytest.fixture
def outbox(chain: DevChain, signer: LocalSigner) -> Outbox:
    return Outbox(chain, signer, MemoryJournal(), SendPolicy(receipt_seconds=10))


def deploy_sample(outbox: Outbox, start: int = 7) -> str:
    """Deploy Sample through an outbox; its address."""
    _, code = sample()
    receipt = outbox.execute(Call(None, code + start.to_bytes(32, "big")))
    assert receipt.created is not None
    return receipt.created
