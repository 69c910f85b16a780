"""The economy on whatever network `ape test` was told to use, deployed by the plan that ships.

Run with `ape test tests/ape --network ethereum:local:test` (or `ethereum:local:foundry`, or a fork).
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
if str(ROOT) not in sys.path:
    sys.path.append(str(ROOT))  # ape runs tests from anywhere


@pytest.fixture(scope="session")
def member() -> Any:
    """A function: an ape account -> an outbox that signs with it."""
    import ape

    from harness.chain.journal import MemoryJournal
    from harness.chain.outbox import Outbox
    from scripts._ape_provider import ApeSigner, connected_chain

    def join(account: Any) -> Outbox:
        return Outbox(connected_chain(ape.chain.provider), ApeSigner(account), MemoryJournal())

    return join


@pytest.fixture(scope="session")
def artifacts() -> Any:
    from harness.diamond.build import build_contracts

    return build_contracts(ROOT)


@pytest.fixture(scope="module")
def options(accounts: Any) -> Any:
    """What the plan is run with; the last accounts have the roles."""
    from harness.diamond.economy import Options
    from harness.diamond.mint_gate import FiatTerms
    from harness.diamond.vault_admin import VaultTerms

    roles = [str(accounts[n].address) for n in (8, 7, 6)]
    return Options(
        scheduler=str(accounts[9].address),
        issuers=(str(accounts[0].address),),
        builder="facetworks",
        vault=VaultTerms(*roles),
        meter=str(accounts[5].address),
        fiat=FiatTerms(str(accounts[4].address), str(accounts[3].address)),
    )


@pytest.fixture(scope="module")
def economy(accounts: Any, member: Any, artifacts: Any, options: Any, tmp_path_factory: Any) -> Any:
    """Deployed once per module; ape takes every test back to this state."""
    from harness.diamond.book import AddressBook
    from harness.diamond.economy import deploy

    owner = member(accounts[0])
    book = AddressBook.of(owner.chain, tmp_path_factory.mktemp("deployments"))
    return deploy(owner.chain, owner, artifacts, book, options)


@pytest.fixture
def diamond(economy: Any, artifacts: Any) -> Any:
    """The Diamond as ape sees it: one contract with the ABI of every facet."""
    import ape

    from harness.diamond.economy import FACETS

    merged = {
        (entry["type"], entry["name"], str(entry["inputs"])): entry
        for name in (*FACETS, "Diamond")
        for entry in artifacts[name].abi
        if "name" in entry
    }
    return ape.Contract(economy.diamond.address, abi=list(merged.values()))


@pytest.fixture
def credits(economy: Any, artifacts: Any) -> Any:
    import ape

    return ape.Contract(economy.credits.address, abi=list(artifacts["FwCredits"].abi))
