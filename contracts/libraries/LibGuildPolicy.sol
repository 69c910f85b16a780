// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IGuildFacet} from "../interfaces/IGuildFacet.sol";
import {Officer, PendingLimit, Policy} from "../storage/GuildStorage.sol";
import {LibNs} from "./LibNs.sol";

/// @title What a guild allows its officers and asks of its votes
library LibGuildPolicy {
    uint256 internal constant LOOSEN_DELAY = 2 days;
    uint256 internal constant MAX_TENURE = 365 days;
    uint256 internal constant MAX_DELAY = 14 days;
    uint256 internal constant MAX_INVITE_CAP = 255;
    uint8 internal constant DEFAULT_INVITE_CAP = 32;
    /// @dev Seven days touch eight dates.
    uint256 private constant INVITE_DAYS = 8;

    /// @dev Whether a vote needs an admin in favour.
    function gateOn(uint256 id) internal view returns (bool) {
        Policy storage p = LibNs.guild().policies[id];
        if (!p.set) return true;
        return p.adminGate && (p.gateOffAt == 0 || block.timestamp < p.gateOffAt);
    }

    /// @dev Wei of $LH per officer and day, 0 for no limit.
    function dailyLimit(uint256 id) internal view returns (uint128) {
        Policy storage p = LibNs.guild().policies[id];
        if (p.limitLoosens) {
            PendingLimit storage pending = LibNs.guild().pendingLimits[id];
            if (block.timestamp >= pending.from) return pending.dailyLimit;
        }
        return p.dailyLimit;
    }

    function inviteCap(uint256 id) internal view returns (uint8) {
        Policy storage p = LibNs.guild().policies[id];
        return p.set ? p.inviteCap : DEFAULT_INVITE_CAP;
    }

    /// @dev `BadPolicy`. Says when the looser parts take over, zeros where at once.
    function set(uint256 id, IGuildFacet.GuildPolicy calldata wanted)
        internal
        returns (uint64 gateOffAt, uint64 limitFrom)
    {
        if (
            wanted.minTenure > MAX_TENURE || wanted.executionDelay > MAX_DELAY
                || wanted.officerInviteCap > MAX_INVITE_CAP
        ) revert IGuildFacet.BadPolicy();
        gateOffAt = _setGate(id, wanted.adminGate);
        limitFrom = _setLimit(id, wanted.officerDailyLimit);
        Policy storage p = LibNs.guild().policies[id];
        p.set = true;
        p.minTenure = uint32(wanted.minTenure);
        p.executionDelay = uint24(wanted.executionDelay);
        p.inviteCap = uint8(wanted.officerInviteCap);
        LibNs.guild().treasuries[id].custom = true;
    }

    /// @dev One more invite of an officer. `InviteCapExceeded`.
    function countInvite(uint256 id, address officer) internal {
        Officer storage o = LibNs.guild().officers[id][officer];
        uint256 today = block.timestamp / 1 days;
        uint256 age = today - o.inviteDay;
        uint256 counts = age < INVITE_DAYS ? (uint256(o.invites) << (8 * age)) & type(uint64).max : 0;
        uint256 total = 0;
        for (uint256 day = 0; day < INVITE_DAYS; day++) {
            total += (counts >> (8 * day)) & 0xff;
        }
        if (total >= inviteCap(id)) revert IGuildFacet.InviteCapExceeded();
        // A cap of 255 keeps each count inside its byte.
        o.invites = uint64(counts + 1);
        o.inviteDay = uint16(today);
    }

    /// @dev An officer's payment. `OfficerLimitExceeded`.
    function countSpending(uint256 id, address officer, uint256 amount) internal {
        uint256 limit = dailyLimit(id);
        if (limit == 0) return;
        Officer storage o = LibNs.guild().officers[id][officer];
        uint256 today = block.timestamp / 1 days;
        uint256 spent = o.spendDay == today ? o.spent : 0;
        if (amount > limit || spent > limit - amount) revert IGuildFacet.OfficerLimitExceeded();
        o.spent = uint128(spent + amount);
        o.spendDay = uint16(today);
    }

    /// @dev A gate on its way to open stays on its way when asked for again.
    function _setGate(uint256 id, bool on) private returns (uint64 gateOffAt) {
        Policy storage p = LibNs.guild().policies[id];
        if (!on && gateOn(id)) gateOffAt = p.gateOffAt == 0 ? uint64(block.timestamp + LOOSEN_DELAY) : p.gateOffAt;
        p.adminGate = on || gateOffAt != 0;
        p.gateOffAt = uint40(gateOffAt);
    }

    function _setLimit(uint256 id, uint128 wanted) private returns (uint64 limitFrom) {
        Policy storage p = LibNs.guild().policies[id];
        uint128 current = dailyLimit(id);
        bool looser = current != 0 && (wanted == 0 || wanted > current);
        if (!looser) {
            p.dailyLimit = wanted;
            p.limitLoosens = false;
            return 0;
        }
        PendingLimit storage pending = LibNs.guild().pendingLimits[id];
        if (!p.limitLoosens || pending.dailyLimit != wanted) {
            pending.dailyLimit = wanted;
            pending.from = uint40(block.timestamp + LOOSEN_DELAY);
        }
        p.dailyLimit = current;
        p.limitLoosens = true;
        limitFrom = pending.from;
    }
}
