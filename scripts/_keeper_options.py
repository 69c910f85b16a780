"""The command line of `python -m scripts.keeper`."""

from __future__ import annotations

from typing import Any

import click

from harness.cli.facetworks.keeper import EXIT_CODES, keeper_options, tick_once


@click.command(epilog=EXIT_CODES, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--once", is_flag=True, required=True, help="Tick one time and leave.")
@keeper_options
@click.option("--idle-ok", is_flag=True, help="Exit 0 when nothing is due.")
def command(once: bool, **options: Any) -> int:
    """Fire what is due in a Diamond's schedule: safe every minute, and safe twice at once.

    Settings come from options, FACETWORKS_KEEPER_<NAME>, or the [keeper] table of --config.

    Example: python -m scripts.keeper --once --config keeper.toml
    """
    return tick_once(**options)
