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
@click.option(
    "--act",
    type=click.Choice(["economy", "market", "both"]),
    default="both",
    show_default=True,
    help="The contracts at work, inference sold and bought, or one after the other.",
)
def demo(pace: float | None, act: str) -> int:
    """Compile, deploy and use a whole economy, then a market, on a chain in this process. Changes nothing else.

    Exit code 8 when the books do not balance at the end.

    Example: facetworks demo --act market --pace 0
    """
    from harness.demo.stage import Stage
    from harness.logs import configure

    stage, status = Stage(pace), 0
    if act != "market":
        from harness.demo.story import perform

        status = perform(stage)
    if act != "economy":
        from harness.demo.market import perform_market

        configure("critical")
        status = perform_market(stage) or status
    return status
