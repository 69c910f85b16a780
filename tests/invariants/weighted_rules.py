"""Votes by shares beside those by heads: who had how much when is a dictionary per proposal."""

from __future__ import annotations

from random import Random

from hypothesis.stateful import rule

from tests.contracts.economy import ETHER
from tests.invariants.guild_model import ADMIN, DAY
from tests.invariants.guild_rules import Move
from tests.invariants.machine import DICE
from tests.invariants.voting_rules import ACTIVE, HOUR, Ballot, Proposal, Vote, VotingRules


class WeightedRules(VotingRules):
    """Shares that move all the time, and proposals that remember how they lay."""

    def __init__(self) -> None:
        self.shares: dict[tuple[int, bytes], int] = {}
        super().__init__()

    def shares_of(self, id_: int) -> dict[bytes, int]:
        """By member; those who left have none."""
        members = self.guilds[id_].members
        held = {who: n for (guild, who), n in self.shares.items() if guild == id_}
        return {who: held.get(who, 0) for who in members}

    @rule(dice=DICE)
    def weighted_step(self, dice: Random) -> None:
        """A few calls: usually ones that work, now and then any."""
        self.time_passes(dice)
        for _ in range(4):
            calls = [self.weighted_move(dice) for _ in range(16)]
            fine = [call for call in calls if self.weighted_verdict(call) is None]
            self.weighted_perform(fine[0] if fine and dice.random() < 0.9 else calls[0])

    def forget_the_departed(self) -> None:
        """Shares end with the membership and do not come back with another."""
        for (id_, who), _ in list(self.shares.items()):
            if self.guilds[id_].role(who) == 0:
                del self.shares[id_, who]

    def guild_perform(self, move: Move) -> None:
        super().guild_perform(move)
        self.forget_the_departed()

    def weighted_move(self, dice: Random) -> Vote:
        id_, who = dice.choice([*self.guilds]), dice.choice(self.people())
        names = ("setShares", "proposeWeighted", *("voteWeighted",) * 4, "executeWeighted")
        name = dice.choice(names)
        live = [
            n for n, p in self.proposals.items() if p.status == ACTIVE and p.weights is not None
        ]
        if name == "setShares":
            if dice.random() < 0.8:
                admins = [w for w, m in self.guilds[id_].members.items() if m.role == ADMIN]
                who = dice.choice(admins)
            return Vote(name, who, (id_, dice.choice(self.people()), dice.choice((0, 1, 5, 40))))
        if name == "proposeWeighted" or not live:
            balance = self.guilds[id_].balance
            amount = dice.choice((balance // 2, balance * 2 // 3, ETHER, balance + 1))
            period = dice.choice((HOUR, 2 * HOUR, DAY, 3 * DAY))
            args = (id_, dice.choice(self.actors), amount, period, "why")
            return Vote("proposeWeighted", who, args)
        target = dice.choice([*live, *live, dice.randint(1, len(self.proposals) + 1)])
        args = (target, dice.random() < 0.85) if name == "voteWeighted" else (target,)
        return Vote(name, who, args)

    # -- the rules, in Python ------------------------------------------------------------------

    def weighted_verdict(self, call: Vote) -> str | None:
        name, who, args = call
        if name == "setShares":
            guild = self.guilds[args[0]]
            if guild.role(who) != ADMIN:
                return "NotAdmin"
            return None if guild.role(args[1]) else "NotMember"
        if name == "proposeWeighted":
            id_, to, amount, period, memo = args
            return self.propose_verdict(who, id_, to, amount, memo.encode(), period)
        refused = self.vote_verdict(Vote(name, who, args))
        if refused or name == "executeWeighted":
            return refused
        weights = self.proposals[args[0]].weights or {}
        return None if weights.get(who) else "NoVotingPower"

    def carried(self, proposal: Proposal) -> bool:
        if proposal.weights is None:
            return super().carried(proposal)
        in_favour, against = self.weighed(proposal)
        quorum = max(1, -(-sum(proposal.weights.values()) // 2))
        return in_favour > against and in_favour + against >= quorum

    def weighed(self, proposal: Proposal) -> tuple[int, int]:
        assert proposal.weights is not None
        sums = [0, 0]
        for ballot in proposal.ballots:
            sums[not ballot.support] += proposal.weights[ballot.voter]
        return sums[0], sums[1]

    def weighted_perform(self, call: Vote) -> None:
        name, who, args = call
        expect = self.weighted_verdict(call)
        ends = name == "executeWeighted" and expect is None
        carried = ends and self.carried(self.proposals[args[0]])
        receipt = self.attempt(self.economy.weighted, name, *args, sender=who, expect=expect)
        if receipt is None:
            return
        if name == "setShares":
            self.shares[args[0], args[1]] = args[2]
        elif name == "proposeWeighted":
            id_, to, amount, period, memo = args
            proposal = self.opened(who, id_, to, amount, memo.encode(), period)
            proposal.weights = self.shares_of(id_)
            self.proposals[receipt.value] = proposal
        elif name == "voteWeighted":
            proposal = self.proposals[args[0]]
            here = self.guilds[proposal.guild].members[who]
            proposal.ballots.append(Ballot(who, here.sequence, args[1], here.role == ADMIN))
        else:
            self.end_vote(args[0], self.proposals[args[0]], carried)

    # -- comparing -----------------------------------------------------------------------------

    def check(self) -> None:
        super().check()
        facet = self.economy.weighted
        for id_ in self.guilds:
            held = self.shares_of(id_)
            assert facet.call("totalSharesOf", id_) == sum(held.values())  # WV-I1
            for who in self.people():
                assert facet.call("sharesOf", id_, who) == held.get(who, 0)
            mine = tuple(
                n for n, p in self.proposals.items() if p.guild == id_ and p.weights is not None
            )
            assert facet.call("weightedProposalsOf", id_, 0, 200) == (mine, len(mine))
        for id_, proposal in self.proposals.items():
            if proposal.weights is not None:
                self.check_weighted(id_, proposal, proposal.weights)

    def check_weighted(self, id_: int, p: Proposal, weights: dict[bytes, int]) -> None:
        facet, total = self.economy.weighted, sum(weights.values())
        tally = (*self.weighed(p), total, max(1, -(-total // 2)), self.carried(p))
        expected = (p.guild, p.proposer, p.to, p.amount, p.deadline, self.shown(p), *tally)
        assert facet.call("weightedProposal", id_) == expected
        for who in self.people():  # WV-I1, at the sequence of the proposal
            assert facet.call("votingPowerOf", id_, who) == weights.get(who, 0)
