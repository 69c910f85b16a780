"""`halo service`: keep consume or serve running always."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from harness.cli.halo import output, parameters
from harness.cli.halo.main import EXIT_CODES
from harness.cli.lazy import LazyGroup

LOG_LINES = 15

service = LazyGroup(
    name="service",
    help="Keep `halo consume` or `halo serve` running: systemd (user units) or launchd.",
    epilog=EXIT_CODES,
    context_settings=parameters.HELP,
    table={
        "install": (__name__, "install", "Install and start; arguments for the daemon after --"),
        "status": (__name__, "status", "Whether it runs; shows a process id."),
        "logs": (__name__, "logs", "Where its logs are, and their last lines."),
        "uninstall": (__name__, "uninstall", "Stop and remove."),
    },
)


def _command(function: Callable[..., Any]) -> click.Command:
    role = click.argument("role", type=click.Choice(["consume", "serve"]), default="consume")
    rest = click.argument("args", nargs=-1, type=click.UNPROCESSED)
    dry = click.option(
        "--dry-run", "--print", "dry_run", is_flag=True, help="Say it; change nothing."
    )
    made = click.command(epilog=EXIT_CODES, context_settings=parameters.HELP)
    return made(role(rest(dry(function))))


def _service(role: Any) -> Any:
    from harness.halo.home import Home
    from harness.halo.service import Service

    return Service(role, Home.find())


@_command
def install(role: str, args: tuple[str, ...], dry_run: bool) -> None:
    """Install ROLE (consume, serve) as a service of yours and start it.

    What follows -- goes to the daemon. A wallet's passphrase is read from HALO_PASSPHRASE once and kept in
    a private file, never in the unit.

    \b
    Example:
      halo service install consume -- --port 8799 --vault --vault-deposit 5 --budget-usdc 5
    """
    import os

    from harness.cli.halo.main import command
    from harness.halo.home import Home
    from harness.halo.passphrases import load_for_use
    from harness.halo.service import named_secrets, passphrase_for_service

    found = _service(role)
    daemon = command.get_command(click.Context(command), role)
    assert daemon is not None
    # A mistyped flag must fail here and not in a log, over and over.
    daemon.make_context(f"halo {role}", list(args), resilient_parsing=False).close()
    text = found.text(args)
    if dry_run:
        click.echo(f"# {found.path}\n{text}", nl=False)
        return
    config = load_for_use(Home.find())
    secrets = passphrase_for_service(config.operator.no_passphrase, os.environ)
    output.unattended(config.operator.no_passphrase)
    output.notes(found.install(args, {**secrets, **named_secrets(args, os.environ)}))
    click.echo(f"look: halo service status {role}")


@_command
def status(role: str, args: tuple[str, ...], dry_run: bool) -> int:
    """Show whether the service runs. Without a process id it is down or crash-looping (exit 1).

    Example: halo service status consume
    """
    found = _service(role)
    state = found.state()
    if state.pid is not None:
        click.echo(f"{found.name}: running, PID {state.pid}; {state.detail}")
        return 0
    click.echo(f"{found.name}: not running; {state.detail}; why: halo service logs {role}")
    return 1


@_command
def logs(role: str, args: tuple[str, ...], dry_run: bool) -> None:
    """Show where the daemon writes, and the last lines.

    Example: halo service logs consume
    """
    from harness.halo.daemons import tail
    from harness.halo.home import Home

    home = Home.find()
    for path in (home.log(role), home.errors(role)):  # type: ignore[arg-type]
        click.echo(f"{path}:")
        lines = tail(path, LOG_LINES)
        output.notes(lines or ["(nothing)"])


@_command
def uninstall(role: str, args: tuple[str, ...], dry_run: bool) -> None:
    """Stop the service and remove it; wallet, configuration and logs stay.

    Example: halo service uninstall consume
    """
    found = _service(role)
    if dry_run:
        there = found.path.exists()
        click.echo(f"would {'remove ' + str(found.path) if there else 'find nothing to remove'}")
    elif found.uninstall():
        click.echo(f"removed: {found.path}")
    else:
        click.echo(f"nothing to remove: {found.path} is not there")
