// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IErrors} from "./IErrors.sol";
import {IERC721Events} from "./IERC721Events.sol";
import {IGuildTreasury} from "./IGuildTreasury.sol";
import {IMainIdentityEvents} from "./IMainIdentityEvents.sol";
import {IRegistration} from "./IRegistration.sol";

/// @title Guilds: members with roles, and a treasury
/// @notice A guild is an identity (its id is the identity's), up to 128 members, and $LH held for it in the diamond's
/// ledger. Amounts in wei of $LH, times in seconds. Roles: 0 none, 1 member, 2 officer, 3 admin. Nobody becomes a
/// member without accepting, and a guild always has an admin.
/// @dev Members are addresses. A guild joins another through its token-bound account; it cannot join itself or a guild
/// that is its own member. Whoever holds the guild's identity acts with that account, but the treasury is not in it:
/// only roles and votes reach the treasury.
interface IGuildFacet is IErrors, IGuildTreasury, IRegistration, IERC721Events, IMainIdentityEvents {
    event GuildCreated(uint256 indexed guildId, address indexed founder, string name);
    event GuildInvited(uint256 indexed guildId, address indexed member, address indexed by, uint8 role);
    /// @notice `by` is the invited account when it declined.
    event GuildInviteRevoked(uint256 indexed guildId, address indexed member, address indexed by);
    event GuildJoined(uint256 indexed guildId, address indexed member);
    event GuildLeft(uint256 indexed guildId, address indexed member);
    /// @notice A member's role changed; 0 is an eviction.
    event RoleSet(uint256 indexed guildId, address indexed member, uint8 role, address indexed by);
    event GuildFunded(uint256 indexed guildId, address indexed funder, uint256 amount);
    /// @notice The policy asked for. `gateOffAt` and `limitFrom` say when its looser parts take over, 0 where at once.
    event GuildPolicySet(
        uint256 indexed guildId, address indexed by, GuildPolicy policy, uint64 gateOffAt, uint64 limitFrom
    );

    /// @notice The caller is neither officer nor admin.
    error NotOfficer();
    error NotAdmin();
    error NotMember();
    error AlreadyMember();
    /// @notice The address is the guild's own account.
    error SelfMembership();
    /// @notice The address is the account of a guild that has this guild's account as a member.
    error MembershipCycle();
    /// @notice The officer has sent as many invites in the last days as the policy allows.
    error InviteCapExceeded();
    /// @notice There is no invite, or it has expired.
    error NotInvited();
    /// @notice The guild has 128 members.
    error GuildFull();
    /// @notice The guild would be left without an admin.
    error LastAdmin();
    /// @notice A role is 0 to 3.
    error BadRole();
    /// @notice A tenure over 365 days, an execution delay over 14 days, or an invite cap over 255.
    error BadPolicy();
    error ZeroRecipient();
    error InsufficientTreasury();
    /// @notice The officer would spend more today than the policy allows.
    error OfficerLimitExceeded();

    /// @dev `adminGate`: a vote passes only with an admin in favour. `minTenure`: how long one must have been a member
    /// to vote on a proposal. `executionDelay`: between the end of a vote and its execution. `officerDailyLimit`: per
    /// officer and UTC day, 0 for no limit. `officerInviteCap`: per officer in any 7 days. A new guild has
    /// (true, 0, 0, 0, 32).
    struct GuildPolicy {
        bool adminGate;
        uint64 minTenure;
        uint64 executionDelay;
        uint128 officerDailyLimit;
        uint16 officerInviteCap;
    }

    /// @notice Registers `name` as `register` does, for the same cost, and founds a guild with the caller as its admin.
    /// `InvalidName`, `NameTaken`, `CommitRequired`, `NotConfigured` while there are no accounts, then the pull.
    function createGuild(string calldata name) external returns (uint256 guildId);
    /// @notice As `createGuild`, with a commitment as `registerCommitted` takes it.
    function createGuildCommitted(string calldata name, bytes32 salt) external returns (uint256 guildId);

