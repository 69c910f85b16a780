"""agent0-sdk, which knows nothing of us, registers an agent and reviews it on a deployed Diamond.

official SDK, own process --JSON-RPC--> anvil --> Diamond: identity, reputation, names, all at one address
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.chain.anvil import Anvil, anvil_available
from harness.chain.journal import MemoryJournal
from harness.chain.keys import LocalSigner
from harness.chain.outbox import Outbox
from harness.diamond.book import AddressBook
from harness.diamond.diamond import Diamond
from harness.diamond.economy import Options, deploy
from harness.protocol.addresses import ZERO_ADDRESS
from tests.harness.contracts import everything

WEI = 10**18
PRECISE = 9_977 * 10**16  # 99.77, as the SDK spells what is not whole
OWNER, CLIENT, WALLET = (
    LocalSigner.from_phrase(f"erc-8004: {n}") for n in ("owner", "client", "wallet")
)


@pytest.fixture(scope="module")
def anvil() -> Iterator[Anvil]:
    """A chain of its own: wallets sign deadlines by the clock on the wall, and nobody moves this one's."""
    if not anvil_available():
        pytest.skip("anvil is not installed")
    with Anvil() as process:
        yield process


@pytest.fixture(scope="module")
def diamond(anvil: Anvil, tmp_path_factory: pytest.TempPathFactory) -> Diamond:
    deployer = LocalSigner.from_phrase("erc-8004: deployer")
    for who in (deployer, OWNER, CLIENT):
        anvil.chain.set_balance(who.address, 1_000 * WEI)
    sender = Outbox(anvil.chain, deployer, MemoryJournal())
    book = AddressBook.of(anvil.chain, tmp_path_factory.mktemp("deployments"))
    return deploy(anvil.chain, sender, everything(), book, Options()).diamond


@pytest.fixture(scope="module")
def told(anvil: Anvil, diamond: Diamond) -> dict[str, Any]:
    """What the SDK saw in one run."""
    diamond.by(Outbox(anvil.chain, CLIENT, MemoryJournal())).registry.register(
        "somebody-with-a-name"
    )
    done = subprocess.run(
        [sys.executable, "-P", str(Path(__file__).with_name("agent0_client.py"))],
        env={
            **os.environ,
            "RPC_URL": anvil.url,
            "CHAIN_ID": "31337",
            "REGISTRY": diamond.address,
            "OWNER_KEY": "0x" + OWNER._secret.hex(),
            "CLIENT_KEY": "0x" + CLIENT._secret.hex(),
            "WALLET_KEY": "0x" + WALLET._secret.hex(),
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2_000:]
    return dict(json.loads(done.stdout.splitlines()[-1]))


def test_it_registers_an_agent(told: dict[str, Any], diamond: Diamond) -> None:
    assert told["agent"] == "31337:2"  # one counter for names and agents
    assert told["owner"] == told["first wallet"] == OWNER.address
    assert told["wallet"] == WALLET.address
    assert told["loaded"] == [
        "Weather agent", "Says what the weather is", "https://a.example/mcp", WALLET.address,
    ]  # fmt: skip
    assert told["metadata"] == "1.2" and told["renamed"] == "Storm agent"
    assert diamond.registry.name_of_id(2) == "id-2"
    assert diamond.names.token_uri(2).startswith("data:application/json;base64,")
    assert diamond.agents.get_metadata(2, "version") == b"1.2"


def test_it_gives_and_reads_feedback(told: dict[str, Any], diamond: Diamond) -> None:
    assert told["feedback"] == [87.0, ["starred", "day"], CLIENT.address]
    assert told["clients"] == [CLIENT.address]
    assert told["summary"] == [1, 87, 0]
    assert (told["sdk summary"]["count"], told["sdk summary"]["averageValue"]) == (1, 87)
    assert told["read back"] == [87.0, ["starred", "day"], False]
    assert told["mean"] == [2, 93, 0] and told["after revoking"] == [1, PRECISE, 18]
    assert "revert" in told["self feedback"].lower() or "0x" in told["self feedback"]
    rows = diamond.agent_reputation.read_all_feedback(2, include_revoked=True)
    assert [(row.value, row.decimals, row.tag1, row.revoked) for row in rows] == [
        (87, 0, "starred", True),
        (PRECISE, 18, "uptime", False),
    ]


def test_a_transfer_clears_the_wallet(told: dict[str, Any], diamond: Diamond) -> None:
    assert told["new owner"] == CLIENT.address == diamond.registry.owner_of_id(2)
    assert told["wallet after transfer"] is None
    assert diamond.agents.get_agent_wallet(2) == ZERO_ADDRESS


def test_it_registers_first_and_publishes_later(told: dict[str, Any], diamond: Diamond) -> None:
    assert told["without a file"] == [None, OWNER.address]
    assert told["unset"] is None
    assert diamond.names.token_uri(3) == ""
