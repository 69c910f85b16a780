"""The deploy plan: complete, repeatable, resumable, and unwilling to build on what it does not know."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from harness.chain.anvil import Anvil, anvil_available
from harness.chain.embedded import EmbeddedChain
from harness.chain.errors import ContractError
from harness.chain.interface import DevChain
from harness.chain.json_rpc import HttpTransport
from harness.chain.keys import LocalSigner
from harness.chain.node import NodeChain
from harness.chain.outbox import Outbox
from harness.chain.records import Call, Receipt
from harness.diamond.book import AddressBook
from harness.diamond.diamond import Diamond
from harness.diamond.economy import CANONICAL_REGISTRY, FACETS, Economy, Options, deploy
from harness.diamond.upgrade import (
    apply_upgrade,
    loupe_lines,
    plan_upgrade,
    routes_of,
    stand_in,
    verify,
)
from harness.errors import ConfigError, PlanRefused
from harness.store.database import Database
from harness.store.journal import SqlJournal
from tests.harness.contracts import everything
from tests.rotation import todays

from .conftest import VAULT_ROLES, member, member_again, owner_options

NewBook = Callable[[DevChain], AddressBook]


class Steps:
    """Remembers what a plan reported."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, str]] = []

    def __call__(self, kind: str, name: str, detail: str) -> None:
        self.seen.append((kind, name))

    def kinds(self) -> set[str]:
        return {kind for kind, _ in self.seen}


def test_everything_is_deployed_routed_and_set(economy: Economy, book: AddressBook) -> None:
    diamond = economy.diamond
    assert verify(diamond, everything(), book) == []
    assert diamond.ownership.owner() == economy.credits.sender
    assert diamond.credits.credits_token() == economy.credits.address
    assert diamond.tba.tba_registry() == CANONICAL_REGISTRY
    assert diamond.x402.is_pay_token(economy.dollar.address)
    roles = [LocalSigner.from_phrase(who).address for who in VAULT_ROLES]
    vault = diamond.vault_admin
    assert vault.vault_token() == economy.dollar.address
    assert [vault.vault_guardian(), vault.fee_admin(), vault.fee_recipient()] == roles
    assert economy.credits.has_role(economy.credits.issuer_role(), diamond.address)
    assert diamond.loupe.supports_interface(bytes.fromhex("48e2b093"))
    assert set(FACETS) < set(book.names())
    record = book.find("Diamond")
    assert record is not None and record.address == diamond.address
    assert record.transaction.startswith("0x") and record.block > 0
    assert len(record.code_hash) == 66 and len(record.arguments) == 3


def test_twice_changes_nothing(economy: Economy, book: AddressBook) -> None:
    owner = member_again(economy.diamond.chain, "owner")
    before = {path: path.read_text() for path in book.folder.rglob("*.json")}
    steps = Steps()
    nonce = economy.diamond.chain.nonce(owner.address)
    again = deploy(economy.diamond.chain, owner, everything(), book, owner_options(owner), steps)
    assert again.addresses == economy.addresses
    assert steps.kinds() == {"kept", "found"}
    assert economy.diamond.chain.nonce(owner.address) == nonce
    assert {path: path.read_text() for path in book.folder.rglob("*.json")} == before


class Interrupted(Exception):
    pass


class Failing:
    """A sender that stops after some transactions, as a lost connection does."""

    def __init__(self, inner: Outbox, allowed: int) -> None:
        self._inner = inner
        self._left = allowed

    @property
    def address(self) -> str:
        return self._inner.address

    def execute(self, call: Call, *, key: str | None = None) -> Receipt:
        if self._left == 0:
            raise Interrupted
        self._left -= 1
        return self._inner.execute(call, key=key)


@pytest.mark.parametrize("allowed", todays([0, 1, 7, 19, 20, 22, 25], 3))
def test_an_interrupted_plan_goes_on_where_it_stopped(
    new_book: NewBook, economy: Economy, allowed: int
) -> None:
    uninterrupted = economy.diamond.chain.nonce(economy.credits.sender)
    chain = EmbeddedChain()
    owner = member(chain, "owner")
    book = new_book(chain)
    with pytest.raises(Interrupted):
        deploy(chain, Failing(owner, allowed), everything(), book, owner_options(owner))
    economy = deploy(chain, owner, everything(), book, owner_options(owner))
    assert chain.nonce(owner.address) == uninterrupted
    assert economy.diamond.schedule.is_scheduler(owner_options(owner).scheduler or "")


