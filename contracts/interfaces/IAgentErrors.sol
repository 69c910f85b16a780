// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IErrors} from "./IErrors.sol";

/// @title What the three agent registries (ERC-8004) refuse alike
interface IAgentErrors is IErrors {
    /// @notice No such identity, or no longer.
    error UnknownAgent();
    /// @notice The caller is neither the agent's holder, nor an operator of the holder, nor approved for the agent.
    error NotAgentOperator();
    /// @notice A tag is longer than 128 bytes.
    error TagTooLong();
    /// @notice More than `max` records would have to be read; ask for less, or read by the page.
    error ReadTooLarge(uint256 max);
}
