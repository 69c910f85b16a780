"""Lines for people: notes on standard output, warnings on standard error."""

from __future__ import annotations

from collections.abc import Iterable

import click


def notes(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(f"  {line}")


def warnings(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(f"⚠ {line}", err=True)


def unattended(wallet_is: bool) -> None:
    """The reminder that each start of a daemon gives."""
    if wallet_is:
        click.echo("⚠ unattended mode: the keystore has no passphrase", err=True)
