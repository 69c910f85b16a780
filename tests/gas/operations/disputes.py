"""Parties and staked verdicts."""

from __future__ import annotations

from tests.contracts.economy import ETHER, Economy
from tests.contracts.market.court import CHALLENGE_WINDOW, RESOLUTION_WINDOW, Court
from tests.contracts.market.squad import DAY, SHARES, Squad
from tests.contracts.signing import nonce
from tests.gas.measure import Call
from tests.gas.operations.catalogue import FOUR, of, operation


@operation("PartyFacet")
def form_party_of_3(economy: Economy) -> list[Call]:
    """One seat is the creator's."""
    squad = Squad(economy)
    return [of(squad.facet, squad.creator, "formParty", squad.seats, SHARES, DAY) for _ in FOUR]


@operation("PartyFacet")
def form_party_of_16(economy: Economy) -> list[Call]:
    squad = Squad(economy)
    seats = [economy.register("erin", f"seat-{n}") for n in range(16)]
    shares = [625] * 16
    return [of(squad.facet, squad.creator, "formParty", seats, shares, DAY) for _ in FOUR]


@operation("PartyFacet")
def join_party(economy: Economy) -> list[Call]:
    """The last of three seats, which makes the party active."""
    squad = Squad(economy)
    ids = [squad.form() for _ in FOUR]
    for id_ in ids:
        squad.join(id_, squad.bob)
    return [of(squad.facet, squad.carol, "joinParty", id_) for id_ in ids]


@operation("PartyFacet")
def fund_party(economy: Economy) -> list[Call]:
    """The first payment into each."""
    squad = Squad(economy)
    ids = [squad.form() for _ in FOUR]
    return [of(squad.facet, squad.funder, "fundParty", id_, ETHER) for id_ in ids]


@operation("PartyFacet")
def complete_party_of_3(economy: Economy) -> list[Call]:
    squad = Squad(economy)
    ids = [squad.active(fund=ETHER) for _ in FOUR]
    return [of(squad.facet, squad.creator, "completeParty", id_) for id_ in ids]


@operation("PartyFacet")
def disband_party(economy: Economy) -> list[Call]:
    """One funder."""
    squad = Squad(economy)
    ids = [squad.active(fund=ETHER) for _ in FOUR]
    return [of(squad.facet, squad.creator, "disbandParty", id_) for id_ in ids]


@operation("ValidationFacet")
def stake_validation(economy: Economy) -> list[Call]:
    court = Court(economy)
    works = [nonce(n + 1) for n in FOUR]
    arguments = [(work, court.subject, True, ETHER) for work in works]
    return [of(court.facet, court.validator, "stakeValidation", *each) for each in arguments]


@operation("ValidationFacet")
def challenge_validation(economy: Economy) -> list[Call]:
    court = Court(economy)
    ids = [court.stake(work=nonce(n + 1)) for n in FOUR]
    return [of(court.facet, court.challenger, "challengeValidation", id_) for id_ in ids]


@operation("ValidationFacet")
def resolve_validation(economy: Economy) -> list[Call]:
    court = Court(economy)
    ids = [court.disputed(work=nonce(n + 2)) for n in FOUR]
    owner = economy.owner.address
    return [of(court.facet, owner, "resolveValidation", id_, True) for id_ in ids]


@operation("ValidationFacet")
def reclaim_stake(economy: Economy) -> list[Call]:
    court = Court(economy)
    ids = [court.stake(work=nonce(n + 1)) for n in FOUR]
    economy.later(CHALLENGE_WINDOW + 1)
    return [of(court.facet, court.stranger, "reclaimStake", id_) for id_ in ids]


@operation("ValidationFacet")
def reclaim_unresolved(economy: Economy) -> list[Call]:
    court = Court(economy)
    ids = [court.disputed(work=nonce(n + 1)) for n in FOUR]
    economy.later(RESOLUTION_WINDOW + 1)
    return [of(court.facet, court.stranger, "reclaimUnresolved", id_) for id_ in ids]
