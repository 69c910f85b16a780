// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IErrors} from "./IErrors.sol";
import {ILedgerEvents} from "./ILedgerEvents.sol";

/// @title Onboarding codes that carry the funder's own money
/// @notice Amounts in wei of $LH, times in seconds. The amount is escrowed when the invite is created and leaves once:
/// to whoever accepts until the expiry, or back to the funder after it. `codeHash` is keccak256 of the code's bytes.
/// Status: 0 open, 1 accepted, 2 reclaimed. Modes: 0 bearer, 1 one recipient, 2 claim key, 3 commit and reveal.
/// @dev A bearer code is public the moment it is sent: whoever sees it pending may take it, and no contract can help.
/// Mode 2 is the one to use: the funder registers the address of a key derived from the code, and whoever knows the
/// code signs for the recipient. Codes need 128 bits of entropy; a short one is found from its hash.
/// EIP-712 domain ("facetworks-invite", "1"), type
/// InviteClaim(bytes32 codeHash,address recipient,uint256 deadline).
interface IInviteFacet is IErrors, ILedgerEvents {
    event InviteCreated(bytes32 indexed codeHash, address indexed funder, uint256 amount, uint64 expiry);
    /// @notice Follows the creation of an invite that is not a bearer's.
    event InviteBound(bytes32 indexed codeHash, uint8 mode, address indexed party);
    event InviteCommitted(bytes32 indexed commitment, address indexed account);
    event InviteAccepted(
        bytes32 indexed codeHash, address indexed accepter, address indexed funder, uint256 amount
    );
    event InviteReclaimed(bytes32 indexed codeHash, address indexed funder, uint256 amount);

    /// @notice A code can be used for one invite, ever.
    error CodeTaken();
    /// @notice An invite is open for 1 hour to 90 days.
    error BadTtl();
    /// @notice A funder has at most 1,000,000 $LH in open invites.
    error EscrowCapExceeded();
    /// @notice No such mode, a party for a mode that has none, or the invite is of another mode than this call takes.
    error BadMode();
    error UnknownInvite();
    error NotOpen();
    /// @notice `now > expiry`.
    error Expired();
    error NotYetExpired();
    /// @notice The invite is for somebody else.
    error NotRecipient();
    /// @notice The invite is claimed by signature, with `acceptInviteFor`.
    error ClaimKeyRequired();
    /// @notice The invite asks for a commitment, and there is none, or it is younger than 30 seconds and a block, or
    /// older than an hour.
    error CommitRequired();
    /// @notice The same commitment is waiting and has not expired.
    error CommitPending();

    /// @notice Creates a bearer invite. `CodeTaken`, `ZeroAmount`, `BadTtl`, `EscrowCapExceeded`, `NotConfigured`, then
    /// the pull.
    function createInvite(bytes32 codeHash, uint256 amount, uint64 ttlSeconds) external;
    /// @notice `party` is the recipient (mode 1) or the claim key (mode 2), else zero. `CodeTaken`, `ZeroAmount`,
    /// `BadTtl`, `EscrowCapExceeded`, `BadMode`, `ZeroAddress`, `NotConfigured`, then the pull.
    function createInviteEx(bytes32 codeHash, uint256 amount, uint64 ttlSeconds, uint8 mode, address party) external;
    /// @notice Pays the caller, modes 0 and 1. `UnknownInvite`, `NotOpen`, `Expired`, then by mode `NotRecipient`,
    /// `ClaimKeyRequired`, `CommitRequired`.
    function acceptInvite(string calldata code) external returns (uint256 amount);
    /// @notice Anyone, mode 2: pays `recipient`, for whom the claim key signed, until `deadline`. `UnknownInvite`,
    /// `NotOpen`, `Expired`, `BadMode`, `AuthExpired`, `BadSignature`.
    function acceptInviteFor(bytes32 codeHash, address recipient, uint256 deadline, bytes calldata sig)
        external
        returns (uint256 amount);
    /// @notice First step of mode 3: `commitment` is keccak256(abi.encode(code, caller, salt)), over the code and not
    /// its hash, so that nobody can commit who does not know it. `CommitPending`.
    function commitInvite(bytes32 commitment) external;
    /// @notice Second step, from 30 seconds and a block to an hour after the first: pays the caller. `UnknownInvite`,
    /// `NotOpen`, `Expired`, `BadMode`, `CommitRequired`.
    function acceptInviteCommitted(string calldata code, bytes32 salt) external returns (uint256 amount);
    /// @notice Anyone, after expiry: refunds the funder. `UnknownInvite`, `NotOpen`, `NotYetExpired`.
    function reclaimInvite(bytes32 codeHash) external;

    /// @notice `UnknownInvite`.
    function getInvite(bytes32 codeHash)
        external
        view
        returns (address funder, uint128 amount, uint64 expiry, uint8 status);
    /// @notice `UnknownInvite`.
    function inviteModeOf(bytes32 codeHash) external view returns (uint8 mode, address party);
    /// @return What `funder` has in open invites, those expired and not reclaimed included.
    function escrowedOf(address funder) external view returns (uint256);
    /// @return committedAt Zero when there is no such commitment.
    function inviteCommitmentOf(bytes32 commitment) external view returns (uint256 committedAt);
}
