// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IErrors} from "./IErrors.sol";
import {ILedgerEvents} from "./ILedgerEvents.sol";

/// @title Parties: squads for one occasion, with a pot and a split agreed beforehand
/// @notice Amounts in wei of $LH, times in seconds, shares in basis points. A party names identities and what share of
/// the pot each one's account gets; the split never changes. Each holder consents for the seats it holds. Anyone may
/// put money into the pot, which leaves once: split over the members, or back to everybody who paid in. Status: 0
/// forming, 1 active (every seat has consented), 2 completed, 3 disbanded.
/// @dev A consent is the present holder's: when the identity changes hands, even to come back, the seat has to consent
/// again. Payments are pushed or, where the token refuses, kept claimable (`claimOwed`), so no payee can hold up the
/// others.
interface IPartyFacet is IErrors, ILedgerEvents {
    event PartyFormed(uint256 indexed id, address indexed creator, uint64 expiry, uint256 memberCount);
    event PartyJoined(uint256 indexed id, uint256 indexed memberTokenId, address indexed holder);
    event PartyActivated(uint256 indexed id);
    event PartyFunded(uint256 indexed id, address indexed funder, uint128 amount);
    event PartyMemberPaid(uint256 indexed id, uint256 indexed memberTokenId, address account, uint256 amount);
    event PartyCompleted(uint256 indexed id, uint128 escrowWei);
    event PartyFunderRefunded(uint256 indexed id, address indexed funder, uint256 amount);
    event PartyDisbanded(uint256 indexed id, uint128 refundedWei);

    /// @notice No member, more than 16, or not as many shares as members.
    error BadMembers();
    /// @notice The life of a party is 1 hour to 90 days.
    error BadTtl();
    /// @notice A share is zero, or the shares do not add up to 10,000.
    error BadShares();
    /// @notice A member is no registered identity.
    error UnknownMember();
    /// @notice An identity has two seats.
    error DuplicateMember();
    /// @notice The creator has 32 live parties.
    error TooManyActiveParties();
    error UnknownParty();
    /// @notice The party has ended, or is active and the caller holds no seat whose consent is stale.
    error NotForming();
    /// @notice `now > expiry`.
    error Expired();
    /// @notice The caller holds no seat that waits for consent.
    error NothingToConsent();
    /// @notice The party is completed or disbanded.
    error NotLive();
    /// @notice 64 accounts have funded; of newcomers only the creator still may.
    error TooManyFunders();
    error NotCreator();
    /// @notice Not every seat has consented yet, or the party has ended.
    error NotActive();
    /// @notice A seat has changed hands since it consented.
    error ConsentStale();
    /// @notice A member is gone, or accounts are not configured.
    error TbaUnresolved();
    /// @notice Until expiry only the creator may disband.
    error NotDisbandable();

    /// @notice Names the members and their shares. Seats that the caller holds consent at once; a party of the caller's
    /// own identities begins active. `BadMembers`, `BadTtl`, `BadShares`, `UnknownMember`, `DuplicateMember`,
    /// `TooManyActiveParties`.
    /// @param memberTokenIds The members, 1 to 16. What rounding leaves goes to the last one.
    /// @param sharesBps Their shares in the same order; none is zero and they add up to 10,000.
    /// @param ttlSeconds How long the party may take, all in all.
    function formParty(uint256[] calldata memberTokenIds, uint16[] calldata sharesBps, uint64 ttlSeconds)
        external
        returns (uint256 id);
    /// @notice Holder of a seat, until expiry: consents for all seats the caller holds, also in an active party when a
    /// seat has changed hands. The last consent makes the party active. `UnknownParty`, `NotForming`, `Expired`,
    /// `NothingToConsent`.
    function joinParty(uint256 id) external;
    /// @notice Anyone, until expiry: adds to the pot. `ZeroAmount`, `UnknownParty`, `NotLive`, `Expired`,
    /// `TooManyFunders`, `CastOverflow` for a pot of 2^96 wei and more, `NotConfigured`, then the pull.
    function fundParty(uint256 id, uint128 amount) external;
    /// @notice Creator, until expiry: pays the pot out to the members' accounts and ends the party. `UnknownParty`,
    /// `NotCreator`, `NotActive`, `Expired`; then seat by seat `TbaUnresolved` and `ConsentStale`.
    function completeParty(uint256 id) external;
    /// @notice Creator at any time, anyone after expiry: pays everybody back what they put in and ends the party.
    /// `UnknownParty`, `NotLive`, `NotDisbandable`.
    function disbandParty(uint256 id) external;

    /// @notice `UnknownParty`. `escrowWei` stays readable after the end; `acceptedCount` counts the seats whose consent
    /// is good now.
    function getParty(uint256 id)
        external
        view
        returns (
            address creator,
            uint64 expiry,
            uint8 status,
            uint128 escrowWei,
            uint256 memberCount,
            uint256 acceptedCount
        );
    /// @notice `UnknownParty`. In the order of the split.
    function partyMembersOf(uint256 id) external view returns (uint256[] memory tokenIds);
    /// @notice `UnknownParty`. In the order of `partyMembersOf`.
    function partySharesOf(uint256 id) external view returns (uint16[] memory sharesBps);
    /// @notice `UnknownParty`. Whether the identity has a seat whose consent is good now.
    function partyConsentOf(uint256 id, uint256 tokenId) external view returns (bool);
    /// @notice `UnknownParty`. Everybody who has put money in, in the order of their first payment; at most 65.
    function partyFundersOf(uint256 id) external view returns (address[] memory funders);
    /// @return What `funder` has put into the party, also after its end.
    function partyContributionOf(uint256 id, address funder) external view returns (uint256);
    /// @notice Every party `creator` ever formed; may exceed the gas limit of a node for huge accounts.
    function partiesOf(address creator) external view returns (uint256[] memory ids);
    /// @param startAfter Index into the list; `nextCursor` is the index to go on from.
    function partiesOfPage(address creator, uint256 startAfter, uint256 limit)
        external
        view
        returns (uint256[] memory ids, uint256 nextCursor);
    function partyCount() external view returns (uint256);
    /// @return How many forming and active parties `creator` has, expired ones included.
    function activePartyCountOf(address creator) external view returns (uint256);
    /// @notice Forming and active parties above `startAfter`, ascending, at most `limit` (200); expired ones stay among
    /// them until somebody disbands them.
    /// @return ids The page.
    /// @return nextCursor Last id of the page, or `partyCount()` when there is nothing more.
    function liveParties(uint256 startAfter, uint256 limit)
        external
        view
        returns (uint256[] memory ids, uint256 nextCursor);
}
