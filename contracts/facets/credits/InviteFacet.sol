// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IInviteFacet} from "../../interfaces/IInviteFacet.sol";
import {LibBuckets} from "../../libraries/LibBuckets.sol";
import {LibClaim} from "../../libraries/LibClaim.sol";
import {LibCredits} from "../../libraries/LibCredits.sol";
import {LibLock} from "../../libraries/LibLock.sol";
import {LibNs} from "../../libraries/LibNs.sol";
import {LibToken} from "../../libraries/LibToken.sol";
import {Invite, InviteCommitment, InviteStorage} from "../../storage/InviteStorage.sol";

/// @title InviteFacet: documented at IInviteFacet
contract InviteFacet is IInviteFacet {
    uint8 private constant OPEN = 0;
    uint8 private constant ACCEPTED = 1;
    uint8 private constant RECLAIMED = 2;

    uint8 private constant BEARER = 0;
    uint8 private constant RECIPIENT = 1;
    uint8 private constant CLAIM_KEY = 2;
    uint8 private constant COMMIT = 3;

    uint64 private constant MIN_TTL = 1 hours;
    uint64 private constant MAX_TTL = 90 days;
    uint256 private constant MAX_ESCROWED = 1_000_000e18;
    uint256 private constant COMMIT_MIN_AGE = 30;
    uint256 private constant COMMIT_MAX_AGE = 1 hours;

    /// @dev keccak256("InviteClaim(bytes32 codeHash,address recipient,uint256 deadline)")
    bytes32 private constant CLAIM_TYPEHASH = 0xda82a487ffae6c122944a374719dc415b74379ce94a92cc547321dd22bf7848a;

    modifier nonReentrant() {
        LibLock.enter();
        _;
        LibLock.exit();
    }

    function createInvite(bytes32 codeHash, uint256 amount, uint64 ttlSeconds) external nonReentrant {
        _create(codeHash, amount, ttlSeconds, BEARER, address(0));
    }

    function createInviteEx(bytes32 codeHash, uint256 amount, uint64 ttlSeconds, uint8 mode, address party)
        external
        nonReentrant
    {
        _create(codeHash, amount, ttlSeconds, mode, party);
    }

    function acceptInvite(string calldata code) external nonReentrant returns (uint256 amount) {
        // Check
        bytes32 codeHash = keccak256(bytes(code));
        Invite storage invite = _open(codeHash);
        uint8 mode = invite.mode;
        if (mode == RECIPIENT && msg.sender != invite.party) revert NotRecipient();
        if (mode == CLAIM_KEY) revert ClaimKeyRequired();
        if (mode == COMMIT) revert CommitRequired();
        // Effect, Interaction
        amount = _pay(codeHash, invite, msg.sender);
    }

    function acceptInviteFor(bytes32 codeHash, address recipient, uint256 deadline, bytes calldata sig)
        external
        nonReentrant
        returns (uint256 amount)
    {
        // Check
        Invite storage invite = _open(codeHash);
        if (invite.mode != CLAIM_KEY) revert BadMode();
        LibClaim.requireSigned(CLAIM_TYPEHASH, invite.party, codeHash, recipient, deadline, sig);
        // Effect, Interaction
        amount = _pay(codeHash, invite, recipient);
    }

    function commitInvite(bytes32 commitment) external {
        InviteStorage storage s = LibNs.invite();
        uint256 committedAt = s.commitments[commitment].time;
        if (committedAt != 0 && block.timestamp <= committedAt + COMMIT_MAX_AGE) revert CommitPending();
        s.commitments[commitment] = InviteCommitment(uint64(block.timestamp), uint64(block.number));
        emit InviteCommitted(commitment, msg.sender);
    }

    function acceptInviteCommitted(string calldata code, bytes32 salt) external nonReentrant returns (uint256 amount) {
        // Check
        bytes32 codeHash = keccak256(bytes(code));
        Invite storage invite = _open(codeHash);
        if (invite.mode != COMMIT) revert BadMode();
        bytes32 commitment = keccak256(abi.encode(code, msg.sender, salt));
        if (!_isMature(LibNs.invite().commitments[commitment])) revert CommitRequired();
        // Effect
        delete LibNs.invite().commitments[commitment];
        // Effect, Interaction
        amount = _pay(codeHash, invite, msg.sender);
    }

    function reclaimInvite(bytes32 codeHash) external nonReentrant {
        // Check
        Invite storage invite = _get(codeHash);
        if (invite.status != OPEN) revert NotOpen();
        if (block.timestamp <= invite.expiry) revert NotYetExpired();
        // Effect
        address funder = invite.funder;
        uint256 amount = _close(invite, funder, RECLAIMED);
        // Interaction
        LibToken.pushOrOwe(LibCredits.token(), funder, amount, LibBuckets.INVITE);
        emit InviteReclaimed(codeHash, funder, amount);
    }

    function getInvite(bytes32 codeHash)
        external
        view
        returns (address funder, uint128 amount, uint64 expiry, uint8 status)
    {
        Invite storage invite = _get(codeHash);
        return (invite.funder, invite.amount, invite.expiry, invite.status);
    }

    function inviteModeOf(bytes32 codeHash) external view returns (uint8 mode, address party) {
        Invite storage invite = _get(codeHash);
        return (invite.mode, invite.party);
    }

    function escrowedOf(address funder) external view returns (uint256) {
        return LibNs.invite().escrowed[funder];
    }

    function inviteCommitmentOf(bytes32 commitment) external view returns (uint256 committedAt) {
        return LibNs.invite().commitments[commitment].time;
    }

    function _create(bytes32 codeHash, uint256 amount, uint64 ttl, uint8 mode, address party) private {
        // Check
        InviteStorage storage s = LibNs.invite();
        if (s.invites[codeHash].funder != address(0)) revert CodeTaken();
        if (amount == 0) revert ZeroAmount();
        if (ttl < MIN_TTL || ttl > MAX_TTL) revert BadTtl();
        uint256 escrowed = s.escrowed[msg.sender];
        if (amount > MAX_ESCROWED - escrowed) revert EscrowCapExceeded();
        _requireParty(mode, party);
        // Effect: the caps keep the amount inside 96 bits and the expiry inside 40.
        uint64 expiry = uint64(block.timestamp) + ttl;
        s.escrowed[msg.sender] = escrowed + amount;
        s.invites[codeHash] = Invite(msg.sender, uint40(expiry), OPEN, mode, party, uint96(amount));
        // Interaction
        LibToken.pullExact(LibCredits.token(), msg.sender, amount, LibBuckets.INVITE);
        emit InviteCreated(codeHash, msg.sender, amount, expiry);
        if (mode != BEARER) emit InviteBound(codeHash, mode, party);
    }

    /// @dev To whoever asks to be paid, so a refused payment reverts and the invite stays open.
    function _pay(bytes32 codeHash, Invite storage invite, address accepter) private returns (uint256 amount) {
        address funder = invite.funder;
        amount = _close(invite, funder, ACCEPTED);
        LibToken.push(LibCredits.token(), accepter, amount, LibBuckets.INVITE);
        emit InviteAccepted(codeHash, accepter, funder, amount);
    }

    function _close(Invite storage invite, address funder, uint8 status) private returns (uint256 amount) {
        amount = invite.amount;
        invite.status = status;
        LibNs.invite().escrowed[funder] -= amount;
    }

    function _get(bytes32 codeHash) private view returns (Invite storage invite) {
        invite = LibNs.invite().invites[codeHash];
        if (invite.funder == address(0)) revert UnknownInvite();
    }

    function _open(bytes32 codeHash) private view returns (Invite storage invite) {
        invite = _get(codeHash);
        if (invite.status != OPEN) revert NotOpen();
        if (block.timestamp > invite.expiry) revert Expired();
    }

    function _isMature(InviteCommitment storage commitment) private view returns (bool) {
        uint256 time = commitment.time;
        return time != 0 && block.timestamp >= time + COMMIT_MIN_AGE && block.timestamp <= time + COMMIT_MAX_AGE
            && block.number > commitment.blockNumber;
    }

    /// @dev A party where the mode has one, and none where it has none: nobody shall believe an invite bound that is
    /// not.
    function _requireParty(uint8 mode, address party) private pure {
        if (mode > COMMIT) revert BadMode();
        bool bound = mode == RECIPIENT || mode == CLAIM_KEY;
        if (bound && party == address(0)) revert ZeroAddress();
        if (!bound && party != address(0)) revert BadMode();
    }
}
