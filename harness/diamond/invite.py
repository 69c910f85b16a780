"""InviteFacet: onboarding codes that carry the funder's own money."""

from __future__ import annotations

from dataclasses import dataclass

from harness.chain.abi import Interface
from harness.chain.records import Receipt
from harness.diamond.client import ContractClient
from harness.protocol.addresses import Address

INTERFACE = Interface.of(
    """
function acceptInvite(string code) returns (uint256 amount)
function acceptInviteCommitted(string code, bytes32 salt) returns (uint256 amount)
function acceptInviteFor(bytes32 codeHash, address recipient, uint256 deadline, bytes sig) returns (uint256 amount)
function commitInvite(bytes32 commitment)
function createInvite(bytes32 codeHash, uint256 amount, uint64 ttlSeconds)
function createInviteEx(bytes32 codeHash, uint256 amount, uint64 ttlSeconds, uint8 mode, address party)
function escrowedOf(address funder) view returns (uint256)
function getInvite(bytes32 codeHash) view returns (address funder, uint128 amount, uint64 expiry, uint8 status)
function inviteCommitmentOf(bytes32 commitment) view returns (uint256 committedAt)
function inviteModeOf(bytes32 codeHash) view returns (uint8 mode, address party)
function reclaimInvite(bytes32 codeHash)
event InviteAccepted(bytes32 indexed codeHash, address indexed accepter, address indexed funder, uint256 amount)
event InviteBound(bytes32 indexed codeHash, uint8 mode, address indexed party)
event InviteCommitted(bytes32 indexed commitment, address indexed account)
event InviteCreated(bytes32 indexed codeHash, address indexed funder, uint256 amount, uint64 expiry)
event InviteReclaimed(bytes32 indexed codeHash, address indexed funder, uint256 amount)
event Owed(address indexed token, address indexed to, uint256 amount)
error BadMode()
error BadTtl()
error ClaimKeyRequired()
error CodeTaken()
error CommitPending()
error CommitRequired()
error EscrowCapExceeded()
error Expired()
error NotOpen()
error NotRecipient()
error NotYetExpired()
error UnknownInvite()
"""
)
BEARER, RECIPIENT, CLAIM_KEY, COMMIT = range(4)


@dataclass(frozen=True)
class Invite:
    """`status`: 0 open, 1 accepted, 2 reclaimed."""

    funder: Address
    amount: int
    expiry: int
    status: int


class Invites(ContractClient):
    """Amounts in wei of $LH, times in seconds. Prefer mode CLAIM_KEY: a bearer code can be seen and taken."""

    INTERFACE = INTERFACE

    def accept_invite(self, code: str, *, key: str | None = None) -> int:
        """Pay the sender (bearer, or the one recipient); the amount."""
        receipt = self.write("acceptInvite", code, key=key)
        return int(self.event(receipt, "InviteAccepted")["amount"])

    def accept_invite_committed(self, code: str, salt: bytes, *, key: str | None = None) -> int:
        """Second step of mode COMMIT, 30 seconds to an hour after the first; the amount."""
        receipt = self.write("acceptInviteCommitted", code, salt, key=key)
        return int(self.event(receipt, "InviteAccepted")["amount"])

    def accept_invite_for(
        self,
        code_hash: bytes,
        recipient: Address,
        deadline: int,
        signature: bytes,
        *,
        key: str | None = None,
    ) -> int:
        """Pay whom the claim key signed for; the amount."""
        receipt = self.write("acceptInviteFor", code_hash, recipient, deadline, signature, key=key)
        return int(self.event(receipt, "InviteAccepted")["amount"])

    def commit_invite(self, commitment: bytes, *, key: str | None = None) -> Receipt:
        """First step of mode COMMIT: keccak256(abi.encode(code, sender, salt))."""
        return self.write("commitInvite", commitment, key=key)

    def create_invite(
        self, code_hash: bytes, amount: int, ttl_seconds: int, *, key: str | None = None
    ) -> Receipt:
        """A bearer invite."""
        return self.write("createInvite", code_hash, amount, ttl_seconds, key=key)

    def create_invite_ex(
        self,
        code_hash: bytes,
        amount: int,
        ttl_seconds: int,
        mode: int,
        party: Address,
        *,
        key: str | None = None,
    ) -> Receipt:
        """`party` is the recipient or the address of the claim key, else zero."""
        return self.write("createInviteEx", code_hash, amount, ttl_seconds, mode, party, key=key)

    def escrowed_of(self, funder: Address) -> int:
        return int(self.read("escrowedOf", funder))

    def get_invite(self, code_hash: bytes) -> Invite:
        return Invite(*self.read("getInvite", code_hash))

    def invite_commitment_of(self, commitment: bytes) -> int:
        """When it was made; zero for none."""
        return int(self.read("inviteCommitmentOf", commitment))

    def invite_mode_of(self, code_hash: bytes) -> tuple[int, Address]:
        """Mode and party."""
        mode, party = self.read("inviteModeOf", code_hash)
        return mode, party

    def reclaim_invite(self, code_hash: bytes, *, key: str | None = None) -> Receipt:
        """After expiry: back to the funder."""
        return self.write("reclaimInvite", code_hash, key=key)
