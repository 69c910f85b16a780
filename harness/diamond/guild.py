"""GuildFacet: members by consent, roles, and a treasury that only roles and votes reach."""

from __future__ import annotations

from dataclasses import astuple, dataclass

from harness.chain.abi import Interface
from harness.chain.records import Receipt
from harness.diamond.client import ContractClient
from harness.protocol.addresses import Address

NONE, MEMBER, OFFICER, ADMIN = range(4)

INTERFACE = Interface.of(
    """
function acceptGuildInvite(uint256 guildId)
function createGuild(string name) returns (uint256 guildId)
function createGuildCommitted(string name, bytes32 salt) returns (uint256 guildId)
function declineInvite(uint256 guildId)
function fundGuild(uint256 guildId, uint256 amount)
function guildAddress(uint256 guildId) view returns (address)
function guildCount() view returns (uint256)
function guildMembersOf(uint256 guildId) view returns (address[] members)
function guildMembersPage(uint256 guildId, uint256 startAfter, uint256 limit) view returns (address[] members, uint256 nextCursor)
function guildName(uint256 guildId) view returns (string)
function guildPolicyOf(uint256 guildId) view returns ((bool adminGate, uint64 minTenure, uint64 executionDelay, uint128 officerDailyLimit, uint16 officerInviteCap) policy)
function guildsOf(address account) view returns (uint256[] ids)
function guildsPage(address account, uint256 startAfter, uint256 limit) view returns (uint256[] ids, uint256 nextCursor)
function inviteOf(uint256 guildId, address account) view returns (uint8 role, uint64 expiry, address by)
function inviteToGuild(uint256 guildId, address member)
function isGuild(uint256 guildId) view returns (bool)
function isGuildMember(uint256 guildId, address account) view returns (bool)
function leaveGuild(uint256 guildId)
function memberSeqOf(uint256 guildId, address account) view returns (uint256)
function pendingGuildPolicyOf(uint256 guildId) view returns (uint64 gateOffAt, uint128 officerDailyLimit, uint64 limitFrom)
function revokeInvite(uint256 guildId, address member)
function roleOf(uint256 guildId, address account) view returns (uint8)
function setGuildPolicy(uint256 guildId, (bool adminGate, uint64 minTenure, uint64 executionDelay, uint128 officerDailyLimit, uint16 officerInviteCap) policy)
function setRole(uint256 guildId, address member, uint8 role)
function spendTreasury(uint256 guildId, address to, uint256 amount, bytes memo)
function treasuryBalanceOf(uint256 guildId) view returns (uint256)
event GuildCreated(uint256 indexed guildId, address indexed founder, string name)
event GuildFunded(uint256 indexed guildId, address indexed funder, uint256 amount)
event GuildInviteRevoked(uint256 indexed guildId, address indexed member, address indexed by)
event GuildInvited(uint256 indexed guildId, address indexed member, address indexed by, uint8 role)
event GuildJoined(uint256 indexed guildId, address indexed member)
event GuildLeft(uint256 indexed guildId, address indexed member)
event GuildPolicySet(uint256 indexed guildId, address indexed by, (bool adminGate, uint64 minTenure, uint64 executionDelay, uint128 officerDailyLimit, uint16 officerInviteCap) policy, uint64 gateOffAt, uint64 limitFrom)
event RoleSet(uint256 indexed guildId, address indexed member, uint8 role, address indexed by)
event TreasurySpent(uint256 indexed guildId, address indexed to, uint256 amount, bytes memo)
error AlreadyMember()
error BadPolicy()
error BadRole()
error CommitRequired()
error GuildFull()
error InsufficientTreasury()
error InvalidName()
error InviteCapExceeded()
error LastAdmin()
error MembershipCycle()
error MemoTooLarge()
error NameTaken()
error NotAdmin()
error NotInvited()
error NotMember()
error NotOfficer()
error OfficerLimitExceeded()
error SelfMembership()
error UnknownGuild()
error ZeroRecipient()
"""
)


@dataclass(frozen=True)
class GuildPolicy:
    """Times in seconds; the limit in wei of $LH per officer and UTC day, 0 for none; the cap per officer in 7 days."""

    admin_gate: bool = True
    min_tenure: int = 0
    execution_delay: int = 0
    officer_daily_limit: int = 0
    officer_invite_cap: int = 32


@dataclass(frozen=True)
class PendingGuildPolicy:
    """When the gate opens, and which limit comes when; zero times for never."""

    gate_off_at: int
    officer_daily_limit: int
    limit_from: int


@dataclass(frozen=True)
class GuildInvite:
    """Zeros when there is none; `by` is zero once the inviter has left."""

    role: int
    expiry: int
    by: Address


