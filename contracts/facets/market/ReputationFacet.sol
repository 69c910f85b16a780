// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IReputationFacet} from "../../interfaces/IReputationFacet.sol";
import {LibNs} from "../../libraries/LibNs.sol";
import {LibPage} from "../../libraries/LibPage.sol";
import {LibRegistry} from "../../libraries/LibRegistry.sol";
import {LibReputation} from "../../libraries/LibReputation.sol";
import {LibTba} from "../../libraries/LibTba.sol";
import {Attestation, Reputation, ReputationStorage} from "../../storage/ReputationStorage.sol";

/// @title ReputationFacet: documented at IReputationFacet
contract ReputationFacet is IReputationFacet {
    function attest(uint256 subjectTokenId, uint8 rating, bytes32 workRef) external {
        // Check
        if (rating == 0 || rating > 5) revert BadRating();
        address owner = LibRegistry.ownerOf(subjectTokenId);
        if (owner == address(0)) revert UnknownSubject();
        if (msg.sender == owner || msg.sender == LibTba.accountOrZero(subjectTokenId)) revert SelfAttestation();
        if (_place(msg.sender, subjectTokenId, workRef) != 0) revert AlreadyAttested();
        // Effect
        bool verified = LibReputation.isPaidWork(msg.sender, subjectTokenId, workRef);
        LibReputation.append(subjectTokenId, msg.sender, rating, workRef, verified);
        emit Attested(subjectTokenId, msg.sender, rating, workRef);
    }

    function revokeAttestation(uint256 subjectTokenId, bytes32 workRef) external {
        // Check
        Attestation storage entry = _live(msg.sender, subjectTokenId, workRef);
        // Effect
        LibReputation.revoke(subjectTokenId, entry);
        emit AttestationRevoked(subjectTokenId, msg.sender, workRef);
    }

    function verifyAttestation(address attester, uint256 subjectTokenId, bytes32 workRef) external {
        // Check
        Attestation storage entry = _live(attester, subjectTokenId, workRef);
        if (entry.verified) revert AlreadyVerified();
        if (!LibReputation.isPaidWork(attester, subjectTokenId, workRef)) revert NotVerifiable();
        // Effect
        LibReputation.countVerified(subjectTokenId, entry);
        emit AttestationVerified(subjectTokenId, attester, workRef);
    }

    function reputationOf(uint256 tokenId) external view returns (uint256 attestationCount, uint256 ratingSum) {
        Reputation storage reputation = LibNs.reputation().subjects[tokenId];
        return (reputation.count, reputation.sum);
    }

    function verifiedReputationOf(uint256 tokenId) external view returns (uint256 count, uint256 sum) {
        Reputation storage reputation = LibNs.reputation().subjects[tokenId];
        return (reputation.verifiedCount, reputation.verifiedSum);
    }

    function attestationsOf(uint256 tokenId, uint256 start, uint256 limit)
        external
        view
        returns (
            address[] memory attesters,
            uint8[] memory ratings,
            bytes32[] memory workRefs,
            uint256 nextCursor
        )
    {
        ReputationStorage storage s = LibNs.reputation();
        uint256 length = s.subjects[tokenId].length;
        uint256 size = start < length ? length - start : 0;
        if (size > LibPage.clamp(limit)) size = LibPage.clamp(limit);
        attesters = new address[](size);
        ratings = new uint8[](size);
        workRefs = new bytes32[](size);
        for (uint256 i = 0; i < size; i++) {
            Attestation storage entry = s.trails[tokenId][start + i];
            attesters[i] = entry.attester;
            ratings[i] = entry.rating;
            workRefs[i] = LibReputation.workRefOf(tokenId, start + i, entry);
        }
        nextCursor = size == 0 ? length : start + size;
    }

    function hasAttested(address attester, uint256 subjectTokenId, bytes32 workRef) external view returns (bool) {
        return _place(attester, subjectTokenId, workRef) != 0;
    }

    function _place(address attester, uint256 subject, bytes32 workRef) private view returns (uint256) {
        return LibNs.reputation().places[LibReputation.keyOf(attester, subject, workRef)];
    }

    function _live(address attester, uint256 subject, bytes32 workRef)
        private
        view
        returns (Attestation storage entry)
    {
        uint256 place = _place(attester, subject, workRef);
        if (place == 0) revert NotAttested();
        entry = LibNs.reputation().trails[subject][place - 1];
        if (entry.rating == 0) revert NotAttested();
    }
}
