// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title What everything about guilds says of a guild that is none
interface IGuildErrors {
    error UnknownGuild();
}
