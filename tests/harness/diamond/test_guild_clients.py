"""The clients of guilds and votes against the real contracts: one small life of a guild."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from eth_abi.abi import encode
from eth_utils.crypto import keccak

from harness.chain.embedded import EmbeddedChain
from harness.chain.errors import ContractError
from harness.chain.outbox import Outbox
from harness.diamond.economy import Economy
from harness.diamond.guild import ADMIN, MEMBER, NONE, OFFICER, GuildInvite, GuildPolicy
from harness.diamond.voting import ACTIVE, EXECUTED, FAILED, PASSED, Tally
from harness.protocol.addresses import ZERO_ADDRESS

from .conftest import LH, PURSE

Join = Callable[[str], Outbox]
GUILD_BUCKET = 5
DAY = 86_400


@pytest.fixture
def alice(join: Join) -> Outbox:
    return join("alice")


@pytest.fixture
def bob(join: Join) -> Outbox:
    return join("bob")


def test_a_guild_from_founding_to_a_payment(economy: Economy, alice: Outbox, bob: Outbox) -> None:
    hers, his = economy.diamond.by(alice).guilds, economy.diamond.by(bob).guilds
    guild = hers.create_guild("makers")
    assert (hers.guild_name(guild), hers.is_guild(guild), hers.guild_count()) == ("makers", True, 1)
    assert hers.guild_address(guild) == economy.diamond.tba.token_bound_account(guild)
    hers.invite_to_guild(guild, bob.address)
    hers.revoke_invite(guild, bob.address)
    hers.invite_to_guild(guild, bob.address)
    his.decline_invite(guild)
    hers.set_role(guild, bob.address, OFFICER)
    invite = hers.invite_of(guild, bob.address)
    assert (invite.role, invite.by) == (OFFICER, alice.address)
    his.accept_guild_invite(guild)
    assert hers.invite_of(guild, bob.address) == GuildInvite(NONE, 0, ZERO_ADDRESS)
    assert hers.guild_members_of(guild) == (alice.address, bob.address)
    assert hers.guild_members_page(guild, 1, 9) == ((bob.address,), 2)
    assert (hers.role_of(guild, alice.address), hers.role_of(guild, bob.address)) == (
        ADMIN,
        OFFICER,
    )
    assert hers.is_guild_member(guild, bob.address)
    assert (hers.member_seq_of(guild, alice.address), hers.member_seq_of(guild, bob.address)) == (
        1,
        2,
    )
    assert his.guilds_of(bob.address) == (guild,)
    assert his.guilds_page(bob.address, 0, 9) == ((guild,), 1)
    his.fund_guild(guild, 5 * LH)
    policy = GuildPolicy(officer_daily_limit=LH)
    hers.set_guild_policy(guild, policy)
    assert hers.guild_policy_of(guild) == policy
    hers.set_guild_policy(guild, GuildPolicy(officer_daily_limit=2 * LH))
    assert hers.pending_guild_policy_of(guild).officer_daily_limit == 2 * LH
    his.spend_treasury(guild, bob.address, LH, b"tools")
    with pytest.raises(ContractError) as caught:
        his.spend_treasury(guild, bob.address, 1, b"more tools")
    assert caught.value.name == "OfficerLimitExceeded"
    assert hers.treasury_balance_of(guild) == 4 * LH
    held = economy.diamond.treasury.bucket_of(economy.credits.address, GUILD_BUCKET)
    assert held == 4 * LH
    his.leave_guild(guild)
    assert his.guilds_of(bob.address) == ()


def test_a_guild_founded_with_a_commitment(
    economy: Economy, chain: EmbeddedChain, alice: Outbox
) -> None:
    hers = economy.diamond.by(alice)
    salt = b"\x07" * 32
    packed = encode(["string", "address", "bytes32"], ["union", alice.address, salt])
    hers.registry.commit_name(keccak(packed))
    chain.set_time(chain.block().timestamp + 60)
    guild = hers.guilds.create_guild_committed("union", salt)
    assert hers.guilds.role_of(guild, alice.address) == ADMIN


def test_a_vote_from_proposal_to_payment(
    economy: Economy, chain: EmbeddedChain, alice: Outbox, bob: Outbox
) -> None:
    hers, his = economy.diamond.by(alice), economy.diamond.by(bob)
    guild = hers.guilds.create_guild("makers")
    hers.guilds.set_role(guild, bob.address, MEMBER)
    his.guilds.accept_guild_invite(guild)
    hers.guilds.fund_guild(guild, 5 * LH)
    proposal = his.voting.propose(guild, bob.address, 2 * LH, b"rent", DAY)
    dropped = his.voting.propose(guild, bob.address, LH)
    his.voting.cancel_proposal(dropped)
    assert his.voting.get_proposal(dropped).status == FAILED
    assert his.voting.active_proposals_of(guild) == (proposal,)
    assert his.voting.proposals_of(guild, 0, 9) == ((proposal, dropped), 2)
    assert (his.voting.proposal_count(), his.voting.proposal_memo_of(proposal)) == (2, b"rent")
    found = his.voting.get_proposal(proposal)
    assert (found.guild, found.proposer, found.amount) == (guild, bob.address, 2 * LH)
    assert found.status == ACTIVE
    for voter in (hers, his):
        voter.voting.vote(proposal, True)
    assert his.voting.has_voted(proposal, alice.address)
    assert his.voting.tally_of(proposal) == Tally(2, 0, 1, 2, True)
    details = his.voting.get_proposal_ex(proposal)
    assert (details.snapshot_member_count, details.for_admin_votes) == (2, 1)
    assert details.executable_after == found.deadline
    with pytest.raises(ContractError) as caught:
        his.voting.execute(proposal)
    assert caught.value.name == "VotingNotEnded"
    chain.set_time(found.deadline + 1)
    assert his.voting.get_proposal(proposal).status == PASSED
    his.voting.execute(proposal)
    assert his.voting.get_proposal(proposal).status == EXECUTED
    assert hers.guilds.treasury_balance_of(guild) == 3 * LH


def test_a_vote_by_shares(
    economy: Economy, chain: EmbeddedChain, alice: Outbox, bob: Outbox
) -> None:
    hers, his = economy.diamond.by(alice), economy.diamond.by(bob)
    guild = hers.guilds.create_guild("makers")
    hers.guilds.set_role(guild, bob.address, MEMBER)
    his.guilds.accept_guild_invite(guild)
    hers.guilds.fund_guild(guild, 5 * LH)
    hers.weighted_voting.set_shares(guild, alice.address, 1)
    hers.weighted_voting.set_shares(guild, bob.address, 2)
    votes = his.weighted_voting
    assert (votes.shares_of(guild, bob.address), votes.total_shares_of(guild)) == (2, 3)
    proposal = votes.propose_weighted(guild, bob.address, LH, DAY, "rent")
    assert votes.weighted_proposals_of(guild, 0, 9) == ((proposal,), 1)
    assert votes.weighted_proposal_memo_of(proposal) == "rent"
    assert votes.voting_power_of(proposal, bob.address) == 2
    votes.vote_weighted(proposal, True)
    assert votes.has_voted_weighted(proposal, bob.address)
    found = votes.weighted_proposal(proposal)
    assert (found.for_shares, found.against_shares, found.quorum, found.passing) == (2, 0, 2, True)
    chain.set_time(found.deadline + 1)
    votes.execute_weighted(proposal)
    assert votes.weighted_proposal(proposal).status == EXECUTED
    assert hers.guilds.treasury_balance_of(guild) == 4 * LH


def test_a_tithe_of_what_comes_in(economy: Economy, alice: Outbox, bob: Outbox) -> None:
    hers, his = economy.diamond.by(alice), economy.diamond.by(bob).tithes
    guild = hers.guilds.create_guild("makers")
    his.set_tithe(guild, 1_000)
    his.set_tithe_cap(LH)
    assert his.tithe_of(bob.address) == (guild, 1_000)
    economy.credits.mint(bob.address, 5 * LH)
    assert hers.tithes.collect_tithe(bob.address) == LH // 2
    details = his.tithe_details_of(bob.address)
    assert (details.checkpoint, details.per_period_max) == (PURSE + 5 * LH - LH // 2, LH)
    assert hers.guilds.treasury_balance_of(guild) == LH // 2
    his.revoke_tithe()
    assert his.tithe_of(bob.address) == (0, 0)
