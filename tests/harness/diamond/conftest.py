"""A deployed economy on the embedded chain, and people with money in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from harness.chain.embedded import EmbeddedChain
from harness.chain.interface import DevChain
from harness.chain.journal import MemoryJournal
from harness.chain.keys import LocalSigner
from harness.chain.outbox import Outbox
from harness.diamond.book import AddressBook
from harness.diamond.economy import Economy, Options, deploy
from harness.diamond.mint_gate import FiatTerms
from harness.diamond.tokens import FwCredits, FwUsd
from harness.diamond.vault_admin import VaultTerms
from tests.harness.contracts import everything

LH = 10**18
PURSE = 1_000 * LH
FIAT_ROLES = ("fiat issuer", "clawbacker")
VAULT_ROLES = ("guardian", "fee admin", "fee recipient")


def member(chain: DevChain, name: str) -> Outbox:
    """Somebody with gas money."""
    key = LocalSigner.from_phrase(name)
    chain.set_balance(key.address, 100 * 10**18)
    return Outbox(chain, key, MemoryJournal())


def member_again(chain: DevChain, name: str) -> Outbox:
    """The same account with an empty memory."""
    return Outbox(chain, LocalSigner.from_phrase(name), MemoryJournal())


def owner_options(owner: Outbox) -> Options:
    return Options(
        scheduler=LocalSigner.from_phrase("scheduler").address,
        issuers=(owner.address,),
        builder="test",
        vault=VaultTerms(*(LocalSigner.from_phrase(who).address for who in VAULT_ROLES)),
        meter=LocalSigner.from_phrase("meter").address,
        fiat=FiatTerms(*(LocalSigner.from_phrase(who).address for who in FIAT_ROLES)),
    )


@pytest.fixture(scope="session")
def deployed(
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[EmbeddedChain, Economy, AddressBook, Outbox]:
    chain = EmbeddedChain()
    owner = member(chain, "owner")
    book = AddressBook.of(chain, tmp_path_factory.mktemp("deployments"))
    economy = deploy(chain, owner, everything(), book, owner_options(owner))
    return chain, economy, book, owner


@pytest.fixture
def economy(
    deployed: tuple[EmbeddedChain, Economy, AddressBook, Outbox],
) -> Iterator[Economy]:
    chain, found, _, _ = deployed
    mark = chain.snapshot()
    owner = member_again(chain, "owner")  # a journal belongs to one history of a chain
    yield Economy(
        found.diamond.by(owner),
        FwCredits(chain, found.credits.address, owner),
        FwUsd(chain, found.dollar.address, owner),
        found.addresses,
    )
    chain.revert(mark)


@pytest.fixture
def chain(economy: Economy) -> EmbeddedChain:
    found = economy.diamond.chain
    assert isinstance(found, EmbeddedChain)
    return found


@pytest.fixture
def book(deployed: tuple[EmbeddedChain, Economy, AddressBook, Outbox]) -> AddressBook:
    return deployed[2]


@pytest.fixture
def join(economy: Economy, chain: EmbeddedChain) -> Callable[[str], Outbox]:
    """A function that brings somebody in: gas, $LH, dollars, and an approval for the Diamond."""

    def bring(name: str) -> Outbox:
        someone = member(chain, name)
        economy.credits.mint(someone.address, PURSE)
        economy.dollar.mint(someone.address, 1_000 * 10**6)
        FwCredits(chain, economy.credits.address, someone).approve(
            economy.diamond.address, 2**256 - 1
        )
        return someone

    return bring


@pytest.fixture
def new_book(tmp_path: Path) -> Callable[[DevChain], AddressBook]:
    return lambda chain: AddressBook.of(chain, tmp_path / "deployments")
