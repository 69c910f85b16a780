// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IPartyFacet} from "../../interfaces/IPartyFacet.sol";
import {LibBuckets} from "../../libraries/LibBuckets.sol";
import {LibCast} from "../../libraries/LibCast.sol";
import {LibCredits} from "../../libraries/LibCredits.sol";
import {LibIdPages} from "../../libraries/LibIdPages.sol";
import {LibLock} from "../../libraries/LibLock.sol";
import {LibNs} from "../../libraries/LibNs.sol";
import {LibPage} from "../../libraries/LibPage.sol";
import {LibPartySeats} from "../../libraries/LibPartySeats.sol";
import {LibRegistry} from "../../libraries/LibRegistry.sol";
import {LibStates} from "../../libraries/LibStates.sol";
import {LibTba} from "../../libraries/LibTba.sol";
import {LibToken} from "../../libraries/LibToken.sol";
import {Contribution, Party, PartyCreator, PartyStorage, Pot} from "../../storage/PartyStorage.sol";

/// @title PartyFacet: documented at IPartyFacet
contract PartyFacet is IPartyFacet {
    uint8 private constant FORMING = 0;
    uint8 private constant ACTIVE = 1;
    uint8 private constant COMPLETED = 2;
    uint8 private constant DISBANDED = 3;

    uint64 private constant MIN_TTL = 1 hours;
    uint64 private constant MAX_TTL = 90 days;
    uint256 private constant MAX_PARTY_MEMBERS = 16;
    uint8 private constant MAX_FUNDERS = 64;
    uint64 private constant MAX_ACTIVE_PER_CREATOR = 32;
    uint256 private constant TOTAL_BPS = 10_000;

    modifier nonReentrant() {
        LibLock.enter();
        _;
        LibLock.exit();
    }

    function formParty(uint256[] calldata memberTokenIds, uint16[] calldata sharesBps, uint64 ttlSeconds)
        external
        returns (uint256 id)
    {
        // Check
        uint256 count = memberTokenIds.length;
        if (count == 0 || count > MAX_PARTY_MEMBERS || sharesBps.length != count) revert BadMembers();
        if (ttlSeconds < MIN_TTL || ttlSeconds > MAX_TTL) revert BadTtl();
        uint256[] memory seats = _seats(memberTokenIds, sharesBps);
        // Effect
        id = _admit();
        uint64 expiry = uint64(block.timestamp) + ttlSeconds;
        emit PartyFormed(id, msg.sender, expiry, count);
        (, uint256 good) = _consent(id, seats);
        PartyStorage storage s = LibNs.party();
        s.parties[id] = Party(msg.sender, uint40(expiry), uint8(count), 0, good == count);
        LibPartySeats.store(s.seats, id, seats);
        if (good == count) emit PartyActivated(id);
    }

    function joinParty(uint256 id) external {
        // Check
        Party storage party = _get(id);
        uint8 status = _statusOf(id, party);
        if (status > ACTIVE) revert NotForming();
        uint256 count = party.members;
        PartyStorage storage s = LibNs.party();
        uint256[] memory seats = LibPartySeats.load(s.seats, id, count);
        (uint256 joined, uint256 good) = _consent(id, seats);
        if (joined == 0 && status == ACTIVE) revert NotForming();
        if (block.timestamp > party.expiry) revert Expired();
        if (joined == 0) revert NothingToConsent();
        // Effect
        LibPartySeats.store(s.seats, id, seats);
        if (status == ACTIVE || good != count) return;
        party.active = true;
        emit PartyActivated(id);
    }

    function fundParty(uint256 id, uint128 amount) external nonReentrant {
        // Check
        if (amount == 0) revert ZeroAmount();
        Party storage party = _live(id);
        if (block.timestamp > party.expiry) revert Expired();
        // Effect
        _credit(id, party, amount);
        // Interaction
        LibToken.pullExact(LibCredits.token(), msg.sender, amount, LibBuckets.PARTY);
        emit PartyFunded(id, msg.sender, amount);
    }

    function completeParty(uint256 id) external nonReentrant {
        // Check
        Party storage party = _get(id);
        if (msg.sender != party.creator) revert NotCreator();
        if (_statusOf(id, party) != ACTIVE) revert NotActive();
        if (block.timestamp > party.expiry) revert Expired();
        uint256[] memory seats = LibPartySeats.load(LibNs.party().seats, id, party.members);
        _requirePayable(seats);
        // Effect
        _close(id, msg.sender, COMPLETED);
        // Interaction
        uint96 escrow = LibNs.party().pots[id].escrow;
        if (escrow != 0) _split(id, seats, escrow);
        emit PartyCompleted(id, escrow);
    }

    function disbandParty(uint256 id) external nonReentrant {
        // Check
        Party storage party = _live(id);
        address creator = party.creator;
        if (msg.sender != creator && block.timestamp <= party.expiry) revert NotDisbandable();
        // Effect
        _close(id, creator, DISBANDED);
        // Interaction
        uint96 escrow = LibNs.party().pots[id].escrow;
        if (escrow != 0) _refund(id, party.funders);
        emit PartyDisbanded(id, escrow);
    }

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
        )
    {
        Party storage party = _get(id);
        uint256[] memory seats = LibPartySeats.load(LibNs.party().seats, id, party.members);
        for (uint256 i = 0; i < seats.length; i++) {
            if (LibPartySeats.isGood(seats[i])) acceptedCount += 1;
        }
        creator = party.creator;
        expiry = party.expiry;
        status = _statusOf(id, party);
        escrowWei = LibNs.party().pots[id].escrow;
        memberCount = seats.length;
    }

    function partyMembersOf(uint256 id) external view returns (uint256[] memory tokenIds) {
        tokenIds = LibPartySeats.load(LibNs.party().seats, id, _get(id).members);
        for (uint256 i = 0; i < tokenIds.length; i++) {
            tokenIds[i] = LibPartySeats.identityOf(tokenIds[i]);
        }
    }

    function partySharesOf(uint256 id) external view returns (uint16[] memory sharesBps) {
        uint256[] memory seats = LibPartySeats.load(LibNs.party().seats, id, _get(id).members);
        sharesBps = new uint16[](seats.length);
        for (uint256 i = 0; i < seats.length; i++) {
            sharesBps[i] = uint16(LibPartySeats.shareOf(seats[i]));
        }
    }

    function partyConsentOf(uint256 id, uint256 tokenId) external view returns (bool) {
        uint256[] memory seats = LibPartySeats.load(LibNs.party().seats, id, _get(id).members);
        for (uint256 i = 0; i < seats.length; i++) {
            if (LibPartySeats.identityOf(seats[i]) == tokenId) return LibPartySeats.isGood(seats[i]);
        }
        return false;
    }

    function partyFundersOf(uint256 id) external view returns (address[] memory funders) {
        uint256 left = _get(id).funders;
        PartyStorage storage s = LibNs.party();
        funders = new address[](left);
        address funder = s.pots[id].newest;
        while (left > 0) {
            left -= 1;
            funders[left] = funder;
            funder = s.contributions[id][funder].previous;
        }
    }

    function partyContributionOf(uint256 id, address funder) external view returns (uint256) {
        return LibNs.party().contributions[id][funder].amount;
    }

    function partiesOf(address creator) external view returns (uint256[] memory ids) {
        PartyStorage storage s = LibNs.party();
        return LibIdPages.all(s.lists[creator], s.creators[creator].total);
    }

    function partiesOfPage(address creator, uint256 startAfter, uint256 limit)
        external
        view
        returns (uint256[] memory ids, uint256 nextCursor)
    {
        PartyStorage storage s = LibNs.party();
        return LibIdPages.slice(s.lists[creator], s.creators[creator].total, startAfter, LibPage.clamp(limit));
    }

    function partyCount() external view returns (uint256) {
        return LibNs.party().count;
    }

    function activePartyCountOf(address creator) external view returns (uint256) {
        return LibNs.party().creators[creator].live;
    }

    function liveParties(uint256 startAfter, uint256 limit)
        external
        view
        returns (uint256[] memory ids, uint256 nextCursor)
    {
        PartyStorage storage s = LibNs.party();
        uint256 count = s.count;
        uint256 size = LibPage.clamp(limit);
        ids = new uint256[](size);
        nextCursor = count;
        uint256 from = startAfter < count ? startAfter + 1 : count + 1;
        for (uint256 found = 0; found < size; found++) {
            (bool more, uint256 id) = LibStates.next(s.states, from);
            if (!more || id > count) return (LibPage.shorten(ids, found), count);
            ids[found] = id;
            nextCursor = id;
            from = id + 1;
        }
    }

    /// @dev The seats as they are before anybody consents. `BadShares`, `UnknownMember`, `DuplicateMember`.
    function _seats(uint256[] calldata tokenIds, uint16[] calldata shares)
        private
        view
        returns (uint256[] memory seats)
    {
        uint256 total = 0;
        for (uint256 i = 0; i < shares.length; i++) {
            if (shares[i] == 0) revert BadShares();
            total += shares[i];
        }
        if (total != TOTAL_BPS) revert BadShares();
        for (uint256 i = 0; i < tokenIds.length; i++) {
            if (LibRegistry.ownerOf(tokenIds[i]) == address(0)) revert UnknownMember();
        }
        seats = new uint256[](tokenIds.length);
        uint256 seen = 0;
        for (uint256 i = 0; i < seats.length; i++) {
            uint256 tokenId = tokenIds[i];
            // Equal ids have equal last bytes: only where one has been seen is it worth looking through the seats.
            uint256 bit = 1 << (tokenId & 0xff);
            if (seen & bit != 0) _requireNew(seats, i, tokenId);
            seen |= bit;
            seats[i] = LibPartySeats.make(tokenId, shares[i]);
        }
    }

    /// @dev `DuplicateMember`.
    function _requireNew(uint256[] memory seats, uint256 count, uint256 tokenId) private pure {
        for (uint256 i = 0; i < count; i++) {
            if (LibPartySeats.identityOf(seats[i]) == tokenId) revert DuplicateMember();
        }
    }

    /// @dev A new number, in the caller's list. `TooManyActiveParties`.
    function _admit() private returns (uint256 id) {
        PartyStorage storage s = LibNs.party();
        PartyCreator storage creator = s.creators[msg.sender];
        uint64 live = creator.live;
        if (live >= MAX_ACTIVE_PER_CREATOR) revert TooManyActiveParties();
        uint64 total = creator.total;
        s.creators[msg.sender] = PartyCreator(total + 1, live + 1);
        id = s.count + 1;
        s.count = id;
        LibIdPages.set(s.lists[msg.sender], total, id);
        LibStates.admit(s.states, id, false);
    }

    /// @dev Consents, in memory, for every seat of the caller's that waits for it.
    /// @return joined How many did.
    /// @return good How many seats of the party are consented now.
    function _consent(uint256 id, uint256[] memory seats) private returns (uint256 joined, uint256 good) {
        for (uint256 i = 0; i < seats.length; i++) {
            uint256 seat = seats[i];
            if (LibPartySeats.isGood(seat)) {
                good += 1;
                continue;
            }
            uint256 identity = LibPartySeats.identityOf(seat);
            if (LibRegistry.ownerOf(identity) != msg.sender) continue;
            seats[i] = LibPartySeats.consented(seat);
            joined += 1;
            good += 1;
            emit PartyJoined(id, identity, msg.sender);
        }
    }

    /// @dev Notes what the caller pays in. `TooManyFunders`, `CastOverflow`.
    function _credit(uint256 id, Party storage party, uint256 amount) private {
        PartyStorage storage s = LibNs.party();
        Pot storage pot = s.pots[id];
        Contribution storage contribution = s.contributions[id][msg.sender];
        uint96 before = contribution.amount;
        uint8 funders = party.funders;
        if (before == 0 && funders >= MAX_FUNDERS && msg.sender != party.creator) revert TooManyFunders();
        uint96 escrow = LibCast.toUint96(pot.escrow + amount);
        // No contribution exceeds the pot.
        if (before != 0) {
            pot.escrow = escrow;
            contribution.amount = before + uint96(amount);
            return;
        }
        party.funders = funders + 1;
        s.contributions[id][msg.sender] = Contribution(pot.newest, uint96(amount));
        s.pots[id] = Pot(msg.sender, escrow);
    }

    /// @dev The whole pot, to the last wei, to the members' accounts.
    function _split(uint256 id, uint256[] memory seats, uint256 escrow) private {
        address token = LibCredits.token();
        uint256 left = escrow;
        uint256 last = seats.length - 1;
        for (uint256 i = 0; i <= last; i++) {
            uint256 amount = i == last ? left : (escrow * LibPartySeats.shareOf(seats[i])) / TOTAL_BPS;
            if (amount == 0) continue;
            left -= amount;
            uint256 identity = LibPartySeats.identityOf(seats[i]);
            address account = LibTba.accountOrZero(identity);
            LibToken.pushOrOwe(token, account, amount, LibBuckets.PARTY);
            emit PartyMemberPaid(id, identity, account, amount);
        }
    }

    /// @dev To everybody what they put in, which adds up to the pot.
    function _refund(uint256 id, uint256 funders) private {
        address token = LibCredits.token();
        PartyStorage storage s = LibNs.party();
        address funder = s.pots[id].newest;
        for (uint256 i = 0; i < funders; i++) {
            Contribution storage contribution = s.contributions[id][funder];
            address next = contribution.previous;
            uint256 amount = contribution.amount;
            LibToken.pushOrOwe(token, funder, amount, LibBuckets.PARTY);
            emit PartyFunderRefunded(id, funder, amount);
            funder = next;
        }
    }

    /// @dev Ends a live party: the creator's place is free, the pot is for the caller to empty.
    function _close(uint256 id, address creator, uint8 status) private {
        PartyStorage storage s = LibNs.party();
        LibStates.set(s.states, id, status);
        s.creators[creator].live -= 1;
    }

    /// @dev `TbaUnresolved`, `ConsentStale`.
    function _requirePayable(uint256[] memory seats) private view {
        if (!LibTba.isConfigured()) revert TbaUnresolved();
        for (uint256 i = 0; i < seats.length; i++) {
            if (LibPartySeats.isGood(seats[i])) continue;
            if (LibRegistry.ownerOf(LibPartySeats.identityOf(seats[i])) == address(0)) revert TbaUnresolved();
            revert ConsentStale();
        }
    }

    /// @dev `UnknownParty`. Every party has a creator.
    function _get(uint256 id) private view returns (Party storage party) {
        party = LibNs.party().parties[id];
        if (party.creator == address(0)) revert UnknownParty();
    }

    /// @dev `UnknownParty`, `NotLive`.
    function _live(uint256 id) private view returns (Party storage party) {
        party = _get(id);
        if (_statusOf(id, party) > ACTIVE) revert NotLive();
    }

    function _statusOf(uint256 id, Party storage party) private view returns (uint8 status) {
        (status,) = LibStates.get(LibNs.party().states, id);
        if (status == FORMING && party.active) return ACTIVE;
    }
}
