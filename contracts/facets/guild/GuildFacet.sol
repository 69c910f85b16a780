// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IGuildFacet} from "../../interfaces/IGuildFacet.sol";
import {LibGuild} from "../../libraries/LibGuild.sol";
import {LibGuildPolicy} from "../../libraries/LibGuildPolicy.sol";
import {LibIdList} from "../../libraries/LibIdList.sol";
import {LibLock} from "../../libraries/LibLock.sol";
import {LibMembership} from "../../libraries/LibMembership.sol";
import {LibNs} from "../../libraries/LibNs.sol";
import {LibPage} from "../../libraries/LibPage.sol";
import {LibRegistration} from "../../libraries/LibRegistration.sol";
import {LibRegistry} from "../../libraries/LibRegistry.sol";
import {LibSeats} from "../../libraries/LibSeats.sol";
import {LibTba} from "../../libraries/LibTba.sol";
import {IdPages} from "../../libraries/LibIdPages.sol";
import {GuildTreasury, Member, PendingLimit, Policy} from "../../storage/GuildStorage.sol";

/// @title GuildFacet: documented at IGuildFacet
contract GuildFacet is IGuildFacet {
    modifier nonReentrant() {
        LibLock.enter();
        _;
        LibLock.exit();
    }

    // Founding

    function createGuild(string calldata name) external nonReentrant returns (uint256 guildId) {
        // Check
        LibRegistration.requireOpen(name);
        guildId = _found(name);
    }

    function createGuildCommitted(string calldata name, bytes32 salt)
        external
        nonReentrant
        returns (uint256 guildId)
    {
        // Check
        LibRegistration.redeemCommitment(name, salt);
        guildId = _found(name);
    }

    // Members

    function inviteToGuild(uint256 guildId, address member) external {
        // Check
        Member storage by = _officer(guildId);
        if (member == address(0)) revert ZeroAddress();
        if (LibGuild.member(guildId, member).role != LibGuild.NONE) revert AlreadyMember();
        if (by.role == LibGuild.OFFICER) {
            LibMembership.requireInvitable(guildId, by, member);
            LibGuildPolicy.countInvite(guildId, msg.sender);
        }
        // Effect
        LibMembership.invite(guildId, by, member, LibGuild.MEMBER);
    }

    function revokeInvite(uint256 guildId, address member) external {
        // Check
        _officer(guildId);
        // Effect
        _takeBack(guildId, member);
    }

    function declineInvite(uint256 guildId) external {
        _takeBack(guildId, msg.sender);
    }

    function acceptGuildInvite(uint256 guildId) external {
        // Check
        Member storage m = LibGuild.member(guildId, msg.sender);
        if (!LibMembership.isInvited(m)) {
            LibGuild.requireExists(guildId);
            revert NotInvited();
        }
        // Effect
        LibMembership.join(guildId, m, msg.sender);
    }

    function leaveGuild(uint256 guildId) external {
        // Check
        Member storage m = LibGuild.member(guildId, msg.sender);
        if (m.role == LibGuild.NONE) {
            LibGuild.requireExists(guildId);
            revert NotMember();
        }
        // Effect
        LibMembership.leave(guildId, m, msg.sender);
        emit GuildLeft(guildId, msg.sender);
    }

    function setRole(uint256 guildId, address member, uint8 role) external {
        // Check
        if (role > LibGuild.ADMIN) revert BadRole();
        Member storage by = _admin(guildId);
        Member storage m = LibGuild.member(guildId, member);
        uint8 before = m.role;
        // Effect
        if (before == LibGuild.NONE) {
            _offer(guildId, by, member, role);
            return;
        }
        if (role == before) return;
        if (role == LibGuild.NONE) {
            LibMembership.leave(guildId, m, member);
        } else {
            LibMembership.changeAdmins(LibNs.guild().guilds[guildId], before, role);
            m.role = role;
        }
        emit RoleSet(guildId, member, role, msg.sender);
    }

    // Money

    function fundGuild(uint256 guildId, uint256 amount) external nonReentrant {
        // Check
        if (amount == 0) revert ZeroAmount();
        // Effect, Interaction
        LibGuild.fund(guildId, msg.sender, amount);
    }

    function spendTreasury(uint256 guildId, address to, uint256 amount, bytes calldata memo) external nonReentrant {
        // Check
        Member storage by = _officer(guildId);
        if (memo.length > LibGuild.MAX_MEMO) revert MemoTooLarge();
        if (amount == 0) revert ZeroAmount();
        if (to == address(0)) revert ZeroRecipient();
        GuildTreasury storage treasury = LibNs.guild().treasuries[guildId];
        if (amount > treasury.balance) revert InsufficientTreasury();
        if (by.role == LibGuild.OFFICER) LibGuildPolicy.countSpending(guildId, msg.sender, amount);
        // Effect, Interaction
        LibGuild.pay(guildId, treasury, to, amount, memo);
    }

    function setGuildPolicy(uint256 guildId, GuildPolicy calldata policy) external {
        // Check
        _admin(guildId);
        // Effect
        (uint64 gateOffAt, uint64 limitFrom) = LibGuildPolicy.set(guildId, policy);
        emit GuildPolicySet(guildId, msg.sender, policy, gateOffAt, limitFrom);
    }

    // Views

    function guildMembersOf(uint256 guildId) external view returns (address[] memory members) {
        (members,) = LibSeats.slice(guildId, LibNs.guild().guilds[guildId], 0, LibMembership.MAX_MEMBERS);
    }

    function guildMembersPage(uint256 guildId, uint256 startAfter, uint256 limit)
        external
        view
        returns (address[] memory members, uint256 nextCursor)
    {
        return LibSeats.slice(guildId, LibNs.guild().guilds[guildId], startAfter, LibPage.clamp(limit));
    }

    function roleOf(uint256 guildId, address account) external view returns (uint8) {
        return LibGuild.member(guildId, account).role;
    }

    function isGuildMember(uint256 guildId, address account) external view returns (bool) {
        return LibGuild.member(guildId, account).role != LibGuild.NONE;
    }

    function memberSeqOf(uint256 guildId, address account) external view returns (uint256) {
        Member storage m = LibGuild.member(guildId, account);
        return m.role == LibGuild.NONE ? 0 : m.joinedSeq;
    }

    function inviteOf(uint256 guildId, address account) external view returns (uint8 role, uint64 expiry, address by) {
        Member storage m = LibGuild.member(guildId, account);
        if (!LibMembership.isInvited(m)) return (role, expiry, by);
        role = m.inviteRole;
        expiry = m.inviteUntil;
        by = LibSeats.at(guildId, LibNs.guild().guilds[guildId], m.inviterSeat);
        // The place may have passed to somebody else.
        if (LibGuild.member(guildId, by).joinedSeq != m.inviterSeq) by = address(0);
    }

    function treasuryBalanceOf(uint256 guildId) external view returns (uint256) {
        return LibGuild.treasury(guildId);
    }

    function guildAddress(uint256 guildId) external view returns (address) {
        LibGuild.requireExists(guildId);
        return LibTba.accountOf(guildId);
    }

    function guildName(uint256 guildId) external view returns (string memory) {
        LibGuild.requireExists(guildId);
        return LibNs.registry().nameOf[guildId];
    }

    function guildsOf(address account) external view returns (uint256[] memory ids) {
        IdPages storage list = LibNs.guild().lists[account];
        (ids,) = LibIdList.slice(list, 0, LibIdList.length(list));
    }

    function guildsPage(address account, uint256 startAfter, uint256 limit)
        external
        view
        returns (uint256[] memory ids, uint256 nextCursor)
    {
        return LibIdList.slice(LibNs.guild().lists[account], startAfter, LibPage.clamp(limit));
    }

    function isGuild(uint256 guildId) external view returns (bool) {
        return LibGuild.exists(guildId);
    }

    function guildCount() external view returns (uint256) {
        return LibNs.guild().count;
    }

    function guildPolicyOf(uint256 guildId) external view returns (GuildPolicy memory policy) {
        LibGuild.requireExists(guildId);
        Policy storage p = LibNs.guild().policies[guildId];
        policy.adminGate = LibGuildPolicy.gateOn(guildId);
        policy.minTenure = p.minTenure;
        policy.executionDelay = p.executionDelay;
        policy.officerDailyLimit = LibGuildPolicy.dailyLimit(guildId);
        policy.officerInviteCap = LibGuildPolicy.inviteCap(guildId);
    }

    function pendingGuildPolicyOf(uint256 guildId)
        external
        view
        returns (uint64 gateOffAt, uint128 officerDailyLimit, uint64 limitFrom)
    {
        LibGuild.requireExists(guildId);
        Policy storage p = LibNs.guild().policies[guildId];
        if (block.timestamp < p.gateOffAt) gateOffAt = p.gateOffAt;
        PendingLimit storage pending = LibNs.guild().pendingLimits[guildId];
        if (p.limitLoosens && block.timestamp < pending.from) {
            officerDailyLimit = pending.dailyLimit;
            limitFrom = pending.from;
        }
    }

    // Rules

    function _found(string calldata name) private returns (uint256 id) {
        // Effect
        id = LibRegistry.mint(msg.sender, name);
        LibMembership.found(id, msg.sender);
        // Interaction
        LibRegistration.charge(msg.sender);
        emit GuildCreated(id, msg.sender, name);
    }

    /// @dev Somebody who is no member is asked, not seated; role 0 takes the question back.
    function _offer(uint256 id, Member storage by, address account, uint8 role) private {
        if (role == LibGuild.NONE) {
            if (LibMembership.isInvited(LibGuild.member(id, account))) _takeBack(id, account);
            return;
        }
        if (account == address(0)) revert ZeroAddress();
        LibMembership.invite(id, by, account, role);
    }

    function _takeBack(uint256 id, address account) private {
        Member storage m = LibGuild.member(id, account);
        if (!LibMembership.isInvited(m)) revert NotInvited();
        LibMembership.clearInvite(m);
        emit GuildInviteRevoked(id, account, msg.sender);
    }

    function _officer(uint256 id) private view returns (Member storage m) {
        m = LibGuild.member(id, msg.sender);
        if (m.role >= LibGuild.OFFICER) return m;
        LibGuild.requireExists(id);
        revert NotOfficer();
    }

    function _admin(uint256 id) private view returns (Member storage m) {
        m = LibGuild.member(id, msg.sender);
        if (m.role == LibGuild.ADMIN) return m;
        LibGuild.requireExists(id);
        revert NotAdmin();
    }
}
