"""`ape run keeper`: one tick on ape's network, signed by an ape account."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click
from ape.cli import ConnectedProviderCommand, account_option

from harness.cli.facetworks.keeper import EXIT_CODES, exit_code, load_settings, tell
from harness.diamond.book import FOLDER, AddressBook
from harness.errors import HarnessError
from harness.services.keeper.app import run_once
from scripts._ape_provider import ApeSigner, connected_chain

ROOT = Path(__file__).resolve().parents[1]


@click.command(cls=ConnectedProviderCommand, epilog=EXIT_CODES)
@account_option()
@click.option("--diamond", metavar="ADDRESS", help="Whose schedule to keep (the address book's).")
@click.option(
    "--command", metavar="COMMAND", help="Run this for each job; the task is on its stdin."
)
@click.option("--endpoint", metavar="URL", help="POST each job here instead.")
@click.option(
    "--state", type=click.Path(path_type=Path, file_okay=False), help="Journal directory."
)
@click.option("--config", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--idle-ok", is_flag=True, help="Exit 0 when nothing is due.")
def cli(
    provider: Any, account: Any, as_json: bool, idle_ok: bool, diamond: str | None, **options: Any
) -> None:
    """Fire what is due in a Diamond's schedule, one time."""
    chain = connected_chain(provider)
    try:
        where = diamond or AddressBook.of(chain, ROOT / FOLDER).address("Diamond")
        settings = load_settings(rpc="the network of ape", diamond=where, **options)
        report = run_once(settings, chain, ApeSigner(account))
    except HarnessError as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(error.exit_code)
    tell(report, as_json)
    sys.exit(exit_code(report, idle_ok))