class Guilds(ContractClient):
    """Amounts in wei of $LH, times in seconds. Roles: 0 none, 1 member, 2 officer, 3 admin."""

    INTERFACE = INTERFACE

    def accept_guild_invite(self, guild: int, *, key: str | None = None) -> Receipt:
        return self.write("acceptGuildInvite", guild, key=key)

    def create_guild(self, name: str, *, key: str | None = None) -> int:
        """Register a name as a guild, with the sender as its admin; the guild."""
        receipt = self.write("createGuild", name, key=key)
        return int(self.event(receipt, "GuildCreated")["guildId"])

    def create_guild_committed(self, name: str, salt: bytes, *, key: str | None = None) -> int:
        """As createGuild, with a commitment made before; the guild."""
        receipt = self.write("createGuildCommitted", name, salt, key=key)
        return int(self.event(receipt, "GuildCreated")["guildId"])

    def decline_invite(self, guild: int, *, key: str | None = None) -> Receipt:
        return self.write("declineInvite", guild, key=key)

    def fund_guild(self, guild: int, amount: int, *, key: str | None = None) -> Receipt:
        """Pay into the treasury; the Diamond needs an allowance."""
        return self.write("fundGuild", guild, amount, key=key)

    def guild_address(self, guild: int) -> Address:
        """The guild's own account, which joins other guilds."""
        return Address(self.read("guildAddress", guild))

    def guild_count(self) -> int:
        return int(self.read("guildCount"))

    def guild_members_of(self, guild: int) -> tuple[Address, ...]:
        return tuple(self.read("guildMembersOf", guild))

    def guild_members_page(
        self, guild: int, start_after: int, limit: int
    ) -> tuple[tuple[Address, ...], int]:
        members, next_cursor = self.read("guildMembersPage", guild, start_after, limit)
        return members, next_cursor

    def guild_name(self, guild: int) -> str:
        return str(self.read("guildName", guild))

    def guild_policy_of(self, guild: int) -> GuildPolicy:
        """What is in force now."""
        return GuildPolicy(*self.read("guildPolicyOf", guild))

    def guilds_of(self, account: Address) -> tuple[int, ...]:
        return tuple(self.read("guildsOf", account))

    def guilds_page(
        self, account: Address, start_after: int, limit: int
    ) -> tuple[tuple[int, ...], int]:
        ids, next_cursor = self.read("guildsPage", account, start_after, limit)
        return ids, next_cursor

    def invite_of(self, guild: int, account: Address) -> GuildInvite:
        return GuildInvite(*self.read("inviteOf", guild, account))

    def invite_to_guild(self, guild: int, member: Address, *, key: str | None = None) -> Receipt:
        """Officer or admin: invite somebody to be a member."""
        return self.write("inviteToGuild", guild, member, key=key)

    def is_guild(self, guild: int) -> bool:
        return bool(self.read("isGuild", guild))

    def is_guild_member(self, guild: int, account: Address) -> bool:
        return bool(self.read("isGuildMember", guild, account))

    def leave_guild(self, guild: int, *, key: str | None = None) -> Receipt:
        return self.write("leaveGuild", guild, key=key)

    def member_seq_of(self, guild: int, account: Address) -> int:
        """The guild's number when this member joined; 0 for others."""
        return int(self.read("memberSeqOf", guild, account))

    def pending_guild_policy_of(self, guild: int) -> PendingGuildPolicy:
        return PendingGuildPolicy(*self.read("pendingGuildPolicyOf", guild))

    def revoke_invite(self, guild: int, member: Address, *, key: str | None = None) -> Receipt:
        return self.write("revokeInvite", guild, member, key=key)

    def role_of(self, guild: int, account: Address) -> int:
        return int(self.read("roleOf", guild, account))

    def set_guild_policy(
        self, guild: int, policy: GuildPolicy, *, key: str | None = None
    ) -> Receipt:
        """Admin only; what is looser waits two days."""
        return self.write("setGuildPolicy", guild, astuple(policy), key=key)

    def set_role(
        self, guild: int, member: Address, role: int, *, key: str | None = None
    ) -> Receipt:
        """Admin only: another role, 0 to evict; for others an invite to that role."""
        return self.write("setRole", guild, member, role, key=key)

    def spend_treasury(
        self, guild: int, to: Address, amount: int, memo: bytes, *, key: str | None = None
    ) -> Receipt:
        """Officer or admin: pay out of the treasury."""
        return self.write("spendTreasury", guild, to, amount, memo, key=key)

    def treasury_balance_of(self, guild: int) -> int:
        return int(self.read("treasuryBalanceOf", guild))