class LosingAnswers(Failing):
    """A sender whose last transaction is mined, but whose caller never hears of it."""

    def execute(self, call: Call, *, key: str | None = None) -> Receipt:
        receipt = super().execute(call, key=key)
        if self._left == 0:
            raise Interrupted
        return receipt


@pytest.mark.skipif(not anvil_available(), reason="anvil is not installed")
def test_on_a_chain_of_others_nothing_is_placed_and_nothing_made_twice(tmp_path: Path) -> None:
    """A node that is not ours: our own account registry, a journal on disk, no scheduler by default."""
    with Anvil() as process:
        owner = LocalSigner.from_phrase("owner of a live deployment")
        process.chain.set_balance(owner.address, 10**21)
        chain = NodeChain(HttpTransport(process.url))
        assert not isinstance(chain, DevChain)
        book = AddressBook.of(chain, tmp_path)

        def sender() -> Outbox:
            return Outbox(chain, owner, SqlJournal(Database.open(tmp_path / "state" / "j.db")))

        for allowed in (1, 3, 4):  # each life gets a little further and loses its last answer
            with pytest.raises(Interrupted):
                deploy(chain, LosingAnswers(sender(), allowed), everything(), book)
        steps = Steps()
        economy = deploy(chain, sender(), everything(), book, report=steps)
        assert verify(economy.diamond, everything(), book) == []
        assert economy.addresses["ERC6551Registry"] != CANONICAL_REGISTRY
        assert ("skipped", "scheduler") in steps.seen
        contracts = len(book.names())
        settings = sum(kind in ("set", "cut") for kind, _ in steps.seen)
        assert chain.nonce(owner.address) == contracts + settings


def test_other_code_than_built_is_not_built_upon(
    economy: Economy, chain: EmbeddedChain, book: AddressBook
) -> None:
    owner = member_again(chain, "owner")
    chain.set_code(book.address("BountyFacet"), bytes.fromhex("6000"))
    assert verify(economy.diamond, everything(), book) == [
        f"BountyFacet: other code at {book.address('BountyFacet')} than this build makes"
    ]
    with pytest.raises(PlanRefused, match="BountyFacet") as caught:
        deploy(chain, owner, everything(), book, owner_options(owner))
    assert caught.value.exit_code == 8


def test_a_setting_made_otherwise_stops_the_plan(economy: Economy, book: AddressBook) -> None:
    stranger = member(economy.diamond.chain, "stranger")  # type: ignore[arg-type]
    with pytest.raises(PlanRefused, match="belongs to"):
        deploy(economy.diamond.chain, stranger, everything(), book, Options())


def test_a_vault_on_other_terms_stops_the_plan(economy: Economy, book: AddressBook) -> None:
    owner = member_again(economy.diamond.chain, "owner")  # type: ignore[arg-type]
    options = owner_options(owner)
    assert options.vault is not None
    other = replace(options, vault=replace(options.vault, guardian=owner.address))
    with pytest.raises(PlanRefused, match="vault"):
        deploy(economy.diamond.chain, owner, everything(), book, other)
    steps = Steps()
    deploy(economy.diamond.chain, owner, everything(), book, options, steps)
    assert ("kept", "vault") in steps.seen


def test_without_a_guardian_there_is_no_vault(tmp_path: Path) -> None:
    chain = EmbeddedChain()
    owner, steps = member(chain, "owner"), Steps()
    options = replace(owner_options(owner), vault=None)
    economy = deploy(chain, owner, everything(), AddressBook.of(chain, tmp_path), options, steps)
    assert ("skipped", "vault") in steps.seen
    with pytest.raises(ContractError) as caught:
        economy.diamond.vault.deposit(1, owner.address)
    assert caught.value.name == "NotConfigured"


def test_a_chain_that_started_over_gets_a_new_book(tmp_path: Path) -> None:
    first = EmbeddedChain(start_time=1_700_000_000)
    owner = member(first, "owner")
    deploy(first, owner, everything(), AddressBook.of(first, tmp_path), owner_options(owner))
    second = EmbeddedChain()
    with pytest.raises(PlanRefused, match="started over"):
        deploy(second, member(second, "owner"), everything(), AddressBook.of(second, tmp_path))
    book, archived = AddressBook.of_dev_chain(second, tmp_path)
    assert archived == tmp_path / "31337.old-1" and (archived / "Diamond.json").exists()
    assert book.names() == []
    assert AddressBook.of_dev_chain(first, tmp_path)[1] is None


