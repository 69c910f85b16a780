"""`halo receipts`: what this machine has paid, from the sidecar's journal."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import click

from harness.cli.halo import output, parameters
from harness.cli.halo.main import EXIT_CODES
from harness.cli.lazy import LazyGroup

receipts = LazyGroup(
    name="receipts",
    help="What this machine has paid for.",
    epilog=EXIT_CODES,
    context_settings=parameters.HELP,
    table={
        "list": (__name__, "list_", "The newest payments."),
        "export": (__name__, "export", "All of them, as CSV or JSON."),
        "verify": (__name__, "verify", "Check the journal and every signature."),
    },
)

_SINCE = click.option(
    "--since", type=parameters.SECONDS, metavar="DURATION", help="Only the last 30s, 5m, 1h, 7d …"
)


def _history(since: int | None) -> list[Any]:
    from harness.halo.home import Home
    from harness.halo.journals import history
    from harness.halo.passphrases import load_for_use

    home = Home.find()
    return history(home, load_for_use(home), 0.0 if since is None else time.time() - since)


@click.command("list", epilog=EXIT_CODES, context_settings=parameters.HELP)
@_SINCE
@click.option(
    "--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="How many."
)
@parameters.json_option
def list_(since: int | None, limit: int, as_json: bool) -> None:
    """Show the newest payments, the newest last.

    Example: halo receipts list --since 1d
    """
    import json

    from harness.halo.journals import as_row
    from harness.protocol.amounts import DOLLARS

    rows = [as_row(paid) for paid in _history(since)[-limit:]]
    if as_json:
        click.echo(json.dumps(rows, indent=2))
        return
    for row in rows:
        charged = DOLLARS.show(int(row["chargedBase"]))
        click.echo(
            f"{row['at']}  {row['state']:<10} {row['rail']:<5} {charged:>14}  {row['operator']}  {row['model']}"
        )
    if not rows:
        click.echo("nothing was paid from this home yet")


@click.command(epilog=EXIT_CODES, context_settings=parameters.HELP)
@_SINCE
@click.option(
    "--format",
    "form",
    type=click.Choice(["csv", "json"]),
    default="csv",
    show_default=True,
    help="Form.",
)
@click.option(
    "-o",
    "--output",
    "target",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A file (0600).",
)
def export(since: int | None, form: str, target: Path | None) -> None:
    """Write all payments as CSV or JSON. Amounts are base units: 1000000 is one dollar.

    Example: halo receipts export --format csv -o halo.csv
    """
    from harness.halo.journals import export as render
    from harness.halo.private import write_atomically

    text = render(_history(since), form)
    if target is None:
        click.echo(text, nl=False)
        return
    try:
        write_atomically(target, text)
    except OSError as problem:
        raise click.FileError(str(target), problem.strerror) from None


@click.command(epilog=EXIT_CODES, context_settings=parameters.HELP)
@click.option(
    "--session-key",
    type=click.Choice(["wallet", "browser"]),
    default="wallet",
    show_default=True,
    help="Who signed the receipts.",
)
@parameters.json_option
def verify(session_key: str, as_json: bool) -> int:
    """Recompute the chain of journal entries and recover who signed each vault receipt.

    Exits 1 when something does not hold.

    Example: halo receipts verify
    """
    import json

    from harness.halo.home import Home
    from harness.halo.journals import verify as check
    from harness.halo.passphrases import load_for_use

    home = Home.find()
    config = load_for_use(home)
    found = check(home, config, _key(home, config, session_key))
    if as_json:
        document = {
            "requests": found.requests,
            "receipts": found.receipts,
            "problems": list(found.problems),
        }
        click.echo(json.dumps(document))
    else:
        click.echo(f"{found.requests} payments and {found.receipts} vault receipts were looked at")
        output.warnings(found.problems)
    return 1 if found.problems else 0


def _key(home: Any, config: Any, kind: str) -> str:
    """The browser's key comes from a signature of the wallet, so the wallet must be opened for it."""
    if kind == "wallet":
        return str(config.operator.address)
    from harness.cli.halo.terminal import prompt_if_terminal
    from harness.halo.passphrases import unlock
    from harness.services.consumer.session_key import session_signer

    wallet = unlock(config, home, prompt_if_terminal())
    return str(session_signer(wallet.signer, kind).address)
