"""`ape run deploy`: deploy and initialise everything on the chosen network; safe to run twice.

ape run deploy --network ethereum:local:foundry --account TEST::0
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import click
from ape.cli import ConnectedProviderCommand, account_option

from harness.chain.interface import DevChain
from harness.chain.journal import Journal, MemoryJournal
from harness.chain.node import NodeChain
from harness.chain.outbox import Outbox
from harness.diamond.book import FOLDER, AddressBook
from harness.diamond.build import build_contracts, builder_name
from harness.diamond.economy import Economy, Options, deploy
from harness.diamond.mint_gate import FiatTerms
from harness.diamond.upgrade import verify
from harness.diamond.vault_admin import VaultTerms
from harness.errors import HarnessError
from harness.protocol.addresses import to_address
from scripts._ape_provider import ApeSigner, connected_chain, ends_with_the_command

ROOT = Path(__file__).resolve().parents[1]


@click.command(cls=ConnectedProviderCommand)
@account_option()
@click.option(
    "--scheduler", metavar="ADDRESS", help="Who may fire jobs (the deployer, on local networks)."
)
@click.option("--builder", help="facetworks or solc ($FACETWORKS_BUILDER, else facetworks).")
@click.option(
    "--deployments",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where the address book is kept (deployments/).",
)
def cli(
    provider: Any,
    account: Any,
    scheduler: str | None,
    builder: str | None,
    deployments: Path | None,
) -> None:
    """Deploy and initialise the economy, verify what was found, print the address book.

    What is there and as built is kept; what differs stops the command. The book of a network that ends
    with this command is not kept unless --deployments names a place.
    """
    with tempfile.TemporaryDirectory() as passing:
        keep = deployments is not None or not ends_with_the_command(provider)
        root = (deployments or ROOT / FOLDER) if keep else Path(passing)
        try:
            run(connected_chain(provider), account, root, scheduler, builder)
        except HarnessError as error:
            raise click.ClickException(str(error)) from None


def run(
    chain: NodeChain, account: Any, root: Path, scheduler: str | None, builder: str | None
) -> Economy:
    """Deploy on a chain with an ape account; prints each step and the book."""
    ours = isinstance(chain, DevChain) or chain.chain_id == 1337
    if ours:
        book, archived = AddressBook.of_dev_chain(chain, root)
        if archived is not None:
            click.echo(f"the chain started over; its old book is {archived.name}")
    else:
        book = AddressBook.of(chain, root)
    sender = Outbox(chain, ApeSigner(account), _journal(chain, ours))
    sender.recover()
    wanted = to_address(scheduler) if scheduler else (sender.address if ours else None)
    artifacts = build_contracts(ROOT, builder)
    options = Options(
        scheduler=wanted,
        issuers=(sender.address,) if ours else (),
        builder=builder_name(builder),
        vault=VaultTerms(sender.address, sender.address, sender.address) if ours else None,
        meter=sender.address if ours else None,
        fiat=FiatTerms(sender.address, sender.address) if ours else None,
    )
    economy = deploy(chain, sender, artifacts, book, options, _say)
    findings = verify(economy.diamond, artifacts, book)
    if findings:
        raise HarnessError("deployed, but not as built:\n  " + "\n  ".join(findings))
    click.echo(f"\nchain {chain.chain_id}, verified:")
    for name, address in economy.addresses.items():
        click.echo(f"  {name:20} {address}")
    return economy


def _journal(chain: NodeChain, ours: bool) -> Journal:
    """Memory for a chain of our own; a file for any other, so that an interruption costs nothing."""
    if ours:
        return MemoryJournal()
    from harness.store.database import Database
    from harness.store.files import state_root
    from harness.store.journal import SqlJournal

    return SqlJournal(Database.open(state_root() / "deploy" / str(chain.chain_id) / "journal.db"))


def _say(kind: str, name: str, detail: str) -> None:
    click.echo(f"{kind:9} {name}  {detail}".rstrip())