    /// @notice Officer or admin: invites `member` to be a member, for 30 days; a new invite replaces the last.
    /// `UnknownGuild`, `NotOfficer`, `ZeroAddress`, `AlreadyMember`, `SelfMembership`, `MembershipCycle`,
    /// `InviteCapExceeded` (officers only).
    function inviteToGuild(uint256 guildId, address member) external;
    /// @notice Officer or admin. `UnknownGuild`, `NotOfficer`, `NotInvited`.
    function revokeInvite(uint256 guildId, address member) external;
    /// @notice The invited account. `NotInvited`.
    function declineInvite(uint256 guildId) external;
    /// @notice The invited account, a person's or a contract's, until the invite expires: joins with the role of the
    /// invite. `UnknownGuild`, `NotInvited`, `GuildFull`, `SelfMembership`, `MembershipCycle`.
    function acceptGuildInvite(uint256 guildId) external;
    /// @notice `UnknownGuild`, `NotMember`, `LastAdmin`.
    function leaveGuild(uint256 guildId) external;
    /// @notice Admin: gives a member another role, or evicts with 0; nothing happens when the role is the same. For
    /// somebody who is no member it invites to that role, and 0 takes an invite back. `BadRole`, `UnknownGuild`,
    /// `NotAdmin`, `LastAdmin`; inviting, `ZeroAddress`, `SelfMembership`, `MembershipCycle`.
    function setRole(uint256 guildId, address member, uint8 role) external;

    /// @notice Anyone: into the treasury, for good. `ZeroAmount`, `UnknownGuild`, `NotConfigured`, then the pull.
    function fundGuild(uint256 guildId, uint256 amount) external;
    /// @notice Officer or admin: pays out of the treasury. `UnknownGuild`, `NotOfficer`, `MemoTooLarge`, `ZeroAmount`,
    /// `ZeroRecipient`, `InsufficientTreasury`, `OfficerLimitExceeded` (officers only), then the push.
    function spendTreasury(uint256 guildId, address to, uint256 amount, bytes calldata memo) external;
    /// @notice Admin. What is stricter counts at once; switching the gate off and raising the daily limit wait 2 days,
    /// and asking for anything else meanwhile calls that off. `UnknownGuild`, `NotAdmin`, `BadPolicy`.
    function setGuildPolicy(uint256 guildId, GuildPolicy calldata policy) external;

    /// @notice Every member, at most 128.
    function guildMembersOf(uint256 guildId) external view returns (address[] memory members);
    /// @param startAfter Place in the list; `nextCursor` is the place to go on from. Members keep their place.
    function guildMembersPage(uint256 guildId, uint256 startAfter, uint256 limit)
        external
        view
        returns (address[] memory members, uint256 nextCursor);
    function roleOf(uint256 guildId, address account) external view returns (uint8);
    function isGuildMember(uint256 guildId, address account) external view returns (bool);
    /// @return The guild's number when this member joined; 0 for others. Later joins have higher ones.
    function memberSeqOf(uint256 guildId, address account) external view returns (uint256);
    /// @notice The pending invite of an account, zeros when there is none.
    /// @return role The role it will have.
    /// @return expiry Last second to accept.
    /// @return by Who invited; zero once they have left.
    function inviteOf(uint256 guildId, address account) external view returns (uint8 role, uint64 expiry, address by);
    function treasuryBalanceOf(uint256 guildId) external view returns (uint256);
    /// @return The guild's token-bound account. `UnknownGuild`.
    function guildAddress(uint256 guildId) external view returns (address);
    /// @return The name its identity has; empty once that is gone.
    function guildName(uint256 guildId) external view returns (string memory);
    /// @notice Every guild `account` is in; may exceed the gas limit of a node for huge accounts.
    function guildsOf(address account) external view returns (uint256[] memory ids);
    /// @param startAfter Index into the list; `nextCursor` is the index to go on from.
    function guildsPage(address account, uint256 startAfter, uint256 limit)
        external
        view
        returns (uint256[] memory ids, uint256 nextCursor);
    function isGuild(uint256 guildId) external view returns (bool);
    function guildCount() external view returns (uint256);
    /// @return policy The one in force now. `UnknownGuild`.
    function guildPolicyOf(uint256 guildId) external view returns (GuildPolicy memory policy);
    /// @notice What is waiting to be loosened. `UnknownGuild`.
    /// @return gateOffAt When the gate opens, 0 for never.
    /// @return officerDailyLimit The limit to come.
    /// @return limitFrom When it comes, 0 for never.
    function pendingGuildPolicyOf(uint256 guildId)
        external
        view
        returns (uint64 gateOffAt, uint128 officerDailyLimit, uint64 limitFrom);
}
