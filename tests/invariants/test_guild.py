"""G-I1 to G-I7, INV-SOLV and INV-ISOL over random lives of guilds."""

from __future__ import annotations

from tests.invariants.guild_rules import GuildRules
from tests.invariants.machine import run


class GuildMachine(GuildRules):
    """Guilds alone, and new ones now and then."""

    may_found = True


def test_guilds() -> None:
    run(GuildMachine, examples=16, steps=50)
