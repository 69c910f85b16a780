"""BountyFacet: escrowed tasks, paid to the account of the identity that did the work."""

from __future__ import annotations

from dataclasses import dataclass

from harness.chain.abi import Interface
from harness.chain.records import Receipt
from harness.diamond.client import ContractClient
from harness.protocol.addresses import Address

INTERFACE = Interface.of(
    """
function acceptResult(uint256 id)
function activeBountyCountOf(address poster) view returns (uint256)
function autoAccept(uint256 id)
function bountiesOf(address poster) view returns (uint256[] ids)
function bountiesOfPage(address poster, uint256 startAfter, uint256 limit) view returns (uint256[] ids, uint256 nextCursor)
function bountyCount() view returns (uint256)
function bountyTaskOf(uint256 id) view returns (bytes task)
function cancelBounty(uint256 id)
function claimBounty(uint256 id, uint256 claimantTokenId)
function getBounty(uint256 id) view returns (address poster, uint128 rewardWei, uint64 expiry, uint8 status, uint256 claimantTokenId)
function getBountyEx(uint256 id) view returns ((address claimer, uint64 claimedAt, uint64 submittedAt, uint64 claimTtl, uint64 reviewTtl, address payee, bool rejected) details)
function openBounties(uint256 startAfter, uint256 limit) view returns (uint256[] ids, uint256 nextCursor)
function postBounty(bytes task, uint128 rewardWei, uint64 ttlSeconds) returns (uint256 id)
function postBountyEx(bytes task, uint128 rewardWei, uint64 ttlSeconds, uint64 claimTtl, uint64 reviewTtl) returns (uint256 id)
function reclaimExpired(uint256 id)
function rejectResult(uint256 id, bytes32 reasonHash)
function rejections(address poster) view returns (uint256)
function releaseClaim(uint256 id)
function requestRevision(uint256 id)
function resultOf(uint256 id) view returns (bytes result)
function submitResult(uint256 id, bytes result)
function wasPaid(uint256 id, uint256 tokenId) view returns (bool)
event BountyCancelled(uint256 indexed id, address indexed poster, uint256 rewardWei)
event BountyClaimed(uint256 indexed id, uint256 indexed claimantTokenId, address indexed claimer)
event BountyPosted(uint256 indexed id, address indexed poster, uint256 rewardWei, uint64 expiry)
event BountyReclaimed(uint256 indexed id, address indexed poster, uint256 rewardWei)
event ClaimReleased(uint256 indexed id, uint256 indexed claimantTokenId, address indexed claimer)
event Owed(address indexed token, address indexed to, uint256 amount)
event ResultAccepted(uint256 indexed id, uint256 indexed claimantTokenId, address indexed payee, uint256 rewardWei)
event ResultRejected(uint256 indexed id, bytes32 reasonHash)
event ResultSubmitted(uint256 indexed id, uint256 indexed claimantTokenId)
event RevisionRequested(uint256 indexed id, uint256 indexed claimantTokenId)
error BadTtl()
error ClaimStillHeld()
error Expired()
error NotClaimant()
error NotClaimed()
error NotOpen()
error NotPoster()
error NotReclaimable()
error NotSubmitted()
error NotYetExpired()
error ResultTooLarge()
error ReviewOpen()
error ReviewOver()
error TaskTooLarge()
error TbaUnresolved()
error TooManyActiveBounties()
error UnknownBounty()
error UnknownClaimant()
error WasRejected()
error ZeroReward()
"""
)


@dataclass(frozen=True)
class Bounty:
    """`status`: 0 open, 1 claimed, 2 submitted, 3 paid, 4 cancelled, 5 reclaimed."""

    poster: Address
    reward_wei: int
    expiry: int
    status: int
    identity: int


@dataclass(frozen=True)
class BountyDetails:
    """Who holds the claim and since when; zero times where nothing happened yet."""

    claimer: Address
    claimed_at: int
    submitted_at: int
    claim_ttl: int
    review_ttl: int
    payee: Address
    rejected: bool


