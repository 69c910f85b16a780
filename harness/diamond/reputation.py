"""ReputationFacet: ratings 1 to 5 of an identity, and which of them are backed by paid work."""

from __future__ import annotations

from harness.chain.abi import Interface
from harness.chain.records import Receipt
from harness.diamond.client import ContractClient
from harness.protocol.addresses import Address

INTERFACE = Interface.of(
    """
function attest(uint256 subjectTokenId, uint8 rating, bytes32 workRef)
function attestationsOf(uint256 tokenId, uint256 start, uint256 limit) view returns (address[] attesters, uint8[] ratings, bytes32[] workRefs, uint256 nextCursor)
function hasAttested(address attester, uint256 subjectTokenId, bytes32 workRef) view returns (bool)
function reputationOf(uint256 tokenId) view returns (uint256 attestationCount, uint256 ratingSum)
function revokeAttestation(uint256 subjectTokenId, bytes32 workRef)
function verifiedReputationOf(uint256 tokenId) view returns (uint256 count, uint256 sum)
function verifyAttestation(address attester, uint256 subjectTokenId, bytes32 workRef)
event AttestationRevoked(uint256 indexed subjectTokenId, address indexed attester, bytes32 indexed workRef)
event AttestationVerified(uint256 indexed subjectTokenId, address indexed attester, bytes32 indexed workRef)
event Attested(uint256 indexed subjectTokenId, address indexed attester, uint8 rating, bytes32 indexed workRef)
error AlreadyAttested()
error AlreadyVerified()
error BadRating()
error NotAttested()
error NotVerifiable()
error SelfAttestation()
error UnknownSubject()
"""
)


class Reputation(ContractClient):
    """A work reference is 32 bytes; `bytes32(bounty)` is one that can be verified."""

    INTERFACE = INTERFACE

    def attest(
        self, identity: int, rating: int, work_ref: bytes, *, key: str | None = None
    ) -> Receipt:
        return self.write("attest", identity, rating, work_ref, key=key)

    def attestations_of(
        self, identity: int, start: int, limit: int
    ) -> tuple[tuple[Address, ...], tuple[int, ...], tuple[bytes, ...], int]:
        """Attesters, ratings (0 = revoked), work references and the next cursor."""
        attesters, ratings, work_refs, next_cursor = self.read(
            "attestationsOf", identity, start, limit
        )
        return attesters, ratings, work_refs, next_cursor

    def has_attested(self, attester: Address, identity: int, work_ref: bytes) -> bool:
        return bool(self.read("hasAttested", attester, identity, work_ref))

    def reputation_of(self, identity: int) -> tuple[int, int]:
        """Number of live attestations and the sum of their ratings."""
        attestation_count, rating_sum = self.read("reputationOf", identity)
        return attestation_count, rating_sum

    def revoke_attestation(
        self, identity: int, work_ref: bytes, *, key: str | None = None
    ) -> Receipt:
        return self.write("revokeAttestation", identity, work_ref, key=key)

    def verified_reputation_of(self, identity: int) -> tuple[int, int]:
        """As reputation_of, counting only work that the attester paid for."""
        count, sum = self.read("verifiedReputationOf", identity)
        return count, sum

    def verify_attestation(
        self, attester: Address, identity: int, work_ref: bytes, *, key: str | None = None
    ) -> Receipt:
        return self.write("verifyAttestation", attester, identity, work_ref, key=key)
