"""Moves of guilds, their votes and tithes, of identities that change hands, and of paid messages."""

from __future__ import annotations

from random import Random

from tests.invariants.hostile.moves import AMOUNTS, Move, Scene

HOUR = 3_600


def guild(scene: Scene, dice: Random) -> Move | None:
    if not scene.guilds or (len(scene.guilds) < 3 and dice.random() < 0.1):
        name = f"guild-{scene.number()}"
        return Move("guild", "guild", "createGuild", (name,), dice.choice(scene.actors))
    id_ = dice.choice(scene.guilds)
    members = scene.ask("guild", "guildMembersOf", id_)
    admins = [who for who in members if scene.ask("guild", "roleOf", id_, who) == 3]
    treasury = scene.ask("guild", "treasuryBalanceOf", id_)
    action = dice.randint(0, 9)
    if action <= 1 or not treasury:
        args = (id_, dice.choice(AMOUNTS))
        return Move("guild", "guild", "fundGuild", args, dice.choice(scene.actors))
    if action == 2:
        strangers = [who for who in scene.actors if who not in members]
        invited = [who for who in strangers if scene.ask("guild", "inviteOf", id_, who)[0]]
        if invited:
            return Move("guild", "guild", "acceptGuildInvite", (id_,), dice.choice(invited))
        if strangers:
            args = (id_, dice.choice(strangers))
            return Move("guild", "guild", "inviteToGuild", args, dice.choice(admins))
    if action == 3:
        args = (id_, dice.choice(scene.actors), dice.choice((1, treasury)), b"")
        return Move("guild", "guild", "spendTreasury", args, dice.choice(admins))
    if action == 4:
        args = (id_, dice.choice(scene.actors), max(1, treasury // 2), b"m", HOUR)
        return Move("guild", "voting", "propose", args, dice.choice(members))
    if action == 9:
        return _tithe(scene, dice, id_)
    return _vote(scene, dice, id_, members)


def _vote(scene: Scene, dice: Random, guild_id: int, members: list[bytes]) -> Move | None:
    active = scene.ask("voting", "activeProposalsOf", guild_id)
    if not active:
        return None
    id_ = dice.choice(active)
    _, _, _, _, deadline, _, _, _ = scene.ask("voting", "getProposal", id_)
    if scene.now > scene.ask("voting", "getProposalEx", id_)[5]:
        return Move(
            "guild", "voting", "execute", (id_,), dice.choice(scene.actors), ("proposal", id_)
        )
    waiting = [who for who in members if not scene.ask("voting", "hasVoted", id_, who)]
    if scene.now <= deadline and waiting:
        who = dice.choice(waiting)
        return Move("guild", "voting", "vote", (id_, True), who, ("ballot", id_, who))
    return None


def _tithe(scene: Scene, dice: Random, guild_id: int) -> Move | None:
    who = dice.choice(scene.actors)
    _, bps = scene.ask("tithe", "titheOf", who)
    if not bps or dice.random() < 0.1:
        return Move("guild", "tithe", "setTithe", (guild_id, dice.choice((1, 500, 10_000))), who)
    checkpoint, _, last = scene.ask("tithe", "titheDetailsOf", who)
    if scene.now < last + 86_400:
        return None
    # An account may have lost or spent in the meantime; then there is nothing to collect but a checkpoint to move.
    balance = scene.economy.balance(who)
    if balance >= checkpoint and (balance - checkpoint) * bps < 10_000:
        return None
    return Move("guild", "tithe", "collectTithe", (who,), dice.choice(scene.actors))


def social(scene: Scene, dice: Random) -> Move | None:
    id_ = dice.choice(scene.economy.names)
    owner = scene.owner_of(id_)
    action = dice.randint(0, 3)
    if action == 0:
        args = (id_, dice.choice(AMOUNTS))
        return Move("social", "message", "setInboxFee", args, owner)
    if action == 1:
        fee = scene.ask("message", "inboxFee", id_)
        return Move(
            "social", "message", "sendMessagePaid", (id_, "hello", fee), dice.choice(scene.actors)
        )
    to = dice.choice([who for who in scene.actors if who != owner])
    name = "safeTransferFrom(address,address,uint256)"
    return Move("social", "erc721", name, (owner, to, id_), owner)
