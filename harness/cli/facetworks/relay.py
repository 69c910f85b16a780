"""`facetworks relay`: takes requests to operators and their answers back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from harness.cli.exits import EXIT_CODES


@click.command(
    epilog=EXIT_CODES,
    short_help="Route inference requests to operators.",
)
@click.option("--listen", metavar="HOST:PORT", help="Where to serve (127.0.0.1:8787).")
@click.option("--node-id", metavar="NAME", help="This node's name (the host's).")
@click.option(
    "--state",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where the audit is kept ($FACETWORKS_STATE, else ~/.facetworks).",
)
@click.option("--max-inflight", type=click.IntRange(1), help="Requests at a time (512).")
@click.option("--min-cli-version", metavar="X.Y.Z", help="Refuse older operators and clients.")
@click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="A TOML file with a [relay] table.",
)
@click.option("--print-config", is_flag=True, help="Show each setting and where it came from.")
def relay(config: Path | None, print_config: bool, **flags: Any) -> None:
    """Serve /v1/chat/completions, /v1/models, /v1/operators and /v1/receipt; operators connect by WebSocket.

    Each setting can also come from FACETWORKS_RELAY_<NAME> or from the file. Several relays work as one
    when they share a NATS server (FACETWORKS_RELAY_BUS_URL) and a PostgreSQL database
    (FACETWORKS_RELAY_DB_URL). A relay holds no key, and keeps no prompt and no answer.

    Example: facetworks relay --listen 127.0.0.1:8787
    """
    from harness import logs
    from harness.services.relay.settings import RelaySettings
    from harness.services.relay.versions import parse_version
    from harness.settings import load, show

    if flags["min_cli_version"] is not None:
        try:
            flags["min_cli_version"] = parse_version(flags["min_cli_version"])
        except ValueError as bad:
            raise click.BadParameter(str(bad), param_hint="--min-cli-version") from None
    settings, origins = load(RelaySettings, name="relay", flags=flags, file=config)
    if print_config:
        click.echo("\n".join(show(settings, origins)))
        return
    from harness.services.relay.app import serve

    logs.configure(settings.log_level)
    serve(settings)
