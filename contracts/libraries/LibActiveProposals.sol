// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {GuildTreasury} from "../storage/GuildStorage.sol";
import {LibNs} from "./LibNs.sol";

/// @title A guild's active proposals, at most 32, in no order
/// @notice An entry is the proposal's id with the proposer's seat above it. The first two lie in the treasury's word,
/// which proposing and executing touch anyway; the others six to a word.
library LibActiveProposals {
    uint256 internal constant MAX = 32;
    uint256 private constant INLINE = 2;
    uint256 private constant PER_PAGE = 6;
    uint256 private constant WIDTH = 40;

    function idAt(uint256 guildId, GuildTreasury storage t, uint256 index) internal view returns (uint256) {
        return _get(guildId, t, index) & type(uint32).max;
    }

    function seatAt(uint256 guildId, GuildTreasury storage t, uint256 index) internal view returns (uint256) {
        return _get(guildId, t, index) >> 32;
    }

    /// @dev There must be room, and `id` fit 32 bits.
    function add(uint256 guildId, GuildTreasury storage t, uint256 id, uint8 seat) internal {
        uint8 count = t.active;
        t.active = count + 1;
        _set(guildId, t, count, (uint256(seat) << 32) | id);
    }

    /// @dev `id` must be there. The last entry takes its place.
    function remove(uint256 guildId, GuildTreasury storage t, uint256 id) internal {
        uint8 last = t.active - 1;
        uint256 index = 0;
        while (index < last && idAt(guildId, t, index) != id) {
            index += 1;
        }
        if (index != last) _set(guildId, t, index, _get(guildId, t, last));
        t.active = last;
    }

    function _get(uint256 guildId, GuildTreasury storage t, uint256 index) private view returns (uint256) {
        if (index == 0) return t.first;
        if (index == 1) return t.second;
        uint256 place = index - INLINE;
        uint256 page = LibNs.guild().activeMore[guildId][place / PER_PAGE];
        return (page >> ((place % PER_PAGE) * WIDTH)) & type(uint40).max;
    }

    function _set(uint256 guildId, GuildTreasury storage t, uint256 index, uint256 entry) private {
        if (index == 0) {
            t.first = uint40(entry);
        } else if (index == 1) {
            t.second = uint40(entry);
        } else {
            uint256 place = index - INLINE;
            mapping(uint256 => uint256) storage pages = LibNs.guild().activeMore[guildId];
            uint256 shift = (place % PER_PAGE) * WIDTH;
            uint256 page = pages[place / PER_PAGE];
            pages[place / PER_PAGE] = (page & ~(uint256(type(uint40).max) << shift)) | (entry << shift);
        }
    }
}
