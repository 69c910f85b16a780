"""Exit codes and the one place where an error becomes a line on standard error."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

import click

from harness.errors import HarnessError

EXIT_CODES = """\
Exit codes: 0 done · 1 failed · 2 wrong usage · 4 the node does not answer ·
5 rejected by the chain · 8 verification failed · 75 busy, try again ·
78 configuration · 130 interrupted"""


def run(
    command: click.Command,
    arguments: Sequence[str] | None = None,
    name: str = "",
    code_of: Callable[[HarnessError], int] = lambda error: error.exit_code,
) -> int:
    """Run a click command; its exit code. A user's mistake is one line, never a traceback."""
    try:
        result = command.main(
            args=None if arguments is None else list(arguments),
            prog_name=name or None,
            standalone_mode=False,
        )
    except click.exceptions.Exit as leaving:
        return leaving.exit_code
    except click.exceptions.Abort:
        click.echo("interrupted", err=True)
        return 130
    except click.ClickException as mistake:
        mistake.show()
        return mistake.exit_code
    except HarnessError as error:
        click.echo(f"error: {error}", err=True)
        return code_of(error)
    except KeyboardInterrupt:
        click.echo("interrupted", err=True)
        return 130
    return result if isinstance(result, int) else 0


def leave(command: click.Command, name: str) -> None:
    """The body of a console script."""
    sys.exit(run(command, name=name))
