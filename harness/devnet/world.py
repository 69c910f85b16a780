"""Contracts, tokens and accounts of a devnet: made once, then kept as the genesis of every later one."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.chain.embedded import EmbeddedChain
from harness.chain.genesis import export_state, import_state
from harness.chain.interface import DevChain
from harness.chain.journal import MemoryJournal
from harness.chain.keys import LocalSigner
from harness.chain.outbox import Outbox
from harness.diamond.artifacts import ContractArtifact
from harness.diamond.book import AddressBook
from harness.diamond.build import CACHE_VARIABLE, build_contracts
from harness.diamond.economy import Economy, Options, deploy
from harness.diamond.vault_admin import VaultTerms
from harness.protocol.addresses import Address
from harness.store.files import write_atomically

ROOT = Path(__file__).resolve().parents[2]
CHAIN_ID = 31_337
GAS_MONEY = 1_000 * 10**18  # wei
DOLLARS = 10_000 * 10**6  # base units of the dollar for those who pay

Say = Callable[[str], None]


def dev_key(name: str) -> LocalSigner:
    """The account of a role: the same on every devnet, public, and worth nothing elsewhere."""
    return LocalSigner.from_phrase(f"facetworks devnet: {name}")


@dataclass(frozen=True)
class World:
    """Where everything is."""

    diamond: Address
    dollar: Address
    credits: Address
    addresses: Mapping[str, Address]

    @classmethod
    def of(cls, addresses: Mapping[str, Address]) -> World:
        return cls(
            addresses["Diamond"], addresses["FwUSD"], addresses["FwCredits"], dict(addresses)
        )


def build(root: Path = ROOT) -> dict[str, ContractArtifact]:
    """The contracts, from the kept build when nothing changed."""
    os.environ.setdefault(CACHE_VARIABLE, str(root / ".cache" / "builds"))
    return build_contracts(root, "facetworks")


def deploy_world(chain: DevChain, artifacts: Mapping[str, ContractArtifact]) -> World:
    """Deploy to a chain we own, with the owner as issuer, and money for the owner to hand out."""
    owner = dev_key("owner")
    chain.set_balance(owner.address, GAS_MONEY * 1_000)
    outbox = Outbox(chain, owner, MemoryJournal())
    # A day is a long time to try withdrawing on a devnet.
    terms = VaultTerms(
        owner.address, owner.address, owner.address, redeem_grace=60, withdraw_timelock=60
    )
    options = Options(scheduler=dev_key("keeper").address, issuers=(owner.address,), vault=terms)
    with tempfile.TemporaryDirectory() as folder:
        book = AddressBook.of(chain, Path(folder))
        economy: Economy = deploy(chain, outbox, artifacts, book, options)
    return World.of(economy.addresses)


def genesis_chain(
    artifacts: Mapping[str, ContractArtifact], folder: Path, say: Say
) -> tuple[EmbeddedChain, World]:
    """An embedded chain on which everything is deployed. The first of a build takes seconds."""
    kept = folder / f"genesis-{_fingerprint(artifacts)}.json"
    chain = EmbeddedChain(chain_id=CHAIN_ID, start_time=int(time.time()), block_seconds=1)
    if kept.is_file():
        try:
            document = json.loads(kept.read_text("utf-8"))
            import_state(chain, document["state"])
        except (ValueError, KeyError):
            say(f"{kept.name} is damaged; deploying anew")
            chain = EmbeddedChain(chain_id=CHAIN_ID, start_time=int(time.time()), block_seconds=1)
        else:
            return chain, World.of(document["addresses"])
    say("deploying the contracts (once for each build)")
    source = EmbeddedChain(chain_id=CHAIN_ID, start_time=int(time.time()), block_seconds=1)
    world = deploy_world(source, artifacts)
    state = export_state(source, world.addresses.values())
    import_state(chain, state)
    folder.mkdir(parents=True, exist_ok=True)
    write_atomically(kept, json.dumps({"state": state, "addresses": dict(world.addresses)}), 0o644)
    return chain, world


def _fingerprint(artifacts: Mapping[str, ContractArtifact]) -> str:
    """Names a build, and the version of what `deploy_world` does with it."""
    digest = hashlib.sha256(b"devnet genesis 1")
    for name in sorted(artifacts):
        digest.update(name.encode() + artifacts[name].bytecode)
    return digest.hexdigest()[:16]
