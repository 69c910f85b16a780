"""Exit codes and the one place where an error becomes a line on standard error."""

from __future__ import annotations

import errno
import json
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
    """Run a click command; its exit code. A user's mistake is one line, never a traceback.

    With `--json` it is a document on standard output as well: `{"error": {"message", "exitCode"}}`.
    """
    words = sys.argv[1:] if arguments is None else list(arguments)
    try:
        result = command.main(args=words, prog_name=name or None, standalone_mode=False)
    except click.exceptions.Exit as leaving:
        return leaving.exit_code
    except (click.exceptions.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        return 130
    except click.ClickException as mistake:
        mistake.show()
        return _told(words, mistake.format_message(), mistake.exit_code)
    except HarnessError as error:
        click.echo(f"error: {error}", err=True)
        return _told(words, str(error), code_of(error))
    except BrokenPipeError:
        raise
    except OSError as failure:
        if failure.filename is None and failure.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise  # of no file: our own mistake
        message = f"{failure.filename or 'cannot write'}: {failure.strerror}"
        click.echo(f"error: {message}", err=True)
        return _told([], message, 1)  # a full disk takes no document either
    return result if isinstance(result, int) else 0


def _told(words: Sequence[str], message: str, code: int) -> int:
    """The exit code, after telling a program that reads JSON what a person reads on standard error."""
    own = list(words)[: list(words).index("--")] if "--" in words else words
    if "--json" in own:
        click.echo(json.dumps({"error": {"message": message, "exitCode": code}}))
    return code


def leave(command: click.Command, name: str) -> None:
    """The body of a console script."""
    sys.exit(run(command, name=name))
