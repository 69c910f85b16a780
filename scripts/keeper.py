"""The keeper: `python -m scripts.keeper --once` from cron, `ape run keeper` on ape's network.

Started as a module it never imports ape, whose import alone takes longer than a tick.
"""

from __future__ import annotations

if __name__ == "__main__":
    from harness.cli.exits import leave
    from scripts._keeper_options import command

    leave(command, "python -m scripts.keeper")
else:
    from scripts._ape_keeper import cli

    __all__ = ["cli"]
