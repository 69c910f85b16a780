"""Moves of bounties, jobs, parties and verdicts."""

from __future__ import annotations

from random import Random

from tests.contracts.signing import nonce
from tests.invariants.hostile.moves import AMOUNTS, Move, Scene

HOUR = 3_600


def bounty(scene: Scene, dice: Random) -> Move | None:
    id_ = scene.pick(dice, "bounty", "bountyCount", lambda n: _bounty(scene, n)[3] < 3)
    if id_ is None or dice.random() < 0.3:
        windows = dice.choice((0, 600)), dice.choice((0, 600, HOUR))
        args = (b"t", dice.choice(AMOUNTS), dice.choice((HOUR, 2 * HOUR)), *windows)
        return Move("bounty", "bounty", "postBountyEx", args, dice.choice(scene.actors))
    poster, _, expiry, status, claimant = _bounty(scene, id_)
    details = scene.ask("bounty", "getBountyEx", id_)
    _, _, submitted, _, review_ttl, _, rejected = details
    end = ("bounty", id_)
    late = scene.now > expiry
    silent = status == 2 and review_ttl and not rejected
    over = silent and scene.now > submitted + review_ttl
    if over and dice.random() < 0.7:
        return Move("bounty", "bounty", "autoAccept", (id_,), dice.choice(scene.actors), end)
    if late and not silent and dice.random() < 0.6:
        return Move("bounty", "bounty", "reclaimExpired", (id_,), dice.choice(scene.actors), end)
    if status == 0:
        if late or dice.random() < 0.2:
            return Move("bounty", "bounty", "cancelBounty", (id_,), poster, end)
        args = (id_, dice.choice(scene.economy.names))
        return Move("bounty", "bounty", "claimBounty", args, dice.choice(scene.actors))
    if status == 1:
        if dice.random() < 0.2:
            return Move("bounty", "bounty", "releaseClaim", (id_,), details[0])
        return Move("bounty", "bounty", "submitResult", (id_, b"r"), scene.owner_of(claimant))
    if dice.random() < 0.2 and not late and not over:
        name = "requestRevision" if rejected else "rejectResult"
        args = (id_,) if rejected else (id_, nonce(7))
        return Move("bounty", "bounty", name, args, poster)
    return Move("bounty", "bounty", "acceptResult", (id_,), poster, end)


def _bounty(scene: Scene, id_: int) -> tuple[bytes, int, int, int, int]:
    found: tuple[bytes, int, int, int, int] = scene.ask("bounty", "getBounty", id_)
    return found


