"""Two proposals pass and ask together for more than the treasury has: the one whose vote ended first is paid.

Run it from the root of the repository: `.venv/bin/python -m examples.competing_proposals`
"""

from __future__ import annotations

import sys

from examples.stage import DAY, LH, Artifacts, Balances, Stage, table
from harness.chain.errors import ContractError
from harness.demo.cast import Member


def play(artifacts: Artifacts | None = None) -> tuple[list[tuple[str, Balances]], list[str]]:
    """Balances at four moments, and the names of the errors that the second proposal met on its way."""
    stage = Stage(artifacts)
    diamond = stage.diamond
    ada = stage.enter("ada", 150 * LH)
    builder, gardener = stage.enter("builder"), stage.enter("gardener")
    guild = ada.at(diamond).guilds.create_guild("commons")
    ada.at(diamond).guilds.fund_guild(guild, 100 * LH)

    def balances() -> Balances:
        return {
            "treasury": diamond.guilds.treasury_balance_of(guild),
            "builder": stage.balance(builder),
            "gardener": stage.balance(gardener),
            "ada": stage.balance(ada),
        }

    voting = ada.at(diamond).voting
    first = voting.propose(guild, builder.address, 80 * LH, b"a roof", DAY)
    second = voting.propose(guild, gardener.address, 60 * LH, b"an orchard", 2 * DAY)
    for proposal in (first, second):
        voting.vote(proposal, True)
    stage.chain.advance(2 * DAY + 1)

    moments, refused = [("both passed", balances())], []
    refused += attempt(gardener, stage, second)  # the treasury would not be enough for both
    attempt(builder, stage, first)
    moments.append(("first paid", balances()))
    refused += attempt(gardener, stage, second)
    moments.append(("second waits", balances()))
    ada.at(diamond).guilds.fund_guild(guild, 50 * LH)
    attempt(gardener, stage, second)
    return [*moments, ("funded again", balances())], refused


def attempt(who: Member, stage: Stage, proposal: int) -> list[str]:
    """Execute; the name of the error if it may not be yet."""
    try:
        who.at(stage.diamond).voting.execute(proposal)
    except ContractError as refusal:
        return [refusal.name]
    return []


def main() -> int:
    moments, refused = play()
    print("$LH")
    print(table(moments))
    print("on its way the second was refused with", " and then ".join(refused))
    return 0


if __name__ == "__main__":
    sys.exit(main())
