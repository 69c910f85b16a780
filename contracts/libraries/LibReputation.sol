// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {Attestation, Reputation, ReputationStorage} from "../storage/ReputationStorage.sol";
import {LibBounty} from "./LibBounty.sol";
import {LibNs} from "./LibNs.sol";

/// @title The trail of attestations and its two aggregates
library LibReputation {
    /// @dev Forms of a stored reference: a number below 2^72, bit 255 and such a number, anything else.
    uint8 private constant NUMBER = 0;
    uint8 private constant MARKET = 1;
    uint8 private constant LONG = 2;
    uint256 private constant MARKET_BIT = 1 << 255;

    function keyOf(address attester, uint256 subject, bytes32 workRef) internal pure returns (bytes32) {
        return keccak256(abi.encode(attester, subject, workRef));
    }

    function append(uint256 subject, address attester, uint8 rating, bytes32 workRef, bool verified) internal {
        ReputationStorage storage s = LibNs.reputation();
        Reputation storage reputation = s.subjects[subject];
        uint48 index = reputation.length;
        (uint8 form, uint72 ref) = _pack(workRef);
        s.trails[subject][index] = Attestation(attester, rating, form, verified, ref);
        if (form == LONG) s.longRefs[subject][index] = workRef;
        s.places[keyOf(attester, subject, workRef)] = uint256(index) + 1;
        reputation.length = index + 1;
        reputation.count += 1;
        reputation.sum += rating;
        if (verified) {
            reputation.verifiedCount += 1;
            reputation.verifiedSum += rating;
        }
    }

    function countVerified(uint256 subject, Attestation storage entry) internal {
        Reputation storage reputation = LibNs.reputation().subjects[subject];
        entry.verified = true;
        reputation.verifiedCount += 1;
        reputation.verifiedSum += entry.rating;
    }

    function revoke(uint256 subject, Attestation storage entry) internal {
        Reputation storage reputation = LibNs.reputation().subjects[subject];
        uint8 rating = entry.rating;
        reputation.count -= 1;
        reputation.sum -= rating;
        if (entry.verified) {
            reputation.verifiedCount -= 1;
            reputation.verifiedSum -= rating;
        }
        entry.rating = 0;
        entry.verified = false;
    }

    /// @dev Whether `attester` paid `subject` for what `workRef` names.
    function isPaidWork(address attester, uint256 subject, bytes32 workRef) internal view returns (bool) {
        uint256 id = uint256(workRef);
        return LibNs.bounty().bounties[id].poster == attester && LibBounty.wasPaid(id, subject);
    }

    function workRefOf(uint256 subject, uint256 index, Attestation storage entry) internal view returns (bytes32) {
        uint8 form = entry.form;
        if (form == LONG) return LibNs.reputation().longRefs[subject][index];
        return bytes32(form == MARKET ? MARKET_BIT | entry.ref : uint256(entry.ref));
    }

    function _pack(bytes32 workRef) private pure returns (uint8 form, uint72 ref) {
        uint256 number = uint256(workRef);
        if (number <= type(uint72).max) return (NUMBER, uint72(number));
        if (number >= MARKET_BIT && number - MARKET_BIT <= type(uint72).max) {
            return (MARKET, uint72(number - MARKET_BIT));
        }
        return (LONG, 0);
    }
}
