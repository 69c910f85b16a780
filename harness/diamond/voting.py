"""VotingFacet: what the members of a guild decide about its treasury, one ballot each."""

from __future__ import annotations

from dataclasses import dataclass

from harness.chain.abi import Interface
from harness.chain.records import Receipt
from harness.diamond.client import ContractClient
from harness.protocol.addresses import Address

ACTIVE, PASSED, FAILED, EXECUTED, EXPIRED = range(5)
DEFAULT_PERIOD = 7 * 86_400

INTERFACE = Interface.of(
    """
function activeProposalsOf(uint256 guildId) view returns (uint256[] ids)
function cancelProposal(uint256 id)
function execute(uint256 id)
function getProposal(uint256 id) view returns (uint256 guildId, address proposer, address to, uint256 amount, uint64 deadline, uint8 status, uint256 forVotes, uint256 againstVotes)
function getProposalEx(uint256 id) view returns ((uint256 snapshotMemberCount, uint256 snapshotSeq, uint256 forAdminVotes, bool adminGate, uint64 joinedBy, uint64 executableAfter, uint64 rankedUntil, uint64 expiresAfter) details)
function hasVoted(uint256 id, address account) view returns (bool)
function proposalCount() view returns (uint256)
function proposalMemoOf(uint256 id) view returns (bytes memo)
function proposalsOf(uint256 guildId, uint256 startAfter, uint256 limit) view returns (uint256[] ids, uint256 nextCursor)
function propose(uint256 guildId, address to, uint256 amount, bytes memo, uint64 votingPeriod) returns (uint256 id)
function tallyOf(uint256 id) view returns (uint256 forVotes, uint256 againstVotes, uint256 quorum, uint256 votesCast, bool passing)
function vote(uint256 id, bool support)
event ProposalCancelled(uint256 indexed id)
event ProposalCreated(uint256 indexed id, uint256 indexed guildId, address indexed proposer, address to, uint256 amount, uint64 deadline)
event ProposalExecuted(uint256 indexed id, address indexed to, uint256 amount)
event ProposalExpired(uint256 indexed id)
event ProposalFailed(uint256 indexed id)
event TreasurySpent(uint256 indexed guildId, address indexed to, uint256 amount, bytes memo)
event VoteCast(uint256 indexed id, address indexed voter, bool support, uint256 weight)
error AlreadyVoted()
error AmountExceedsTreasury()
error BadVotingPeriod()
error HigherRankPending()
error JoinedAfterSnapshot()
error MemoTooLarge()
error NotGuildMember()
error NotProposer()
error ProposalNotActive()
error TooManyProposals()
error UnknownGuild()
error UnknownProposal()
error VotesCast()
error VotingClosed()
error VotingNotEnded()
error ZeroProposalAmount()
error ZeroProposalRecipient()
"""
)


@dataclass(frozen=True)
class Proposal:
    """`status`: 0 active, 1 passed, 2 failed, 3 executed, 4 expired."""

    guild: int
    proposer: Address
    to: Address
    amount: int
    deadline: int
    status: int
    for_votes: int
    against_votes: int


@dataclass(frozen=True)
class ProposalDetails:
    """The rules the proposal was made under; `joined_by` is 0 where tenure does not matter."""

    snapshot_member_count: int
    snapshot_seq: int
    for_admin_votes: int
    admin_gate: bool
    joined_by: int
    executable_after: int
    ranked_until: int
    expires_after: int


@dataclass(frozen=True)
class Tally:
    """`passing`: whether it would pass with the ballots cast so far."""

    for_votes: int
    against_votes: int
    quorum: int
    votes_cast: int
    passing: bool


class Voting(ContractClient):
    """Amounts in wei of $LH, times in seconds."""

    INTERFACE = INTERFACE

    def active_proposals_of(self, guild: int) -> tuple[int, ...]:
        """At most 32, in no order."""
        return tuple(self.read("activeProposalsOf", guild))

    def cancel_proposal(self, proposal: int, *, key: str | None = None) -> Receipt:
        """Proposer only, before any ballot."""
        return self.write("cancelProposal", proposal, key=key)

    def execute(self, proposal: int, *, key: str | None = None) -> Receipt:
        """Once voting and delay are over: pay what passed, record the end of what did not."""
        return self.write("execute", proposal, key=key)

    def get_proposal(self, proposal: int) -> Proposal:
        return Proposal(*self.read("getProposal", proposal))

    def get_proposal_ex(self, proposal: int) -> ProposalDetails:
        return ProposalDetails(*self.read("getProposalEx", proposal))

    def has_voted(self, proposal: int, account: Address) -> bool:
        """False again once the account has left and joined anew."""
        return bool(self.read("hasVoted", proposal, account))

    def proposal_count(self) -> int:
        return int(self.read("proposalCount"))

    def proposal_memo_of(self, proposal: int) -> bytes:
        return bytes(self.read("proposalMemoOf", proposal))

    def proposals_of(self, guild: int, start_after: int, limit: int) -> tuple[tuple[int, ...], int]:
        ids, next_cursor = self.read("proposalsOf", guild, start_after, limit)
        return ids, next_cursor

    def propose(
        self,
        guild: int,
        to: Address,
        amount: int,
        memo: bytes = b"",
        voting_period: int = DEFAULT_PERIOD,
        *,
        key: str | None = None,
    ) -> int:
        """Member: ask for a payment out of the treasury; the proposal."""
        receipt = self.write("propose", guild, to, amount, memo, voting_period, key=key)
        return int(self.event(receipt, "ProposalCreated")["id"])

    def tally_of(self, proposal: int) -> Tally:
        return Tally(*self.read("tallyOf", proposal))

    def vote(self, proposal: int, support: bool, *, key: str | None = None) -> Receipt:
        return self.write("vote", proposal, support, key=key)
