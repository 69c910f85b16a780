"""A guild is a member of another guild and votes in it, through the account that its identity has.

Run it from the root of the repository: `.venv/bin/python -m examples.guild_in_guild`
"""

from __future__ import annotations

import sys

from examples.stage import DAY, LH, Artifacts, Balances, Stage, table
from harness.demo.cast import Member
from harness.diamond.accounts import TokenBoundAccount
from harness.diamond.client import ContractClient

CALL = 0


def play(artifacts: Artifacts | None = None) -> list[tuple[str, Balances]]:
    """The collective pays a painter because the studio, a guild itself, votes for it."""
    stage = Stage(artifacts)
    diamond = stage.diamond
    ada, bo, painter = stage.enter("ada", 100 * LH), stage.enter("bo", 40 * LH), stage.enter("cy")
    collective = ada.at(diamond).guilds.create_guild("collective")
    studio = bo.at(diamond).guilds.create_guild("studio")
    ada.at(diamond).guilds.fund_guild(collective, 100 * LH)
    bo.at(diamond).guilds.fund_guild(studio, 40 * LH)

    # The studio speaks through its account, and bo, who holds its identity, tells the account what to say.
    account = TokenBoundAccount(stage.chain, diamond.tba.token_bound_account(studio), bo.outbox)
    bo.at(diamond).tba.create_token_bound_account(studio)
    ada.at(diamond).guilds.invite_to_guild(collective, account.address)
    say(account, diamond.guilds, "acceptGuildInvite", collective)
    assert diamond.guilds.is_guild_member(collective, account.address)

    def balances() -> Balances:
        return {
            "collective's treasury": diamond.guilds.treasury_balance_of(collective),
            "studio's treasury": diamond.guilds.treasury_balance_of(studio),
            "painter": stage.balance(painter),
        }

    moments = [("before", balances())]
    proposal = ada.at(diamond).voting.propose(collective, painter.address, 25 * LH, b"a mural", DAY)
    ada.at(diamond).voting.vote(proposal, True)
    say(account, diamond.voting, "vote", proposal, True)
    assert diamond.voting.has_voted(proposal, account.address)
    stage.chain.advance(DAY + 1)
    finish(painter, stage, proposal)
    return [*moments, ("after the vote", balances())]


def say(account: TokenBoundAccount, facet: ContractClient, function: str, *values: object) -> None:
    """Have the account call the Diamond."""
    data = facet.INTERFACE.function(function).encode(*values)
    account.execute(facet.address, 0, data, CALL)


def finish(anyone: Member, stage: Stage, proposal: int) -> None:
    anyone.at(stage.diamond).voting.execute(proposal)


def main() -> int:
    print("$LH")
    print(table(play()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