class Bounties(ContractClient):
    """Rewards in wei of $LH, times in seconds."""

    INTERFACE = INTERFACE

    def accept_result(self, bounty: int, *, key: str | None = None) -> Receipt:
        """Poster only: pay the claimant."""
        return self.write("acceptResult", bounty, key=key)

    def active_bounty_count_of(self, poster: Address) -> int:
        return int(self.read("activeBountyCountOf", poster))

    def auto_accept(self, bounty: int, *, key: str | None = None) -> Receipt:
        return self.write("autoAccept", bounty, key=key)

    def bounties_of(self, poster: Address) -> tuple[int, ...]:
        return tuple(self.read("bountiesOf", poster))

    def bounties_of_page(
        self, poster: Address, start_after: int, limit: int
    ) -> tuple[tuple[int, ...], int]:
        ids, next_cursor = self.read("bountiesOfPage", poster, start_after, limit)
        return ids, next_cursor

    def bounty_count(self) -> int:
        return int(self.read("bountyCount"))

    def bounty_task_of(self, bounty: int) -> bytes:
        return bytes(self.read("bountyTaskOf", bounty))

    def cancel_bounty(self, bounty: int, *, key: str | None = None) -> Receipt:
        return self.write("cancelBounty", bounty, key=key)

    def claim_bounty(self, bounty: int, identity: int, *, key: str | None = None) -> Receipt:
        return self.write("claimBounty", bounty, identity, key=key)

    def get_bounty(self, bounty: int) -> Bounty:
        return Bounty(*self.read("getBounty", bounty))

    def get_bounty_ex(self, bounty: int) -> BountyDetails:
        return BountyDetails(*self.read("getBountyEx", bounty))

    def open_bounties(self, start_after: int, limit: int) -> tuple[tuple[int, ...], int]:
        """A page of open bounties and the cursor of the next one."""
        ids, next_cursor = self.read("openBounties", start_after, limit)
        return ids, next_cursor

    def post_bounty(
        self, task: bytes, reward_wei: int, ttl_seconds: int, *, key: str | None = None
    ) -> int:
        """Escrow a reward; the bounty."""
        receipt = self.write("postBounty", task, reward_wei, ttl_seconds, key=key)
        return int(self.event(receipt, "BountyPosted")["id"])

    def post_bounty_ex(
        self,
        task: bytes,
        reward_wei: int,
        ttl_seconds: int,
        claim_ttl: int,
        review_ttl: int,
        *,
        key: str | None = None,
    ) -> int:
        """As postBounty, with times after which a claim is released or a result accepted by anybody."""
        receipt = self.write(
            "postBountyEx", task, reward_wei, ttl_seconds, claim_ttl, review_ttl, key=key
        )
        return int(self.event(receipt, "BountyPosted")["id"])

    def reclaim_expired(self, bounty: int, *, key: str | None = None) -> Receipt:
        return self.write("reclaimExpired", bounty, key=key)

    def reject_result(self, bounty: int, reason_hash: bytes, *, key: str | None = None) -> Receipt:
        return self.write("rejectResult", bounty, reason_hash, key=key)

    def rejections(self, poster: Address) -> int:
        return int(self.read("rejections", poster))

    def release_claim(self, bounty: int, *, key: str | None = None) -> Receipt:
        return self.write("releaseClaim", bounty, key=key)

    def request_revision(self, bounty: int, *, key: str | None = None) -> Receipt:
        return self.write("requestRevision", bounty, key=key)

    def result_of(self, bounty: int) -> bytes:
        return bytes(self.read("resultOf", bounty))

    def submit_result(self, bounty: int, result: bytes, *, key: str | None = None) -> Receipt:
        return self.write("submitResult", bounty, result, key=key)

    def was_paid(self, bounty: int, identity: int) -> bool:
        """Whether this bounty was paid to this identity."""
        return bool(self.read("wasPaid", bounty, identity))
