"""The `facetworks` command and the table of its subcommands."""

from __future__ import annotations

from harness.cli.exits import EXIT_CODES, leave
from harness.cli.lazy import LazyGroup

_HERE = "harness.cli.facetworks"

command = LazyGroup(
    name="facetworks",
    help="Run and look after a Facetworks economy.",
    epilog=EXIT_CODES,
    context_settings={"help_option_names": ["-h", "--help"]},
    table={
        "demo": (f"{_HERE}.demo", "demo", "A minute in the life of an economy, narrated."),
        "devnet": (f"{_HERE}.devnet", "devnet", "A whole market on this machine."),
        "diamond": (f"{_HERE}.diamond", "diamond", "Look at a Diamond, compare it, change it."),
        "facilitator": (
            f"{_HERE}.facilitator",
            "facilitator",
            "Verify and settle x402 payments over HTTP.",
        ),
        "indexer": (
            f"{_HERE}.indexer",
            "indexer",
            "Follow the vault, keep the League's points, pair wallets.",
        ),
        "keeper": (f"{_HERE}.keeper", "keeper", "Fire due jobs, once or continuously."),
        "policy": (f"{_HERE}.policy", "policy", "Read a file of spending rules and try it."),
        "relay": (f"{_HERE}.relay", "relay", "Route inference requests to operators."),
    },
)


def cli() -> None:
    """The console script."""
    leave(command, "facetworks")
