"""WeightedVotingFacet: votes over a guild's treasury by shares."""

from __future__ import annotations

from dataclasses import dataclass

from harness.chain.abi import Interface
from harness.chain.records import Receipt
from harness.diamond.client import ContractClient
from harness.protocol.addresses import Address

INTERFACE = Interface.of(
    """
function executeWeighted(uint256 id)
function hasVotedWeighted(uint256 id, address account) view returns (bool)
function proposeWeighted(uint256 guildId, address to, uint256 amount, uint256 period, string memo) returns (uint256 id)
function setShares(uint256 guildId, address member, uint256 shares)
function sharesOf(uint256 guildId, address member) view returns (uint256)
function totalSharesOf(uint256 guildId) view returns (uint256)
function voteWeighted(uint256 id, bool support)
function votingPowerOf(uint256 id, address account) view returns (uint256)
function weightedProposal(uint256 id) view returns ((uint256 guildId, address proposer, address to, uint256 amount, uint64 deadline, uint8 status, uint256 forShares, uint256 againstShares, uint256 totalShares, uint256 quorum, bool passing) proposal)
function weightedProposalMemoOf(uint256 id) view returns (string memo)
function weightedProposalsOf(uint256 guildId, uint256 startAfter, uint256 limit) view returns (uint256[] ids, uint256 nextCursor)
event ProposalExecuted(uint256 indexed id, address indexed to, uint256 amount)
event ProposalExpired(uint256 indexed id)
event ProposalFailed(uint256 indexed id)
event SharesSet(uint256 indexed guildId, address indexed member, uint256 shares, uint256 totalShares, address indexed by)
event TreasurySpent(uint256 indexed guildId, address indexed to, uint256 amount, bytes memo)
event VoteCast(uint256 indexed id, address indexed voter, bool support, uint256 weight)
event WeightedProposalCreated(uint256 indexed id, uint256 indexed guildId, address indexed proposer, address to, uint256 amount, uint64 deadline)
error AlreadyVoted()
error AmountExceedsTreasury()
error BadVotingPeriod()
error HigherRankPending()
error JoinedAfterSnapshot()
error MemoTooLarge()
error NoVotingPower()
error NotAdmin()
error NotGuildMember()
error NotMember()
error ProposalNotActive()
error TooManyProposals()
error UnknownGuild()
error UnknownProposal()
error VotingClosed()
error VotingNotEnded()
error ZeroProposalAmount()
error ZeroProposalRecipient()
"""
)


@dataclass(frozen=True)
class WeightedProposal:
    """`status` as in votes by heads; the shares are those when the proposal was made."""

    guild: int
    proposer: Address
    to: Address
    amount: int
    deadline: int
    status: int
    for_shares: int
    against_shares: int
    total_shares: int
    quorum: int
    passing: bool


class WeightedVoting(ContractClient):
    """Amounts in wei of $LH, times in seconds, shares as given by the guild's admins."""

    INTERFACE = INTERFACE

    def execute_weighted(self, proposal: int, *, key: str | None = None) -> Receipt:
        """Once voting and delay are over: pay what passed, record the end of what did not."""
        return self.write("executeWeighted", proposal, key=key)

    def has_voted_weighted(self, proposal: int, account: Address) -> bool:
        """False again once the account has left and joined anew."""
        return bool(self.read("hasVotedWeighted", proposal, account))

    def propose_weighted(
        self,
        guild: int,
        to: Address,
        amount: int,
        period: int,
        memo: str = "",
        *,
        key: str | None = None,
    ) -> int:
        """Member: ask for a payment out of the treasury; the proposal."""
        receipt = self.write("proposeWeighted", guild, to, amount, period, memo, key=key)
        return int(self.event(receipt, "WeightedProposalCreated")["id"])

    def set_shares(
        self, guild: int, member: Address, shares: int, *, key: str | None = None
    ) -> Receipt:
        """Admin only: from now on, for proposals to come."""
        return self.write("setShares", guild, member, shares, key=key)

    def shares_of(self, guild: int, member: Address) -> int:
        return int(self.read("sharesOf", guild, member))

    def total_shares_of(self, guild: int) -> int:
        return int(self.read("totalSharesOf", guild))

    def vote_weighted(self, proposal: int, support: bool, *, key: str | None = None) -> Receipt:
        return self.write("voteWeighted", proposal, support, key=key)

    def voting_power_of(self, proposal: int, account: Address) -> int:
        """What a ballot would weigh, membership aside."""
        return int(self.read("votingPowerOf", proposal, account))

    def weighted_proposal(self, proposal: int) -> WeightedProposal:
        return WeightedProposal(*self.read("weightedProposal", proposal))

    def weighted_proposal_memo_of(self, proposal: int) -> str:
        return str(self.read("weightedProposalMemoOf", proposal))

    def weighted_proposals_of(
        self, guild: int, start_after: int, limit: int
    ) -> tuple[tuple[int, ...], int]:
        ids, next_cursor = self.read("weightedProposalsOf", guild, start_after, limit)
        return ids, next_cursor
