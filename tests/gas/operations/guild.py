"""Guilds and their votes."""

from __future__ import annotations

from tests.contracts.economy import ETHER, Economy
from tests.contracts.guild.hall import Hall
from tests.contracts.market.calendar import HOUR
from tests.contracts.signing import Key
from tests.gas.measure import Call
from tests.gas.operations.catalogue import FOUR, of, operation


def _guests() -> list[bytes]:
    return [Key.named(f"guest {n}").address for n in FOUR]


@operation("GuildFacet")
def create_guild(economy: Economy) -> list[Call]:
    alice = economy.address("alice")
    return [of(economy.guild, alice, "createGuild", f"guild-{n}") for n in FOUR]


@operation("GuildFacet")
def invite(economy: Economy) -> list[Call]:
    hall = Hall(economy)
    return [of(hall.facet, hall.admin, "inviteToGuild", hall.id, who) for who in _guests()]


@operation("GuildFacet")
def invite_by_officer(economy: Economy) -> list[Call]:
    hall = Hall(economy)
    return [of(hall.facet, hall.officer, "inviteToGuild", hall.id, who) for who in _guests()]


@operation("GuildFacet")
def accept_invite(economy: Economy) -> list[Call]:
    hall = Hall(economy)
    for who in _guests():
        hall.send("inviteToGuild", hall.id, who, sender=hall.admin)
    return [of(hall.facet, who, "acceptGuildInvite", hall.id) for who in _guests()]


@operation("GuildFacet")
def fund_guild(economy: Economy) -> list[Call]:
    hall = Hall(economy)
    return [of(hall.facet, hall.stranger, "fundGuild", hall.id, ETHER) for _ in FOUR]


@operation("GuildFacet")
def spend_treasury(economy: Economy) -> list[Call]:
    hall = Hall(economy)
    hall.fund()
    arguments = (hall.id, hall.stranger, ETHER, b"rent for May")
    return [of(hall.facet, hall.admin, "spendTreasury", *arguments) for _ in FOUR]


@operation("VotingFacet")
def propose(economy: Economy) -> list[Call]:
    hall = Hall(economy)
    hall.fund()
    arguments = (hall.id, hall.stranger, ETHER, b"rent for May", 24 * HOUR)
    return [of(hall.voting, hall.member, "propose", *arguments) for _ in FOUR]


@operation("VotingFacet")
def vote(economy: Economy) -> list[Call]:
    hall = Hall(economy)
    hall.fund()
    ids = [hall.propose() for _ in FOUR]
    return [of(hall.voting, hall.admin, "vote", id_, True) for id_ in ids]


@operation("VotingFacet")
def execute(economy: Economy) -> list[Call]:
    """One passed proposal at a time, in four guilds; the payee has been paid before."""
    hall = Hall(economy)
    ids = []
    for n in FOUR:
        guild = hall.found(f"guild-{n}")
        hall.fund(guild=guild)
        ids.append(hall.propose(guild=guild, sender=hall.admin))
        hall.vote(ids[-1], hall.admin)
    economy.later(24 * HOUR + 1)
    return [of(hall.voting, hall.stranger, "execute", id_) for id_ in ids]
