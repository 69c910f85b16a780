"""`halo link`: a pairing code for the dashboard."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from harness.cli.halo import parameters
from harness.cli.halo.main import EXIT_CODES

if TYPE_CHECKING:
    from harness.clients.indexer import PairingCode


@click.command(epilog=EXIT_CODES, context_settings=parameters.HELP)
@click.option("--indexer-url", metavar="URL", envvar="HALO_INDEXER_URL", help="The indexer.")
@parameters.json_option
def link(indexer_url: str | None, as_json: bool) -> None:
    """Print a fresh 9-digit code; enter it in the dashboard within five minutes.

    Example: halo link
    """
    import json

    from harness.cli.halo.terminal import prompt_if_terminal
    from harness.halo.home import Home
    from harness.halo.pairing import pairing_code
    from harness.halo.passphrases import load_for_use, unlock

    home = Home.find()
    config = load_for_use(home)
    wallet = unlock(config, home, prompt_if_terminal())
    code = pairing_code(config, wallet.signer, indexer_url)
    if as_json:
        document = {
            "code": code.code,
            "expiresAt": code.expires_at,
            "address": wallet.signer.address,
        }
        click.echo(json.dumps(document))
    else:
        show(code)


def show(code: PairingCode) -> None:
    """The code, alone on its line so that it is easy to copy."""
    click.echo("pairing code (valid 5 minutes, once; enter it in the dashboard):")
    click.echo(code.code)
