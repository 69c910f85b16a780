// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {LibGuild} from "../libraries/LibGuild.sol";

/// @title What other facets may ask about a guild, to be cut into a diamond under test
contract GuildProbeFacet {
    function guildExists(uint256 id) external view returns (bool) {
        return LibGuild.exists(id);
    }

    function guildTreasury(uint256 id) external view returns (uint256) {
        return LibGuild.treasury(id);
    }
}
