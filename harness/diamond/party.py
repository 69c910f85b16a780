"""PartyFacet: squads for one occasion, with a pot and a split agreed beforehand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harness.chain.abi import Interface
from harness.chain.records import Receipt
from harness.diamond.client import ContractClient
from harness.protocol.addresses import Address

INTERFACE = Interface.of(
    """
function activePartyCountOf(address creator) view returns (uint256)
function completeParty(uint256 id)
function disbandParty(uint256 id)
function formParty(uint256[] memberTokenIds, uint16[] sharesBps, uint64 ttlSeconds) returns (uint256 id)
function fundParty(uint256 id, uint128 amount)
function getParty(uint256 id) view returns (address creator, uint64 expiry, uint8 status, uint128 escrowWei, uint256 memberCount, uint256 acceptedCount)
function joinParty(uint256 id)
function liveParties(uint256 startAfter, uint256 limit) view returns (uint256[] ids, uint256 nextCursor)
function partiesOf(address creator) view returns (uint256[] ids)
function partiesOfPage(address creator, uint256 startAfter, uint256 limit) view returns (uint256[] ids, uint256 nextCursor)
function partyConsentOf(uint256 id, uint256 tokenId) view returns (bool)
function partyContributionOf(uint256 id, address funder) view returns (uint256)
function partyCount() view returns (uint256)
function partyFundersOf(uint256 id) view returns (address[] funders)
function partyMembersOf(uint256 id) view returns (uint256[] tokenIds)
function partySharesOf(uint256 id) view returns (uint16[] sharesBps)
event Owed(address indexed token, address indexed to, uint256 amount)
event PartyActivated(uint256 indexed id)
event PartyCompleted(uint256 indexed id, uint128 escrowWei)
event PartyDisbanded(uint256 indexed id, uint128 refundedWei)
event PartyFormed(uint256 indexed id, address indexed creator, uint64 expiry, uint256 memberCount)
event PartyFunded(uint256 indexed id, address indexed funder, uint128 amount)
event PartyFunderRefunded(uint256 indexed id, address indexed funder, uint256 amount)
event PartyJoined(uint256 indexed id, uint256 indexed memberTokenId, address indexed holder)
event PartyMemberPaid(uint256 indexed id, uint256 indexed memberTokenId, address account, uint256 amount)
error BadMembers()
error BadShares()
error BadTtl()
error ConsentStale()
error DuplicateMember()
error Expired()
error NotActive()
error NotCreator()
error NotDisbandable()
error NotForming()
error NotLive()
error NothingToConsent()
error TbaUnresolved()
error TooManyActiveParties()
error TooManyFunders()
error UnknownMember()
error UnknownParty()
"""
)


@dataclass(frozen=True)
class Party:
    """`status`: 0 forming, 1 active, 2 completed, 3 disbanded. `accepted` counts the consents that are good now."""

    creator: Address
    expiry: int
    status: int
    escrow_wei: int
    members: int
    accepted: int


class Parties(ContractClient):
    """Amounts in wei of $LH, times in seconds, shares in basis points."""

    INTERFACE = INTERFACE

    def active_party_count_of(self, creator: Address) -> int:
        """Forming and active ones, expired or not."""
        return int(self.read("activePartyCountOf", creator))

    def complete_party(self, party: int, *, key: str | None = None) -> Receipt:
        """Creator only, until expiry: pay every member's account its share; the last one what is left."""
        return self.write("completeParty", party, key=key)

    def disband_party(self, party: int, *, key: str | None = None) -> Receipt:
        """Pay everybody back what they put in: the creator at any time, anybody after expiry."""
        return self.write("disbandParty", party, key=key)

    def form_party(
        self,
        identities: Sequence[int],
        shares_bps: Sequence[int],
        ttl_seconds: int,
        *,
        key: str | None = None,
    ) -> int:
        """Name members and shares, which add up to 10,000; the party."""
        arguments = (list(identities), list(shares_bps), ttl_seconds)
        receipt = self.write("formParty", *arguments, key=key)
        return int(self.event(receipt, "PartyFormed")["id"])

    def fund_party(self, party: int, amount_wei: int, *, key: str | None = None) -> Receipt:
        """Add to the pot; the Diamond needs an approval."""
        return self.write("fundParty", party, amount_wei, key=key)

    def get_party(self, party: int) -> Party:
        return Party(*self.read("getParty", party))

    def join_party(self, party: int, *, key: str | None = None) -> Receipt:
        """Consent for every seat that the sender holds."""
        return self.write("joinParty", party, key=key)

    def live_parties(self, start_after: int, limit: int) -> tuple[tuple[int, ...], int]:
        """A page of forming and active parties and the cursor of the next one."""
        ids, next_cursor = self.read("liveParties", start_after, limit)
        return ids, next_cursor

    def parties_of(self, creator: Address) -> tuple[int, ...]:
        return tuple(self.read("partiesOf", creator))

    def parties_of_page(
        self, creator: Address, start_after: int, limit: int
    ) -> tuple[tuple[int, ...], int]:
        ids, next_cursor = self.read("partiesOfPage", creator, start_after, limit)
        return ids, next_cursor

    def party_consent_of(self, party: int, identity: int) -> bool:
        """Whether the identity has a seat and its present holder has consented."""
        return bool(self.read("partyConsentOf", party, identity))

    def party_contribution_of(self, party: int, funder: Address) -> int:
        return int(self.read("partyContributionOf", party, funder))

    def party_count(self) -> int:
        return int(self.read("partyCount"))

    def party_funders_of(self, party: int) -> tuple[Address, ...]:
        """In the order of their first payment."""
        return tuple(self.read("partyFundersOf", party))

    def party_members_of(self, party: int) -> tuple[int, ...]:
        return tuple(self.read("partyMembersOf", party))

    def party_shares_of(self, party: int) -> tuple[int, ...]:
        """In the order of the members."""
        return tuple(self.read("partySharesOf", party))