def test_a_book_of_another_chain_is_refused(tmp_path: Path) -> None:
    chain = EmbeddedChain()
    book = AddressBook.of(chain, tmp_path)
    owner = member(chain, "owner")
    deploy(chain, owner, everything(), book, owner_options(owner))
    path = book.folder / "chain.json"
    path.write_text(path.read_text().replace(chain.block(0).hash.hex(), "ab" * 32))
    with pytest.raises(ConfigError, match="another chain"):
        AddressBook.of(chain, tmp_path)
    with pytest.raises(ConfigError, match="deploy first"):
        AddressBook(tmp_path, 1).address("Diamond")


@pytest.fixture
def fast_chain() -> Iterator[DevChain]:
    """anvil where it is installed: a whole loupe takes a second in Python."""
    if not anvil_available():
        yield EmbeddedChain()
        return
    with Anvil() as process:
        yield process.chain


def test_an_upgrade_changes_what_differs_and_nothing_else(
    fast_chain: DevChain, new_book: NewBook
) -> None:
    owner = member(fast_chain, "owner")
    book = new_book(fast_chain)
    economy = deploy(fast_chain, owner, everything(), book, owner_options(owner))
    assert not plan_upgrade(economy.diamond, everything(), book)

    smaller = _without(everything(), "BountyFacet", "rejections")
    plan = plan_upgrade(economy.diamond, smaller, book)
    assert plan.fresh == ()
    assert len(plan.cut.lines()) == 1 and plan.cut.lines()[0].startswith("remove")
    apply_upgrade(economy.diamond, owner, smaller, book)
    with pytest.raises(ContractError) as caught:
        economy.diamond.bounties.rejections(owner.address)
    assert caught.value.name == "FunctionNotFound"
    assert not plan_upgrade(economy.diamond, smaller, book)

    changed = _with_other_code(everything(), "ReputationFacet")
    plan = plan_upgrade(economy.diamond, changed, book)
    assert plan.fresh == ("ReputationFacet",)
    assert plan.addresses["ReputationFacet"] == stand_in("ReputationFacet")
    old = book.address("ReputationFacet")
    steps = Steps()
    receipt = apply_upgrade(economy.diamond, owner, changed, book, report=steps)
    assert receipt is not None and steps.seen[0] == ("deployed", "ReputationFacet")
    new = book.address("ReputationFacet")
    assert new != old and new in routes_of(economy.diamond).values()
    assert old not in routes_of(economy.diamond).values()
    assert (book.folder / "replaced" / f"ReputationFacet.{old}.json").exists()
    assert (
        economy.diamond.bounties.rejections(owner.address) == 0
    )  # declared again, so routed again
    assert apply_upgrade(economy.diamond, owner, changed, book) is None


def test_a_cut_that_the_owner_may_not_make_is_found_out_before_it_is_sent(
    economy: Economy, chain: EmbeddedChain, new_book: NewBook
) -> None:
    stranger = member(chain, "stranger")
    book = new_book(chain)
    smaller = _without(everything(), "BountyFacet", "rejections")
    with pytest.raises(ContractError) as caught:
        apply_upgrade(economy.diamond, stranger, smaller, book)
    assert caught.value.name == "NotOwner"
    assert chain.nonce(stranger.address) == 0


def test_the_loupe_for_people(economy: Economy) -> None:
    lines = loupe_lines(economy.diamond, everything())
    assert any(line.endswith("  ScheduleFacet") for line in lines)
    assert "  0x1f931c1c  diamondCut((address,uint8,bytes4[])[],address,bytes)" in lines
    assert "unknown function" in loupe_lines(economy.diamond)[1]


def test_a_diamond_can_be_read_without_a_sender(economy: Economy) -> None:
    reader = Diamond(economy.diamond.chain, economy.diamond.address)
    assert reader.registry.next_id() == 1
    with pytest.raises(ConfigError, match="can only read"):
        reader.registry.register("nobody")


def _without(artifacts: dict, facet: str, function: str) -> dict:  # type: ignore[type-arg]
    """The same build, with one function of a facet not declared."""
    artifact = artifacts[facet]
    abi = [e for e in artifact.abi if e.get("name") != function or e["type"] != "function"]
    return {**artifacts, facet: replace(artifact, abi=abi)}


def _with_other_code(artifacts: dict, facet: str) -> dict:  # type: ignore[type-arg]
    """The same build, with unreachable bytes behind a facet's code, as another compiler might make."""
    artifact = artifacts[facet]
    runtime = artifact.runtime + b"\xfe"
    prefix = bytes.fromhex(f"61{len(runtime):04x}80600a3d393df3")
    return {**artifacts, facet: replace(artifact, bytecode=prefix + runtime, runtime=runtime)}
