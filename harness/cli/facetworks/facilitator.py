"""`facetworks facilitator`: the x402 facilitator on one chain."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from harness.cli.exits import EXIT_CODES


@click.command(
    epilog=EXIT_CODES,
    short_help="Verify and settle x402 payments over HTTP.",
)
@click.option(
    "--rpc",
    metavar="URL",
    help="The chain's JSON-RPC node; several in the order to ask them, commas between.",
)
@click.option("--chain-id", type=int, help="Refuse to start on another chain.")
@click.option("--listen", metavar="HOST:PORT", help="Where to serve (127.0.0.1:8788).")
@click.option(
    "--key-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The key that pays gas: 64 hex digits or a keystore, readable by its owner only.",
)
@click.option(
    "--password-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The keystore's password.",
)
@click.option(
    "--state",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where the journal is kept ($FACETWORKS_STATE, else ~/.facetworks).",
)
@click.option(
    "--diamond", metavar="ADDRESS", help="Also settle PaymentAuthorizations of this Diamond."
)
@click.option("--credits", metavar="ADDRESS", help="The Diamond's $LH token.")
@click.option(
    "--vault", metavar="ADDRESS", help="Also reserve and redeem on this vault (the Diamond's own)."
)
@click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="A TOML file with a [facilitator] table.",
)
@click.option("--print-config", is_flag=True, help="Show each setting and where it came from.")
def facilitator(config: Path | None, print_config: bool, **flags: Any) -> None:
    """Serve /verify, /settle, /supported, /vault, /settlements, /audit, /health and /metrics.

    Each setting can also come from FACETWORKS_FACILITATOR_<NAME> or from the file. The signing key
    pays gas and can move nobody's money; it comes from --key-file or FACETWORKS_FACILITATOR_KEY,
    never from the command line.

    Example: facetworks facilitator --rpc http://127.0.0.1:8545 --key-file gas.key
    """
    from harness import logs
    from harness.protocol.addresses import to_address
    from harness.services.facilitator.settings import FacilitatorSettings
    from harness.settings import load, show

    for name in ("diamond", "credits", "vault"):
        if flags[name] is not None:
            try:
                flags[name] = to_address(flags[name])
            except ValueError as bad:
                raise click.BadParameter(str(bad), param_hint=f"--{name}") from None
    settings, origins = load(FacilitatorSettings, name="facilitator", flags=flags, file=config)
    if print_config:
        click.echo("\n".join(show(settings, origins)))
        return
    from harness.services.facilitator.app import serve

    logs.configure(settings.log_level)
    serve(settings)
