// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {LibCast} from "./LibCast.sol";
import {LibRegistry} from "./LibRegistry.sol";

/// @dev Three seats to a word; a party has at most 16, so eight places are its own.
struct PartySeats {
    mapping(uint256 place => uint256 word) words;
}

/// @title A party's seats: identity, share and consent in 80 bits
/// @notice From the lowest bit: 32 of the identity, 16 of the share in basis points, 32 of the consent. A consent is
/// the identity's count of transfers at that time plus one; zero is none. Any later change of hands makes it differ.
library LibPartySeats {
    uint256 private constant SEAT_BITS = 80;
    uint256 private constant SEAT = (1 << SEAT_BITS) - 1;
    uint256 private constant PER_WORD = 3;
    uint256 private constant SHARE_AT = 32;
    uint256 private constant CONSENT_AT = 48;

    /// @dev A seat without consent. Registered ids fit 32 bits.
    function make(uint256 identity, uint16 share) internal pure returns (uint256 seat) {
        return uint256(LibCast.toUint32(identity)) | (uint256(share) << SHARE_AT);
    }

    function identityOf(uint256 seat) internal pure returns (uint256) {
        return seat & type(uint32).max;
    }

    function shareOf(uint256 seat) internal pure returns (uint256) {
        return (seat >> SHARE_AT) & type(uint16).max;
    }

    /// @dev Whether who holds the identity now has consented. False for an identity that is gone.
    function isGood(uint256 seat) internal view returns (bool) {
        uint256 consent = seat >> CONSENT_AT;
        if (consent == 0) return false;
        uint256 identity = identityOf(seat);
        return consent == LibRegistry.transfersOf(identity) + 1
            && LibRegistry.ownerOf(identity) != address(0);
    }

    /// @dev The seat with its present holder's consent. `CastOverflow` after 2^32 transfers: never a wrong match.
    function consented(uint256 seat) internal view returns (uint256) {
        uint256 consent = LibCast.toUint32(LibRegistry.transfersOf(identityOf(seat)) + 1);
        return (seat & ((1 << CONSENT_AT) - 1)) | (consent << CONSENT_AT);
    }

    function load(PartySeats storage self, uint256 party, uint256 count)
        internal
        view
        returns (uint256[] memory seats)
    {
        seats = new uint256[](count);
        uint256 word = 0;
        for (uint256 i = 0; i < count; i++) {
            if (i % PER_WORD == 0) word = self.words[_place(party, i)];
            seats[i] = word & SEAT;
            word >>= SEAT_BITS;
        }
    }

    function store(PartySeats storage self, uint256 party, uint256[] memory seats) internal {
        uint256 count = seats.length;
        uint256 word = 0;
        for (uint256 i = 0; i < count; i++) {
            word |= seats[i] << ((i % PER_WORD) * SEAT_BITS);
            if (i % PER_WORD != PER_WORD - 1 && i != count - 1) continue;
            self.words[_place(party, i)] = word;
            word = 0;
        }
    }

    function _place(uint256 party, uint256 index) private pure returns (uint256) {
        return (party << 3) | (index / PER_WORD);
    }
}
