"""`facetworks keeper`: fire due jobs, once (from cron) or every so often."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from harness.cli.lazy import LazyGroup

EXIT_CODES = """\
Exit codes of a tick:

\b
  0   every due job was fired and recorded
  10  nothing was due (0 with --idle-ok)
  11  some jobs failed, were lost, or wait to be recorded
  12  the keeper's key has no money for gas; nothing was started
  75  another tick is under way
  4   the node does not answer
  78  configuration, or the key is no scheduler of the Diamond"""

keeper = LazyGroup(
    name="keeper",
    help="Fire due jobs of a Diamond's schedule.",
    context_settings={"help_option_names": ["-h", "--help"]},
    table={
        "once": (__name__, "once", "One tick, for cron and timers."),
        "run": (__name__, "run", "A tick every so often, until stopped."),
    },
)

_OPTIONS = [
    click.option(
        "--rpc",
        metavar="URL",
        help="The chain's JSON-RPC node; several in the order to ask them, commas between.",
    ),
    click.option("--diamond", metavar="ADDRESS", help="Whose schedule to keep."),
    click.option(
        "--key-file",
        type=click.Path(path_type=Path, dir_okay=False),
        help="The scheduler's key, readable by its owner only.",
    ),
    click.option(
        "--state",
        type=click.Path(path_type=Path, file_okay=False),
        help="Where the journal is kept ($FACETWORKS_STATE, else ~/.facetworks).",
    ),
    click.option(
        "--command", metavar="COMMAND", help="Run this for each job; the task is on its stdin."
    ),
    click.option("--endpoint", metavar="URL", help="POST each job here instead."),
    click.option(
        "--config",
        type=click.Path(path_type=Path, dir_okay=False, exists=True),
        help="A TOML file with a [keeper] table.",
    ),
    click.option("--json", "as_json", is_flag=True, help="Print one JSON object per tick."),
]


def keeper_options(command: Any) -> Any:
    """The options that all forms of the keeper share."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@click.command(epilog=EXIT_CODES, context_settings={"help_option_names": ["-h", "--help"]})
@keeper_options
@click.option("--idle-ok", is_flag=True, help="Exit 0 when nothing is due.")
def once(idle_ok: bool, **options: Any) -> int:
    """One tick: safe to run every minute and twice at once.

    Each setting can also come from FACETWORKS_KEEPER_<NAME> or from the file. Prints nothing when
    nothing is due, so that cron has nothing to mail.

    Example: facetworks keeper once --config /etc/facetworks/keeper.toml
    """
    return tick_once(idle_ok, **options)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@keeper_options
@click.option("--interval", default="60s", show_default=True, help="Time between ticks.")
def run(interval: str, **options: Any) -> None:
    """A tick every INTERVAL until SIGTERM; the tick under way is finished first.

    Example: facetworks keeper run --interval 60s --config /etc/facetworks/keeper.toml
    """
    from harness.protocol.amounts import parse_seconds
    from harness.services.keeper.app import run_forever

    try:
        seconds = parse_seconds(interval)
    except ValueError as bad:
        raise click.BadParameter(str(bad), param_hint="--interval") from None
    if seconds == 0:
        raise click.BadParameter("must be more than zero", param_hint="--interval")
    as_json = options.pop("as_json")
    run_forever(load_settings(**options), seconds, lambda report: tell(report, as_json))


def tick_once(idle_ok: bool, as_json: bool, **options: Any) -> int:
    """Run one tick with these options and print it; the exit code."""
    from harness.services.keeper.app import run_once

    report = run_once(load_settings(**options))
    tell(report, as_json)
    return exit_code(report, idle_ok)


def exit_code(report: Any, idle_ok: bool) -> int:
    """The code of a tick's outcome."""
    from harness.services.keeper.tick import Outcome

    if idle_ok and report.outcome is Outcome.NOTHING_DUE:
        return 0
    return int(report.outcome.value)


def load_settings(config: Path | None, **flags: Any) -> Any:
    """The keeper's settings, with logging set up as they say."""
    from harness import logs
    from harness.protocol.addresses import to_address
    from harness.services.keeper.settings import KeeperSettings
    from harness.settings import load

    if flags.get("diamond") is not None:
        try:
            flags["diamond"] = to_address(flags["diamond"])
        except ValueError as bad:
            raise click.BadParameter(str(bad), param_hint="--diamond") from None
    settings, _ = load(KeeperSettings, name="keeper", flags=flags, file=config)
    logs.configure(settings.log_level)
    return settings


def tell(report: Any, as_json: bool) -> None:
    """One line for people unless there is nothing to say; always one object with --json."""
    from harness.services.keeper.tick import Outcome

    if as_json:
        click.echo(json.dumps(report.as_json()))
    elif report.outcome is Outcome.NO_FUNDS:
        click.echo("error: the keeper's key has no money for gas; nothing was started", err=True)
    elif report.outcome is not Outcome.NOTHING_DUE and report.outcome is not Outcome.BUSY:
        spilled = sum(report.spilled.values())
        click.echo(
            f"{report.fired} fired, {report.recovered} recovered, {report.failed} failed, "
            f"{report.lost} lost, {report.waiting} waiting, {report.closed} closed, "
            f"{spilled} left for later"
        )
