"""What each bucket must hold by the views of the domain it belongs to."""

from __future__ import annotations

from eth_utils.crypto import keccak

from tests.contracts.calls import Reverted
from tests.contracts.economy import (
    BOUNTY,
    GUILD,
    INVITE,
    METER,
    OWED,
    PARTY,
    SCHEDULE,
    VALIDATION,
    VAULT,
)
from tests.invariants.hostile.moves import Scene


def escrowed(scene: Scene) -> tuple[dict[int, int], dict[int, int]]:
    """By bucket, of the credits and of the dollar."""
    ask = scene.ask
    bounties = [ask("bounty", "getBounty", n) for n in _ids(scene, "bounty", "bountyCount")]
    jobs = [ask("schedule", "getJob", n) for n in _ids(scene, "schedule", "jobCount")]
    parties = [ask("party", "getParty", n) for n in _ids(scene, "party", "partyCount")]
    verdicts = [
        ask("validation", "getValidation", n) for n in _ids(scene, "validation", "validationCount")
    ]
    credits = {
        BOUNTY: sum(bounty[1] for bounty in bounties if bounty[3] < 3),
        SCHEDULE: sum(job[4] for job in jobs),
        PARTY: sum(party[3] for party in parties if party[2] < 2),
        VALIDATION: sum(v[4] * (v[7] + 1) for v in verdicts if v[7] < 2),
        INVITE: sum(_invites(scene)),
        METER: sum(ask("credit_meter", "creditOf", who) for who in scene.actors),
        GUILD: sum(ask("guild", "treasuryBalanceOf", id_) for id_ in scene.guilds),
        OWED: _owed(scene, 0),
    }
    dollars = {
        VAULT: sum(ask("vault", "balance", who) for who in scene.consumers),
        OWED: _owed(scene, 1),
    }
    return credits, dollars


def holders(scene: Scene) -> list[bytes]:
    """Everybody who can be owed something."""
    economy = scene.economy
    accounts = [economy.account_of(id_) for id_ in economy.names]
    return [*scene.actors, *accounts, economy.owner.address, economy.fee_recipient]


def _ids(scene: Scene, facet: str, counter: str) -> range:
    return range(1, scene.ask(facet, counter) + 1)


def _invites(scene: Scene) -> list[int]:
    amounts = []
    for code in scene.codes:
        try:
            _, amount, _, status = scene.ask("invite", "getInvite", keccak(text=code))
        except Reverted:
            continue
        amounts.append(amount if status == 0 else 0)
    return amounts


def _owed(scene: Scene, place: int) -> int:
    token = scene.economy.tokens[place].address
    return sum(scene.ask("treasury", "owedOf", token, who) for who in holders(scene))
