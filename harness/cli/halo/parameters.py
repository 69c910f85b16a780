"""Kinds of arguments that several commands of `halo` take."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import click

HELP = {"help_option_names": ["-h", "--help"]}


class _Read(click.ParamType):
    """A parameter read by a function that raises ValueError."""

    def __init__(self, name: str, read: Callable[[str], Any]) -> None:
        self.name = name
        self._read = read

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if not isinstance(value, str):
            return value
        try:
            return self._read(value)
        except ValueError as bad:
            self.fail(str(bad), param, ctx)


def _dollars(text: str) -> int:
    from harness.protocol.amounts import DOLLARS

    return DOLLARS.parse(text)


def _decimal(name: str, decimals: int) -> Callable[[str], Decimal]:
    def read(text: str) -> Decimal:
        from harness.protocol.amounts import Unit

        return Decimal(Unit(name, decimals).parse(text)).scaleb(-decimals)

    return read


def _share(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1
    if not 0 <= value <= 1:
        raise ValueError(f"not a number from 0 to 1: {text!r}")
    return value


def _list(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part for p in text.split(",") if (part := p.strip())))


def _some(text: str) -> tuple[str, ...]:
    found = _list(text)
    if not found:
        raise ValueError("name at least one")
    return found


def _allowlist(text: str) -> tuple[str, ...]:
    return tuple(part for part in _list(text) if part.lower() != "any")


def _address(text: str) -> str:
    from harness.protocol.addresses import to_address

    return to_address(text)


def _seconds(text: str) -> int:
    from harness.protocol.amounts import parse_seconds

    return parse_seconds(text)


USD = _Read("USD", _dollars)  # base units
PERCENT = _Read("percent", _decimal("percent", 4))
USD_PER_1K = _Read("USD per 1K", _decimal("USD", 12))
CENTS = _Read("cents", _decimal("cents", 4))
SHARE = _Read("0-1", _share)
MODELS = _Read("models", _some)
ALLOWLIST = _Read("models", _allowlist)
ADDRESS = _Read("address", _address)
SECONDS = _Read("duration", _seconds)
PORT = click.IntRange(1, 65_535)


def secret(_: click.Context, param: click.Parameter, value: str | None) -> str | None:
    """An option's callback: the secret itself, `env:NAME`, or `-` for a line of standard input.

    What is on the command line can be read by every program of the machine; where setproctitle is
    installed it is at least taken out of the list of processes.
    """
    if value is None:
        return None
    flag = param.opts[0]
    if value.startswith("env:"):
        found = os.environ.get(value[4:])
        if not found:
            raise click.BadParameter(f"the variable {value[4:]} is not set", param_hint=flag)
        return found
    if value == "-":
        line = sys.stdin.readline().rstrip("\r\n")
        if not line:
            raise click.BadParameter("standard input was empty", param_hint=flag)
        return line
    hide(value)
    click.echo(
        f"note: a secret on the command line can be read by other programs; "
        f"{flag} env:NAME and {flag} - keep it out of sight",
        err=True,
    )
    return value


def hide(value: str) -> None:
    """Take a secret out of this process's title, where that is possible."""
    try:
        import setproctitle
    except ImportError:
        return
    title: str = setproctitle.getproctitle()
    setproctitle.setproctitle(title.replace(value, "***"))


def json_option(command: Any) -> Any:
    """`--json`"""
    return click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")(command)


def dry_run_option(command: Any) -> Any:
    """`--dry-run`"""
    return click.option("--dry-run", is_flag=True, help="Say what would happen; change nothing.")(
        command
    )
