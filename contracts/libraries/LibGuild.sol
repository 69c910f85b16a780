// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IGuildErrors} from "../interfaces/IGuildErrors.sol";
import {IGuildFacet} from "../interfaces/IGuildFacet.sol";
import {IGuildTreasury} from "../interfaces/IGuildTreasury.sol";
import {Guild, GuildStorage, GuildTreasury, Member} from "../storage/GuildStorage.sol";
import {LibBuckets} from "./LibBuckets.sol";
import {LibCast} from "./LibCast.sol";
import {LibCredits} from "./LibCredits.sol";
import {LibNs} from "./LibNs.sol";
import {LibToken} from "./LibToken.sol";

/// @title What a guild is to other facets: whether it exists, who is in it, and its treasury
library LibGuild {
    uint8 internal constant NONE = 0;
    uint8 internal constant MEMBER = 1;
    uint8 internal constant OFFICER = 2;
    uint8 internal constant ADMIN = 3;

    uint256 internal constant MAX_MEMO = 4_096;

    function exists(uint256 id) internal view returns (bool) {
        return LibNs.guild().guilds[id].sequence != 0;
    }

    /// @dev `UnknownGuild`.
    function requireExists(uint256 id) internal view {
        if (!exists(id)) revert IGuildErrors.UnknownGuild();
    }

    function member(uint256 id, address account) internal view returns (Member storage) {
        return LibNs.guild().members[id][account];
    }

    /// @dev Whether a member's record, as it is now, was one when the guild's sequence stood at `sequence`.
    function wasMemberAt(Member storage m, uint256 sequence) internal view returns (bool) {
        return m.joinedSeq != 0 && m.joinedSeq <= sequence && (m.role != NONE || sequence < m.leftSeq);
    }

    /// @dev In wei of $LH; zero for what is no guild.
    function treasury(uint256 id) internal view returns (uint256) {
        return LibNs.guild().treasuries[id].balance;
    }

    /// @dev Takes `amount` from `from` into the guild's treasury. Under the lock. `UnknownGuild`, `NotConfigured`.
    function fund(uint256 id, address from, uint256 amount) internal {
        GuildTreasury storage t = LibNs.guild().treasuries[id];
        // Only a guild can have been funded.
        if (t.balance == 0) requireExists(id);
        address token = LibCredits.token();
        t.balance = LibCast.toUint128(t.balance + amount);
        LibToken.pullExact(token, from, amount, LibBuckets.GUILD);
        emit IGuildFacet.GuildFunded(id, from, amount);
    }

    /// @dev Pays `amount` out of the guild's treasury, which must have it. Under the lock.
    function pay(uint256 id, GuildTreasury storage t, address to, uint256 amount, bytes memory memo) internal {
        t.balance = LibCast.toUint128(t.balance - amount);
        LibToken.push(LibCredits.token(), to, amount, LibBuckets.GUILD);
        emit IGuildTreasury.TreasurySpent(id, to, amount, memo);
    }
}
