"""`facetworks demo`: the narrated demonstration."""

from __future__ import annotations

import click


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--pace",
    type=click.FloatRange(0, 30),
    default=None,
    help="Seconds of pause between chapters; without it, six on a terminal and none elsewhere.",
)
def demo(pace: float | None) -> int:
    """Compile, deploy and use a whole economy on a chain in this process. Changes nothing else.

    Exit code 8 when the books do not balance at the end.

    Example: facetworks demo --pace 0
    """
    from harness.demo.stage import Stage
    from harness.demo.story import perform

    return perform(Stage(pace))
