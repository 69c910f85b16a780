"""Guilds beside a Python model of them: members, invites, roles, money, policies, guilds in guilds."""

from __future__ import annotations

from random import Random
from typing import Any, NamedTuple

from hypothesis.stateful import rule

from tests.contracts.economy import ETHER, GUILD
from tests.invariants.guild_model import (
    ADMIN,
    DAY,
    INVITE_TTL,
    MAX_MEMBERS,
    MEMBER,
    NONE,
    OFFICER,
    Guild,
    Invite,
    Policy,
)
from tests.invariants.machine import DICE
from tests.invariants.world import World

ZERO = b"\0" * 20
SPAN = (1, 3_600, DAY, 2 * DAY, 8 * DAY, INVITE_TTL)


class Move(NamedTuple):
    """One call of the guild facet."""

    name: str
    id: int
    who: bytes
    args: tuple[Any, ...] = ()


class GuildRules(World):
    """Two guilds to begin with; their accounts are people too."""

    may_found = False

    def __init__(self) -> None:
        super().__init__()
        self.guilds: dict[int, Guild] = {}
        self.guild_of_account: dict[bytes, int] = {}
        self.changed: set[int] = set()
        for n in range(2):
            self.found(self.actors[n])

    def found(self, who: bytes) -> None:
        name = f"guild-{len(self.guilds)}"
        receipt = self.attempt(self.economy.guild, "createGuild", name, sender=who)
        assert receipt is not None
        id_ = int(receipt.value)
        account = bytes(self.economy.guild.call("guildAddress", id_))
        self.economy.tba.send("createTokenBoundAccount", id_, sender=who)
        self.holder[id_], self.account[id_] = who, account
        self.balances[account] = 0
        self.guilds[id_] = guild = Guild(account)
        self.guild_of_account[account] = id_
        guild.sit(who, ADMIN, self.now)
        self.changed.add(id_)

    @rule(dice=DICE)
    def guild_step(self, dice: Random) -> None:
        """Time, then a call: usually one that works, now and then any."""
        self.time_passes(dice)
        if dice.random() < 0.1:
            self.economy.later(dice.choice(SPAN))
        if self.may_found and len(self.guilds) < 4 and dice.random() < 0.1:
            self.found(dice.choice(self.actors))
            return
        moves = [self.guild_move(dice) for _ in range(12)]
        fine = [move for move in moves if self.guild_verdict(move) is None]
        if fine and dice.random() < 0.9:
            names = sorted({move.name for move in fine})
            if len(names) > 1 and "fundGuild" in names and dice.random() < 0.7:
                names.remove("fundGuild")  # it always works
            name = dice.choice(names)
            self.guild_perform(next(move for move in fine if move.name == name))
        else:
            self.guild_perform(moves[0])

    def people(self) -> list[bytes]:
        return [*self.actors, *self.guild_of_account]

    def guild_move(self, dice: Random) -> Move:
        id_ = dice.choice([*self.guilds, *self.guilds, *self.guilds, 999])
        guild = self.guilds.get(id_, self.guilds[next(iter(self.guilds))])
        insiders = [who for who, m in guild.members.items() if m.role >= OFFICER]
        who = dice.choice([*insiders, *insiders, *self.people()])
        other = dice.choice(self.people())
        name = dice.choice(
            (
                "inviteToGuild", "inviteToGuild", "acceptGuildInvite", "acceptGuildInvite", "setRole",
                "setRole", "fundGuild", "fundGuild", "spendTreasury", "setGuildPolicy", "leaveGuild",
                "revokeInvite", "declineInvite",
            )
        )  # fmt: skip
        if name in ("acceptGuildInvite", "declineInvite"):
            return Move(name, id_, dice.choice([*guild.invites, other]))
        if name == "leaveGuild":
            return Move(name, id_, other)
        if name == "fundGuild":
            giver = dice.choice(self.actors)
            return Move(name, id_, giver, (self.within_purse(giver, dice.choice((1, ETHER))),))
        if name == "spendTreasury":
            amount = dice.choice((guild.balance // 3, guild.balance, 1, guild.balance + 1))
            to = dice.choice(list(self.balances))
            return Move(name, id_, who, (to, amount, b"memo"))
        if name == "setGuildPolicy":
            policy = Policy(
                dice.random() < 0.5, dice.choice((0, DAY)), dice.choice((0, DAY)),
                dice.choice((0, ETHER // 3, ETHER)), dice.choice((0, 2, 32)),
            )  # fmt: skip
            return Move(name, id_, who, (policy,))
        if name == "setRole":
            return Move(name, id_, who, (other, dice.choice((0, 0, 1, 2, 3, 3, 4))))
        return Move(name, id_, who, (other,))

    # -- the rules, in Python ------------------------------------------------------------------

    def guild_verdict(self, move: Move) -> str | None:
        """The error the facet must raise, in its documented order."""
        name, id_, who, args = move
        guild, now = self.guilds.get(id_), self.now
        if name == "fundGuild" and args[0] == 0:
            return "ZeroAmount"
        if name == "setRole" and args[1] > ADMIN:
            return "BadRole"
        if name == "declineInvite":
            return None if guild and guild.invited(who, now) else "NotInvited"
        if guild is None:
            return "UnknownGuild"
        role = guild.role(who)
        if name in ("inviteToGuild", "revokeInvite", "spendTreasury") and role < OFFICER:
            return "NotOfficer"
        if name in ("setRole", "setGuildPolicy") and role != ADMIN:
            return "NotAdmin"
        if name == "leaveGuild":
            return self.leave_verdict(guild, who, NONE) if role else "NotMember"
        if name == "revokeInvite":
            return None if guild.invited(args[0], now) else "NotInvited"
        if name == "acceptGuildInvite":
            return self.accept_verdict(id_, guild, who)
        if name == "spendTreasury":
            return self.spend_verdict(guild, who, *args[:2])
        if name == "inviteToGuild":
            if guild.role(args[0]):
                return "AlreadyMember"
            refused = self.invite_verdict(id_, guild, args[0])
            if refused is None and role == OFFICER and not guild.invites_left(who, now):
                return "InviteCapExceeded"
            return refused
        if name == "setRole":
            other, wanted = args
            if guild.role(other) == NONE:
                return self.invite_verdict(id_, guild, other) if wanted else None
            return self.leave_verdict(guild, other, wanted)
        return None

    def leave_verdict(self, guild: Guild, who: bytes, role: int) -> str | None:
        sole = guild.role(who) == ADMIN and guild.admins() == 1
        return "LastAdmin" if sole and role != ADMIN else None

    def invite_verdict(self, id_: int, guild: Guild, who: bytes) -> str | None:
        if who == guild.account:
            return "SelfMembership"
        child = self.guilds.get(self.guild_of_account.get(who, 0))
        return "MembershipCycle" if child and child.role(guild.account) else None

    def accept_verdict(self, id_: int, guild: Guild, who: bytes) -> str | None:
        if not guild.invited(who, self.now):
            return "NotInvited"
        if len(guild.members) >= MAX_MEMBERS:
            return "GuildFull"
        return self.invite_verdict(id_, guild, who)

    def spend_verdict(self, guild: Guild, who: bytes, to: bytes, amount: int) -> str | None:
        if amount == 0:
            return "ZeroAmount"
        if amount > guild.balance:
            return "InsufficientTreasury"
        if guild.role(who) == OFFICER and not guild.may_spend(who, amount, self.now):
            return "OfficerLimitExceeded"
        return None

    def guild_perform(self, move: Move) -> None:
        name, id_, who, args = move
        expect = self.guild_verdict(move)
        before = {n: guild.balance for n, guild in self.guilds.items()}
        receipt = self.attempt(self.economy.guild, name, id_, *args, sender=who, expect=expect)
        if receipt is None:
            return
        guild, now = self.guilds[id_], self.now
        self.changed.add(id_)
        if name == "inviteToGuild":
            self.note_invite(guild, who, args[0], MEMBER)
            if guild.role(who) == OFFICER:
                guild.sent.append((who, now // DAY))
        elif name == "revokeInvite":
            del guild.invites[args[0]]
        elif name == "declineInvite":
            del guild.invites[who]
        elif name == "acceptGuildInvite":
            guild.sit(who, guild.invites.pop(who).role, now)
        elif name == "leaveGuild":
            guild.stand(who)
        elif name == "setRole":
            self.set_role(guild, who, *args)
        elif name == "setGuildPolicy":
            guild.adopt(args[0], now)
        elif name == "fundGuild":
            guild.balance += args[0]
            self.escrow(who, args[0], GUILD)
        else:
            to, amount = args[:2]
            guild.balance -= amount
            self.release(to, amount, GUILD)
            if guild.role(who) == OFFICER and guild.limit(now):
                key = who, now // DAY
                guild.spent[key] = guild.spent.get(key, 0) + amount
        for n, balance in before.items():  # G-I5
            touched = n == id_ and name in ("fundGuild", "spendTreasury")
            assert touched or self.economy.guild.call("treasuryBalanceOf", n) == balance

    def note_invite(self, guild: Guild, by: bytes, who: bytes, role: int) -> None:
        sequence = guild.members[by].sequence
        guild.invites[who] = Invite(role, self.now + INVITE_TTL, by, sequence)

    def set_role(self, guild: Guild, by: bytes, who: bytes, role: int) -> None:
        if guild.role(who) == NONE:
            if role:
                self.note_invite(guild, by, who, role)
            elif guild.invited(who, self.now):
                del guild.invites[who]
        elif role:
            guild.change(who, role)
        else:
            guild.stand(who)

    # -- comparing -----------------------------------------------------------------------------

    def check(self) -> None:
        super().check()
        facet = self.economy.guild
        total = sum(guild.balance for guild in self.guilds.values())
        assert self.economy.held(GUILD) == self.held[GUILD] == total  # G-I1
        assert facet.call("guildCount") == len(self.guilds)
        for id_ in sorted(self.changed):
            self.check_guild(id_, self.guilds[id_])
        self.changed.clear()
        for who in self.people():  # G-I4: the lists of accounts are those of guilds, turned round
            mine = [id_ for id_, guild in self.guilds.items() if guild.role(who)]
            assert sorted(facet.call("guildsOf", who)) == mine

    def check_guild(self, id_: int, guild: Guild) -> None:
        facet, now = self.economy.guild, self.now
        assert facet.call("treasuryBalanceOf", id_) == guild.balance
        seated = tuple(who for who in guild.seats if who is not None)
        assert facet.call("guildMembersOf", id_) == seated  # G-I4, G-I6
        assert len(seated) == len(guild.members) <= MAX_MEMBERS  # G-I2
        assert guild.admins() >= 1  # G-I3
        for who in self.people():
            role = guild.role(who)
            assert facet.call("roleOf", id_, who) == role
            sequence = guild.members[who].sequence if role else 0
            assert facet.call("memberSeqOf", id_, who) == sequence
            invite = guild.invited(who, now)
            expected = (
                (invite.role, invite.until, guild.inviter(invite)) if invite else (0, 0, ZERO)
            )
            assert facet.call("inviteOf", id_, who) == expected
        assert facet.call("guildPolicyOf", id_) == guild.in_force(now)
        waiting = guild.next_limit if guild.next_limit and now < guild.next_limit[1] else (0, 0)
        opens = guild.gate_off_at if now < guild.gate_off_at else 0
        assert facet.call("pendingGuildPolicyOf", id_) == (opens, *waiting)
