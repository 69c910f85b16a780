"""`halo serve`: the operator process."""

from __future__ import annotations

from typing import Any

import click

from harness.cli.halo import output, parameters
from harness.cli.halo.main import EXIT_CODES


@click.command(epilog=EXIT_CODES, context_settings=parameters.HELP)
@click.option("--relay-url", "relay", metavar="URL", help="The relay.")
@click.option("--facilitator-url", "facilitator", metavar="URL", help="The facilitator.")
@click.option("--indexer-url", "indexer", metavar="URL", help="The indexer.")
@click.option(
    "--rpc-url",
    "rpc",
    metavar="URL",
    help="The chain's JSON-RPC node; several in the order to ask them, commas between.",
)
@click.option("--vault-address", type=parameters.ADDRESS, metavar="ADDRESS", help="The vault.")
@click.option("--x402-v1", is_flag=True, help="Also take payments of x402 version 1 (off).")
@click.option(
    "--log-level", type=click.Choice(["debug", "info", "warning", "error"]), help="(info)"
)
@click.option("--print-config", is_flag=True, help="Show each setting and where it came from.")
@parameters.json_option
def serve(print_config: bool, as_json: bool, **flags: Any) -> None:
    """Connect to the relay, announce the models, serve and be paid, until interrupted.

    Needs no open port and no money. Reconnects by itself; after 10 failures in a row it gives up
    (HALO_MAX_RECONNECT_ATTEMPTS, 0 never). To keep it running always: halo service install serve

    Example: halo serve
    """
    import json

    from harness.halo.home import Home
    from harness.halo.passphrases import load_for_use
    from harness.halo.settings import operator_choices, operator_settings

    home = Home.find()
    config = load_for_use(home)
    chosen = operator_choices(config, home, flags)
    settings = operator_settings(chosen)
    if print_config:
        click.echo(json.dumps(chosen.to_json()) if as_json else "\n".join(chosen.lines()))
        return
    from harness.cli.halo.terminal import prompt_if_terminal
    from harness.halo import console
    from harness.halo.daemons import running_as
    from harness.halo.passphrases import unlock
    from harness.halo.selling import providers
    from harness.inference.router import Router
    from harness.services.operator.app import serve as run

    with running_as(home, "serve"):
        wallet = unlock(config, home, prompt_if_terminal())
        output.unattended(wallet.unattended)
        tell = _terminal_only if settings.debug_upstream_errors else None
        console.configure(home.log("serve"), settings.log_level)
        sources = Router(providers(config, wallet.passphrase, tell))
        run(settings, wallet.signer, sources)


def _terminal_only(text: str) -> None:
    """What a failing upstream said, as one line, without what could move the cursor."""
    shown = "".join(c if c.isprintable() else " " for c in text)
    click.echo(f"  upstream: {shown}", err=True)
