"""`facetworks indexer`: the League and pairing, on one chain."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from harness.cli.exits import EXIT_CODES


@click.command(
    epilog=EXIT_CODES,
    short_help="Follow the vault, keep the League's points, pair wallets.",
)
@click.option(
    "--rpc",
    metavar="URL",
    help="The chain's JSON-RPC node; several in the order to ask them, commas between.",
)
@click.option("--chain-id", type=int, help="Refuse to start on another chain.")
@click.option("--diamond", metavar="ADDRESS", help="The Diamond whose vault is followed.")
@click.option("--usdc", metavar="ADDRESS", help="The dollar that is paid with.")
@click.option("--listen", metavar="HOST:PORT", help="Where to serve (127.0.0.1:8789).")
@click.option("--start-block", type=int, help="The block to read from: the Diamond's first.")
@click.option(
    "--state",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where the database is kept ($FACETWORKS_STATE, else ~/.facetworks).",
)
@click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="A TOML file with an [indexer] table.",
)
@click.option("--print-config", is_flag=True, help="Show each setting and where it came from.")
@click.option(
    "--rebuild", is_flag=True, help="Read the chain again from the first block, score, and end."
)
def indexer(config: Path | None, print_config: bool, rebuild: bool, **flags: Any) -> None:
    """Serve /v1/events, /heartbeat, /points, /leaderboard, /operators, /link, /health and /metrics.

    Each setting can also come from FACETWORKS_INDEXER_<NAME> or from the file. It holds no key and
    moves no money; an event earns points only for value that the chain shows.

    Example: facetworks indexer --rpc http://127.0.0.1:8545 --diamond 0x… --usdc 0x…
    """
    from harness import logs
    from harness.protocol.addresses import to_address
    from harness.services.indexer.settings import IndexerSettings
    from harness.settings import load, show

    for name in ("diamond", "usdc"):
        if flags[name] is not None:
            try:
                flags[name] = to_address(flags[name])
            except ValueError as bad:
                raise click.BadParameter(str(bad), param_hint=f"--{name}") from None
    settings, origins = load(IndexerSettings, name="indexer", flags=flags, file=config)
    if print_config:
        click.echo("\n".join(show(settings, origins)))
        return
    from harness.services.indexer import app

    logs.configure(settings.log_level)
    if rebuild:
        click.echo(f"{app.rebuild(settings)} events attached")
        return
    app.serve(settings)
