"""Votes over treasuries beside a Python model: ballots are sets of memberships, not bits."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Any, NamedTuple

from hypothesis.stateful import rule

from tests.contracts.economy import ETHER, GUILD
from tests.invariants.guild_model import ADMIN, DAY, Guild, Seated
from tests.invariants.guild_rules import GuildRules, Move
from tests.invariants.machine import DICE

ACTIVE, PASSED, FAILED, EXECUTED, EXPIRED = range(5)
HOUR = 3_600
EXECUTION_WINDOW = 30 * DAY
RANK_WINDOW = 2 * DAY


@dataclass
class Ballot:
    voter: bytes
    membership: int
    support: bool
    admin: bool


@dataclass
class Proposal:
    """One proposal as the model has it; the electorate is remembered by name."""

    guild: int
    proposer: bytes
    to: bytes
    amount: int
    deadline: int
    electorate: dict[bytes, Seated]
    sequence: int
    joined_by: int
    gated: bool
    delay: int
    status: int = ACTIVE
    weights: dict[bytes, int] | None = None  # shares at the snapshot, where shares count
    ballots: list[Ballot] = field(default_factory=list)

    @property
    def quorum(self) -> int:
        return max(1, -(-len(self.electorate) // 2))

    def in_favour(self) -> int:
        return sum(ballot.support for ballot in self.ballots)

    def against(self) -> int:
        return len(self.ballots) - self.in_favour()

    def admins(self) -> int:
        return sum(ballot.support and ballot.admin for ballot in self.ballots)


class Vote(NamedTuple):
    """One call of the voting facet."""

    name: str
    who: bytes
    args: tuple[Any, ...]


class VotingRules(GuildRules):
    """Proposals in the guilds of the guild machine, while their members come and go."""

    def __init__(self) -> None:
        super().__init__()
        self.proposals: dict[int, Proposal] = {}
        self.payments: dict[int, int] = {}
        self.seed_guilds()

    def seed_guilds(self) -> None:
        """Some members and some money, so that there is something to vote about."""
        for id_, guild in self.guilds.items():
            founder = next(iter(guild.members))
            for who in self.actors[2:]:
                self.guild_perform(Move("setRole", id_, founder, (who, 1)))
                self.guild_perform(Move("acceptGuildInvite", id_, who))
            self.guild_perform(Move("fundGuild", id_, self.actors[5], (20 * ETHER,)))

    @rule(dice=DICE)
    def voting_step(self, dice: Random) -> None:
        """Time, then a few calls: usually ones that work, now and then any."""
        self.time_passes(dice)
        if dice.random() < 0.05:
            self.economy.later(dice.choice((DAY, RANK_WINDOW, EXECUTION_WINDOW)))
        for _ in range(4):
            self.vote_call(dice)

    def vote_call(self, dice: Random) -> None:
        calls = [self.vote_move(dice) for _ in range(16)]
        fine = [call for call in calls if self.vote_verdict(call) is None]
        if fine and dice.random() < 0.9:
            self.vote_perform(fine[0])
        else:
            self.vote_perform(calls[0])

    def vote_move(self, dice: Random) -> Vote:
        name = dice.choice(("propose", "vote", "vote", "vote", "vote", "vote", "execute"))
        if dice.random() < 0.05:
            name = "cancelProposal"
        who = dice.choice(self.people())
        if name == "propose" or not self.proposals:
            id_ = dice.choice([*self.guilds] * 3 + [999])
            balance = self.guilds[id_].balance if id_ in self.guilds else 1
            amount = dice.choice((balance // 2, balance * 2 // 3, ETHER, balance + 1, 0))
            period = dice.choice((HOUR, 2 * HOUR, DAY, DAY, 3 * DAY, 59))
            return Vote("propose", who, (id_, dice.choice(self.actors), amount, b"why", period))
        live = [n for n, p in self.proposals.items() if p.status == ACTIVE]
        id_ = dice.choice([*live, *live, *live, dice.randint(1, len(self.proposals) + 1)])
        if name == "vote":
            return Vote(name, who, (id_, dice.random() < 0.85))
        if name == "cancelProposal" and id_ in self.proposals and dice.random() < 0.8:
            who = self.proposals[id_].proposer
        return Vote(name, who, (id_,))

    # -- the rules, in Python ------------------------------------------------------------------

    def vote_verdict(self, call: Vote) -> str | None:
        """The error the facet must raise, in its documented order."""
        name, who, args = call
        if name == "propose":
            return self.propose_verdict(who, *args)
        proposal = self.proposals.get(args[0])
        if proposal is None or (proposal.weights is None) == name.endswith("Weighted"):
            return "UnknownProposal"
        if name == "cancelProposal" and who != proposal.proposer:
            return "NotProposer"
        if proposal.status != ACTIVE:
            return "ProposalNotActive"
        if name == "cancelProposal":
            return "VotesCast" if proposal.ballots else None
        if name in ("vote", "voteWeighted"):
            return self.ballot_verdict(proposal, who)
        return self.execute_verdict(args[0], proposal)

    def propose_verdict(
        self, who: bytes, id_: int, to: bytes, amount: int, memo: bytes, period: int
    ) -> str | None:
        guild = self.guilds.get(id_)
        if guild is None:
            return "UnknownGuild"
        if not guild.role(who):
            return "NotGuildMember"
        if amount == 0:
            return "ZeroProposalAmount"
        if period < HOUR:
            return "BadVotingPeriod"
        if amount > guild.balance:
            return "AmountExceedsTreasury"
        active = [p for p in self.proposals.values() if p.guild == id_ and p.status == ACTIVE]
        own = sum(self.same_membership(guild, p, who) for p in active)
        return "TooManyProposals" if len(active) >= 32 or own >= 4 else None

    def same_membership(self, guild: Guild, proposal: Proposal, who: bytes) -> bool:
        """A proposal counts against whoever made it from the seat they have."""
        then = proposal.electorate[proposal.proposer].seat
        return proposal.proposer == who and guild.members[who].seat == then

    def ballot_verdict(self, proposal: Proposal, who: bytes) -> str | None:
        if self.now > proposal.deadline:
            return "VotingClosed"
        here = self.guilds[proposal.guild].members.get(who)
        if here is None:
            return "NotGuildMember"
        then = proposal.electorate.get(who)
        if then is None or then.sequence != here.sequence or here.joined_at > proposal.joined_by:
            return "JoinedAfterSnapshot"
        return "AlreadyVoted" if any(b.voter == who for b in proposal.ballots) else None

    def carried(self, proposal: Proposal) -> bool:
        cast = len(proposal.ballots)
        if cast < proposal.quorum or proposal.in_favour() <= proposal.against():
            return False
        gated = proposal.gated or self.guilds[proposal.guild].gate_on(self.now)
        return not gated or proposal.admins() >= 1

    def execute_verdict(self, id_: int, proposal: Proposal) -> str | None:
        if self.now <= proposal.deadline + proposal.delay:
            return "VotingNotEnded"
        if not self.carried(proposal) or self.now > proposal.deadline + EXECUTION_WINDOW:
            return None
        balance = self.guilds[proposal.guild].balance
        if proposal.amount > balance:
            return "AmountExceedsTreasury"
        claims = 0
        for n, other in self.proposals.items():
            if other.guild != proposal.guild or other.status != ACTIVE or not self.carried(other):
                continue
            earlier = (other.deadline, n) < (proposal.deadline, id_)
            if earlier and self.now <= other.deadline + other.delay + RANK_WINDOW:
                claims += other.amount
        return "HigherRankPending" if claims > balance - proposal.amount else None

    def vote_perform(self, call: Vote) -> None:
        name, who, args = call
        expect = self.vote_verdict(call)
        carried = name == "execute" and expect is None and self.carried(self.proposals[args[0]])
        receipt = self.attempt(self.economy.voting, name, *args, sender=who, expect=expect)
        if receipt is None:
            return
        if name == "propose":
            assert receipt.value == len(self.proposals) + 1
            self.proposals[receipt.value] = self.opened(who, *args)
            return
        proposal = self.proposals[args[0]]
        if name == "vote":
            here = self.guilds[proposal.guild].members[who]
            admin = here.role == ADMIN
            proposal.ballots.append(Ballot(who, here.sequence, args[1], admin))
        elif name == "cancelProposal":
            proposal.status = FAILED
        else:
            self.end_vote(args[0], proposal, carried)

    def end_vote(self, id_: int, proposal: Proposal, carried: bool) -> None:
        if not carried:
            proposal.status = FAILED
        elif self.now > proposal.deadline + EXECUTION_WINDOW:
            proposal.status = EXPIRED
        else:
            self.pay(id_, proposal)

    def shown(self, proposal: Proposal) -> int:
        """The status a view answers (P-I6: what ended stays as it ended)."""
        if proposal.status != ACTIVE or self.now <= proposal.deadline:
            return proposal.status
        if not self.carried(proposal):
            return ACTIVE
        return EXPIRED if self.now > proposal.deadline + EXECUTION_WINDOW else PASSED

    def opened(
        self, who: bytes, id_: int, to: bytes, amount: int, memo: bytes, period: int
    ) -> Proposal:
        guild = self.guilds[id_]
        policy = guild.in_force(self.now)
        return Proposal(
            id_, who, to, amount, self.now + period, dict(guild.members), guild.sequence,
            self.now - policy.tenure, policy.gate, policy.delay,
        )  # fmt: skip

    def pay(self, id_: int, proposal: Proposal) -> None:
        """Once, exactly the amount, to exactly the payee (P-I4); it had passed (P-I5)."""
        self.payments[id_] = self.payments.get(id_, 0) + 1
        assert self.payments[id_] == 1
        proposal.status = EXECUTED
        self.guilds[proposal.guild].balance -= proposal.amount
        self.release(proposal.to, proposal.amount, GUILD)

    # -- comparing -----------------------------------------------------------------------------

    def check(self) -> None:
        super().check()
        facet = self.economy.voting
        assert facet.call("proposalCount") == len(self.proposals)
        for id_ in self.guilds:
            mine = {n: p for n, p in self.proposals.items() if p.guild == id_}
            by_head = tuple(n for n, p in mine.items() if p.weights is None)
            assert facet.call("proposalsOf", id_, 0, 200) == (by_head, len(by_head))
            active = facet.call("activeProposalsOf", id_)
            assert len(active) <= 32
            assert sorted(active) == [n for n, p in mine.items() if p.status == ACTIVE]  # P-I7
        for id_, proposal in self.proposals.items():
            if proposal.weights is None:
                self.check_proposal(id_, proposal)

    def check_proposal(self, id_: int, proposal: Proposal) -> None:
        facet, p = self.economy.voting, proposal
        carried = self.carried(p)
        tally = p.in_favour(), p.against()
        expected = (p.guild, p.proposer, p.to, p.amount, p.deadline, self.shown(p), *tally)
        assert facet.call("getProposal", id_) == expected
        cast = len(p.ballots)
        assert cast <= len(p.electorate)  # P-I2
        assert facet.call("tallyOf", id_) == (*tally, p.quorum, cast, carried)  # P-I3
        voters = [ballot.voter for ballot in p.ballots]
        assert len(voters) == len(set(voters))  # P-I1
        joined = self.guilds[p.guild].last_sequence
        for who in self.people():
            # The record knows the last membership only, also when that one has ended.
            again = joined.get(who, 0) > p.sequence
            assert facet.call("hasVoted", id_, who) == (who in voters and not again)
