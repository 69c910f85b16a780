"""The `halo` command, the table of its subcommands, and its exit codes."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import click

from harness.cli.exits import run
from harness.cli.lazy import LazyGroup
from harness.errors import HarnessError, StateLocked

_HERE = "harness.cli.halo"
_SKILL = "/halo"  # agents relay what users type to them: `/halo setup`, `/halo start`

EXIT_CODES = """\
Exit codes: 0 done · 1 failed, the message says what to do · 2 wrong usage ·
75 another process holds the state · 78 configuration · 130 interrupted"""


def _version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if not wanted or ctx.resilient_parsing:
        return
    from compiler import __version__

    click.echo(f"halo {__version__}")
    ctx.exit()


command = LazyGroup(
    name="halo",
    help="Paid inference, in either role: serve models and earn USDC, or pay per request.\n\n"
    "Start with `halo doctor`, then `halo setup`.",
    epilog=EXIT_CODES,
    context_settings={"help_option_names": ["-h", "--help"]},
    params=[
        click.Option(
            ["--version"],
            is_flag=True,
            expose_value=False,
            is_eager=True,
            callback=_version,
            help="Show the version.",
        )
    ],
    aliases={"start": "serve", "run": "serve"},
    table={
        "doctor": (f"{_HERE}.doctor", "doctor", "Look at everything and say what to do next."),
        "setup": (f"{_HERE}.setup", "setup", "Make or keep the wallet; set provider and prices."),
        "serve": (f"{_HERE}.serve", "serve", "Sell inference: the operator (also start, run)."),
        "consume": (f"{_HERE}.consume", "consume", "Buy inference: a local OpenAI endpoint."),
        "service": (f"{_HERE}.service", "service", "Keep consume or serve running always."),
        "pay": (f"{_HERE}.pay", "pay", "One paid request, to test an installation."),
        "link": (f"{_HERE}.link", "link", "A pairing code for the dashboard."),
        "status": (f"{_HERE}.status", "status", "Wallet, provider, League standing."),
        "vault": (f"{_HERE}.vault", "vault", "The wallet's money in the vault."),
        "receipts": (f"{_HERE}.receipts", "receipts", "What this machine has paid."),
    },
)


def main(arguments: Sequence[str]) -> int:
    """Run; the exit code."""
    words = list(arguments)
    if words[:1] == [_SKILL]:
        del words[0]
    try:
        if os.environ.get("HALO_SERVICE") == "1" and (mistake := _service_secrets()):
            return mistake
        return run(command, words, name="halo", code_of=_code)
    except BrokenPipeError:  # the reader of a pipe has seen enough
        sys.stderr.close()
        return 1


def _code(error: HarnessError) -> int:
    """One of the documented codes: whether a node or a service was silent, `halo` has failed."""
    if isinstance(error, StateLocked):
        return error.exit_code
    return error.exit_code if error.exit_code in (2, 78) else 1


def _service_secrets() -> int:
    """An installed daemon reads its secrets from a private file; 78 when the file is not private."""
    from harness.errors import ConfigError
    from harness.halo.home import Home
    from harness.halo.units import load_secrets

    try:
        load_secrets(Home.find(), os.environ)
    except ConfigError as problem:
        click.echo(f"error: {problem}", err=True)
        return problem.exit_code
    return 0


def cli() -> None:
    """The console script."""
    sys.exit(main(sys.argv[1:]))
