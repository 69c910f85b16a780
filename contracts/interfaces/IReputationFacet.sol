// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IErrors} from "./IErrors.sol";

/// @title Attestations 1 to 5 about an identity's work
/// @notice The open pair counts every live attestation and is cheap to inflate. The verified pair counts those whose
/// attester paid this identity for the work they cite; ranking should use that one. Averages are for the reader.
/// @dev A work reference is verifiable when it is `bytes32(bountyId)` of a paid bounty that the attester posted and
/// that was paid to the identity. References with bit 255 set, `bytes32(1 << 255 | jobId)`, belong to market jobs;
/// no market is part of this diamond yet, so they count in the open pair only.
interface IReputationFacet is IErrors {
    event Attested(uint256 indexed subjectTokenId, address indexed attester, uint8 rating, bytes32 indexed workRef);
    event AttestationRevoked(uint256 indexed subjectTokenId, address indexed attester, bytes32 indexed workRef);
    event AttestationVerified(uint256 indexed subjectTokenId, address indexed attester, bytes32 indexed workRef);

    /// @notice A rating is 1 to 5.
    error BadRating();
    error UnknownSubject();
    /// @notice The attester holds the identity or is its account.
    error SelfAttestation();
    /// @notice One attestation per attester, subject and reference, ever; a revoked one included.
    error AlreadyAttested();
    /// @notice There is no live attestation of this attester, subject and reference.
    error NotAttested();
    /// @notice The cited work has not been paid by the attester to the subject.
    error NotVerifiable();
    error AlreadyVerified();

    /// @notice `BadRating`, `UnknownSubject`, `SelfAttestation`, `AlreadyAttested`. Counts as verified at once when the
    /// cited work is already paid.
    function attest(uint256 subjectTokenId, uint8 rating, bytes32 workRef) external;
    /// @notice Takes back the caller's own: out of both pairs, rating 0 in the trail, the reference is spent for good.
    /// `NotAttested`.
    function revokeAttestation(uint256 subjectTokenId, bytes32 workRef) external;
    /// @notice Anyone: counts an attestation as verified whose work was paid after it was made. `NotAttested`,
    /// `AlreadyVerified`, `NotVerifiable`.
    function verifyAttestation(address attester, uint256 subjectTokenId, bytes32 workRef) external;

    function reputationOf(uint256 tokenId) external view returns (uint256 attestationCount, uint256 ratingSum);
    function verifiedReputationOf(uint256 tokenId) external view returns (uint256 count, uint256 sum);
    /// @notice The trail from index `start`, at most `limit` (200) entries; revoked ones have rating 0.
    /// @return attesters Who attested.
    /// @return ratings 1 to 5, 0 when revoked.
    /// @return workRefs What for.
    /// @return nextCursor Index to go on from; the length of the trail at its end.
    function attestationsOf(uint256 tokenId, uint256 start, uint256 limit)
        external
        view
        returns (
            address[] memory attesters,
            uint8[] memory ratings,
            bytes32[] memory workRefs,
            uint256 nextCursor
        );
    /// @return Whether the reference is spent for this attester and subject, a revoked attestation included.
    function hasAttested(address attester, uint256 subjectTokenId, bytes32 workRef) external view returns (bool);
}
