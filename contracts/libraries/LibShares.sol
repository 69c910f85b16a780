// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {GuildShares, Shares, ShareTally, WeightedVotingStorage} from "../storage/WeightedVotingStorage.sol";
import {LibCast} from "./LibCast.sol";
import {LibNs} from "./LibNs.sol";

/// @title Shares of a guild's members, now and at any earlier sequence
library LibShares {
    function amountOf(uint256 guildId, address member) internal view returns (uint256) {
        return LibNs.weightedVoting().shares[guildId][member].amount;
    }

    /// @dev One more sequence: from here on `member` has `amount`. Nothing to do when that is so already.
    function set(uint256 guildId, address member, uint256 amount) internal {
        WeightedVotingStorage storage s = LibNs.weightedVoting();
        Shares storage shares = s.shares[guildId][member];
        uint256 before = shares.amount;
        if (amount == before) return;
        GuildShares storage guild = s.guilds[guildId];
        guild.total = LibCast.toUint128(guild.total - before + LibCast.toUint128(amount));
        uint32 sequence = guild.sequence + 1;
        guild.sequence = sequence;
        uint32 older = shares.older;
        uint32 since = shares.since;
        if (since != 0) {
            s.history[guildId][member][older] = Shares(uint128(before), since, older);
            shares.older = older + 1;
        }
        // No more than the total, which fits.
        shares.amount = uint128(amount);
        shares.since = sequence;
    }

    /// @dev What `member` had when `sequence` was the last; the search halves at most 32 times.
    function at(uint256 guildId, address member, uint256 sequence) internal view returns (uint256) {
        WeightedVotingStorage storage s = LibNs.weightedVoting();
        Shares storage latest = s.shares[guildId][member];
        if (latest.since <= sequence) return latest.amount;
        mapping(uint256 => Shares) storage history = s.history[guildId][member];
        uint256 low = 0;
        uint256 high = latest.older;
        while (low < high) {
            uint256 middle = (low + high) / 2;
            if (history[middle].since <= sequence) low = middle + 1;
            else high = middle;
        }
        return low == 0 ? 0 : history[low - 1].amount;
    }

    function quorum(ShareTally storage tally) internal view returns (uint256) {
        uint256 total = tally.total;
        return total == 0 ? 1 : (total + 1) / 2;
    }

    /// @dev Whether the ballots so far carry the proposal.
    function carry(uint256 id) internal view returns (bool) {
        ShareTally storage tally = LibNs.weightedVoting().tallies[id];
        uint256 inFavour = tally.inFavour;
        uint256 against = tally.against;
        return inFavour > against && inFavour + against >= quorum(tally);
    }
}
