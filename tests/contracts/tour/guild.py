"""Guilds, their votes, shares and tithes."""

from __future__ import annotations

from typing import Any

from tests.contracts.calls import Receipt, encode
from tests.contracts.economy import ETHER
from tests.contracts.signing import (
    nonce,
)
from tests.contracts.tour.walk import Walk


class Guilds(Walk):
    def guilds(self) -> None:
        e = self.economy
        alice, bob, carol = e.address("alice"), e.address("bob"), e.address("carol")
        owner, dave = e.owner.address, e.address("dave")

        def guild(name: str, *args: Any, sender: bytes = alice) -> Receipt:
            return self.send("GuildFacet", e.guild, name, *args, sender=sender)

        self.makers = makers = guild("createGuild", "makers").value
        e.registry.send("setNameCommitRequired", True, sender=owner)
        from eth_utils.crypto import keccak

        packed = encode(["string", "address", "bytes32"], ["union", dave, nonce(6)])
        e.registry.send("commitName", keccak(packed), sender=dave)
        e.later(60)
        union = guild("createGuildCommitted", "union", nonce(6), sender=dave).value
        e.registry.send("setNameCommitRequired", False, sender=owner)
        guild("inviteToGuild", makers, bob)
        guild("revokeInvite", makers, bob)
        guild("inviteToGuild", makers, bob)
        guild("declineInvite", makers, sender=bob)
        guild("setRole", makers, bob, 2)
        guild("acceptGuildInvite", makers, sender=bob)
        guild("inviteToGuild", makers, carol, sender=bob)
        guild("acceptGuildInvite", makers, sender=carol)
        guild("setGuildPolicy", makers, (True, 0, 0, ETHER, 9))
        guild("setGuildPolicy", makers, (False, 0, 0, 2 * ETHER, 9))
        guild("fundGuild", makers, 9 * ETHER, sender=dave)
        guild("spendTreasury", makers, dave, ETHER, b"for something", sender=bob)
        # A guild joins another and leaves it again.
        guild("inviteToGuild", union, e.account_of(makers), sender=dave)
        e.tba.send("createTokenBoundAccount", makers, sender=bob)
        account = e.bound("TokenBoundAccount", e.account_of(makers))
        for name in ("acceptGuildInvite", "leaveGuild"):
            inner = e.guild.data(name, union)
            account.send("execute", e.diamond, 0, inner, 0, sender=alice)
        guild("leaveGuild", makers, sender=carol)
        guild("inviteToGuild", makers, carol)
        guild("acceptGuildInvite", makers, sender=carol)

    def votes(self) -> None:
        e = self.economy
        alice, bob, carol = e.address("alice"), e.address("bob"), e.address("carol")

        def voting(name: str, *args: Any, sender: bytes = bob) -> Receipt:
            return self.send("VotingFacet", e.voting, name, *args, sender=sender)

        for n in range(4):
            proposer = (bob, carol)[n % 2]
            args = (self.makers, carol, ETHER, b"a reason longer than thirty-two bytes, too", 3600)
            voting("propose", *args, sender=proposer)
        voting("cancelProposal", 1)
        voting("vote", 2, True, sender=alice)
        voting("vote", 2, True)
        voting("vote", 3, False)
        e.later(3601)
        voting("execute", 3, sender=alice)
        voting("execute", 2, sender=alice)
        self.shares()
        self.tithes()
        # Another token can be set only while nothing is held of this one.
        rest = e.guild.call("treasuryBalanceOf", self.makers)
        e.guild.send("spendTreasury", self.makers, alice, rest, b"", sender=alice)

    def shares(self) -> None:
        e = self.economy
        alice, bob, carol = e.address("alice"), e.address("bob"), e.address("carol")

        def weighted(name: str, *args: Any, sender: bytes = alice) -> Receipt:
            return self.send("WeightedVotingFacet", e.weighted, name, *args, sender=sender)

        for shares in (5, 9):
            for who in (alice, bob, carol):
                weighted("setShares", self.makers, who, shares)
        ids = [
            weighted("proposeWeighted", self.makers, bob, ETHER, 3600, "a reason").value
            for _ in range(2)
        ]
        weighted("setShares", self.makers, bob, 1)
        e.guild.send("leaveGuild", self.makers, sender=carol)
        for who in (alice, bob):
            weighted("voteWeighted", ids[0], True, sender=who)
        weighted("voteWeighted", ids[1], False)
        e.later(3601)
        for id_ in ids:
            weighted("executeWeighted", id_, sender=carol)

    def tithes(self) -> None:
        e = self.economy
        erin = e.address("erin")

        def tithe(name: str, *args: Any, sender: bytes = erin) -> Receipt:
            return self.send("TitheFacet", e.tithe, name, *args, sender=sender)

        tithe("setTithe", self.makers, 2_500)
        tithe("setTitheCap", ETHER)
        e.credits.send("transfer", erin, 3 * ETHER, sender=e.address("dave"))
        tithe("collectTithe", erin, sender=e.address("dave"))
        tithe("revokeTithe")