def schedule(scene: Scene, dice: Random) -> Move | None:
    id_ = scene.pick(dice, "schedule", "jobCount", lambda n: _job(scene, n)[2] < 2)
    target = dice.choice(scene.economy.names)
    if id_ is None or dice.random() < 0.25:
        args = (target, b"", dice.choice((60, 600)), dice.choice(AMOUNTS), dice.randint(1, 4))
        return Move("schedule", "schedule", "scheduleJob", args, dice.choice(scene.actors))
    owner, _, status, next_run, budget, _, _ = _job(scene, id_)
    scheduler, end = scene.economy.scheduler.address, ("job", id_)
    if status == 1:
        name = dice.choice(("resumeJob", "cancelJob"))
        return Move(
            "schedule", "schedule", name, (id_,), owner, end if name != "resumeJob" else None
        )
    if scene.now > next_run + 30 * 86_400:
        return Move("schedule", "schedule", "reapJob", (id_,), dice.choice(scene.actors), end)
    if scene.now >= next_run and dice.random() < 0.7:
        spent = dice.choice((0, budget // 3, budget))
        return Move("schedule", "schedule", "recordRun", (id_, next_run, spent), scheduler)
    action = dice.randint(0, 5)
    if action == 0:
        return Move("schedule", "schedule", "topUpJob", (id_, dice.choice(AMOUNTS)), owner)
    if action == 1:
        return Move("schedule", "schedule", "pauseJob", (id_,), owner)
    if action == 2:
        return Move("schedule", "schedule", "completeJob", (id_,), scheduler, end)
    if action == 3 and budget:
        args = (id_, target, b"", 60, max(1, budget // 2), 2)
        return Move("schedule", "schedule", "scheduleChildJob", args, scheduler)
    if action == 4:
        return Move("schedule", "schedule", "leaseJobs", ([id_], 60), scheduler)
    return Move("schedule", "schedule", "cancelJob", (id_,), owner, end)


def _job(scene: Scene, id_: int) -> tuple[bytes, int, int, int, int, int, int]:
    found: tuple[bytes, int, int, int, int, int, int] = scene.ask("schedule", "getJob", id_)
    return found


def party(scene: Scene, dice: Random) -> Move | None:
    id_ = scene.pick(dice, "party", "partyCount", lambda n: _party(scene, n)[2] < 2)
    if id_ is None or dice.random() < 0.2:
        seats = dice.sample(scene.economy.names, dice.randint(1, 3))
        shares = {1: [10_000], 2: [1, 9_999], 3: [3_333, 3_333, 3_334]}[len(seats)]
        args = (seats, shares, dice.choice((HOUR, 3 * HOUR)))
        return Move("party", "party", "formParty", args, dice.choice(scene.actors))
    creator, expiry, status, _, members, accepted = _party(scene, id_)
    end = ("party", id_)
    if scene.now > expiry:
        return Move("party", "party", "disbandParty", (id_,), dice.choice(scene.actors), end)
    if dice.random() < 0.4:
        args = (id_, dice.choice(AMOUNTS))
        return Move("party", "party", "fundParty", args, dice.choice(scene.actors))
    if accepted < members:
        for seat in scene.ask("party", "partyMembersOf", id_):
            if not scene.ask("party", "partyConsentOf", id_, seat):
                return Move("party", "party", "joinParty", (id_,), scene.owner_of(seat))
    if status == 1 and dice.random() < 0.7:
        return Move("party", "party", "completeParty", (id_,), creator, end)
    return Move("party", "party", "disbandParty", (id_,), creator, end)


def _party(scene: Scene, id_: int) -> tuple[bytes, int, int, int, int, int]:
    found: tuple[bytes, int, int, int, int, int] = scene.ask("party", "getParty", id_)
    return found


def validation(scene: Scene, dice: Random) -> Move | None:
    id_ = scene.pick(dice, "validation", "validationCount", lambda n: _verdict(scene, n)[7] < 2)
    if id_ is None or dice.random() < 0.35:
        subject = dice.choice(scene.economy.names)
        bounties = scene.ask("bounty", "bountyCount")
        work = nonce(dice.choice((dice.randint(1, bounties or 1), 10**9 + scene.number())))
        strangers = [who for who in scene.actors if who != scene.owner_of(subject)]
        args = (work, subject, dice.random() < 0.5, dice.choice(AMOUNTS))
        return Move("validation", "validation", "stakeValidation", args, dice.choice(strangers))
    validator, challenger, _, _, _, challenge_by, resolve_by, status, _ = _verdict(scene, id_)
    end = ("verdict", id_)
    if status == 0:
        if scene.now > challenge_by:
            return Move(
                "validation", "validation", "reclaimStake", (id_,), dice.choice(scene.actors), end
            )
        others = [who for who in scene.actors if who != validator]
        return Move("validation", "validation", "challengeValidation", (id_,), dice.choice(others))
    if scene.now > resolve_by:
        return Move(
            "validation", "validation", "reclaimUnresolved", (id_,), dice.choice(scene.actors), end
        )
    resolver = scene.ask("validation", "validationResolverOf", id_)
    if resolver in (validator, challenger):
        return None
    args = (id_, dice.random() < 0.5)
    return Move("validation", "validation", "resolveValidation", args, resolver, end)


def _verdict(scene: Scene, id_: int) -> tuple[bytes, bytes, int, bytes, int, int, int, int, bool]:
    found: tuple[bytes, bytes, int, bytes, int, int, int, int, bool] = scene.ask(
        "validation", "getValidation", id_
    )
    return found
